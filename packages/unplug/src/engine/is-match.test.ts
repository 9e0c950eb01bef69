import { expect, test } from "vitest";
import { isMatch } from "./is-match.ts";

test("a text matches, line breaks and all, or it does not", () => {
  expect(isMatch("^a.b$", "a\nb")).toBe(true);
  expect(isMatch("^b", "ab")).toBe(false);
});

test("a pattern that would look for ever is given up", () => {
  expect(() => isMatch("^(a+)+$", `${"a".repeat(40)}!`)).toThrow(/took longer than 200 ms on a text of 41/);
});
