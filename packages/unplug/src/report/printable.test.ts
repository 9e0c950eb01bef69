import { expect, test } from "vitest";
import { printable } from "./printable.ts";

test("a text from elsewhere stands on one line", () => {
  expect(printable("a\n \r\n\tb\n")).toBe("a b ");
  expect(printable("\n a  b \u001b[31m")).toBe(" a  b \\u001b[31m");
});

test("is looked through once, however much of it is blank", () => {
  // Begun anew at each blank, it would take minutes.
  const blanks = " ".repeat(300_000);
  expect(printable(`a${blanks}b`)).toBe(`a${blanks}b`);
  expect(printable(`a${blanks}\n${blanks}b`)).toBe("a b");
});
