import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { canBeNamed, preloadWith } from "./preload.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "unplug-preload-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("ours comes first, and what is there stays in its order", () => {
  expect(preloadWith("/ours.so", undefined)).toBe("/ours.so");
  expect(preloadWith("/ours.so", "")).toBe("/ours.so");
  expect(preloadWith("/ours.so", "libjemalloc.so.2 /opt/scope.so")).toBe(
    "/ours.so:libjemalloc.so.2:/opt/scope.so",
  );
  expect(preloadWith("/ours.so", ":/opt/a.so::\t/opt/b.so")).toBe("/ours.so:/opt/a.so:/opt/b.so");
});

test("an interceptor is not listed twice, also not another copy of it", () => {
  const copy = join(folder, "interceptor.so");
  writeFileSync(copy, "\x7fELF … UNPLUG_INTERCEPTOR …");
  const other = join(folder, "other.so");
  writeFileSync(other, "\x7fELF …");

  expect(preloadWith("/ours.so", `/ours.so:${copy}:${other}`)).toBe(`/ours.so:${other}`);
});

test.each([
  ["/usr/lib/unplug/x86_64.so", true],
  ["/home/me@work/déjà-vu+1/x86_64.so", true],
  ["/home/my things/x86_64.so", false],
  ["/home/a:b/x86_64.so", false],
  ["/home/a\tb/x86_64.so", false],
  ["/home/$LIB/x86_64.so", false],
  ["/home/a;b/x86_64.so", false],
])("whether %j can be named: %s", (path, can) => {
  expect(canBeNamed(path)).toBe(can);
});
