import { expect, test } from "vitest";
import { helpAsked } from "./help-asked.ts";

test.each([
  ["--help", ""],
  ["-h", ""],
  ["help", ""],
  ["help run", "run"],
  ["run --help", "run"],
  ["run -h", "run"],
  ["", null],
  ["run", null],
  ["run x.yaml", null],
  ["help run --help", null],
  ["fault lambda-throttle --help", null],
  ["exec -- program --help", null],
])("%j asks for the help of %j", (line, name) => {
  expect(helpAsked(line.split(" ").filter((word) => word !== ""))).toBe(name);
});
