import { expect, test } from "vitest";
import { goToolWarning } from "./go-tool.ts";

test.each([
  ["/usr/lib/go-1.19/bin/go", ["run", "."], "run"],
  ["/opt/go/bin/go1.27.4", ["test", "./..."], "test"],
  ["/usr/bin/go", ["-C", "shop", "test"], "test"],
  ["/usr/bin/go", ["-C=shop", "run", "."], "run"],
])("says how %s %j reaches what it starts", (file, args, verb) => {
  expect(goToolWarning(file, args)).toContain(`go ${verb} -exec 'unplug exec --block TARGET --'`);
});

test.each([
  ["/usr/bin/go", ["build", "run"]],
  ["/usr/bin/go", ["mod", "download"]],
  ["/usr/bin/go", []],
  ["/usr/bin/gofmt", ["run"]],
  ["/srv/goto", ["test"]],
  ["/usr/bin/npm", ["test"]],
])("says nothing of %s %j, which starts no Go program that it built", (file, args) => {
  expect(goToolWarning(file, args)).toBeNull();
});
