import { describe, expect, it } from "vitest";
import { jsonComplaint } from "./json-complaint.ts";

const end = "[Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: ";

describe("a payload that is no JSON", () => {
  it.each([
    ["hello", "Unrecognized token 'hello': was expecting (JSON String,", "1, column: 6"],
    ["'a'", "Unexpected character (''' (code 39)): expected a valid value (JSON String,", "1, column: 1"],
    [
      "{a:1}",
      "Unexpected character ('a' (code 97)): was expecting double-quote to start field name",
      "1, column: 2",
    ],
    ['{"a" 1}', "Unexpected character ('1' (code 49)): was expecting a colon", "1, column: 6"],
    [
      '{"a":1\n "b":2}',
      "Unexpected character ('\"' (code 34)): was expecting comma to separate Object",
      "2, column: 2",
    ],
    [
      "[1 2]",
      "Unexpected character ('2' (code 50)): was expecting comma to separate Array entries",
      "1, column: 4",
    ],
    ['{"a":', "Unexpected end-of-input: expected close marker for Object (start marker at [", "1, column: 6"],
    ['["a', "Unexpected end-of-input: was expecting closing quote for a string value", "1, column: 4"],
    ['"\\x"', "Unrecognized character escape 'x' (code 120)", "1, column: 4"],
    ['"\t"', "Illegal unquoted character ((CTRL-CHAR, code 9)): has to be escaped", "1, column: 3"],
    ["007", "Invalid numeric value: Leading zeroes not allowed", "1, column: 2"],
    ["  ", "No content to map due to end-of-input", "1, column: 3"],
  ])("is refused in the words of Lambda's reader: %j", (payload, words, place) => {
    const complaint = jsonComplaint(Buffer.from(payload)) ?? "";
    expect(complaint.startsWith(words)).toBe(true);
    expect(complaint.endsWith(`\n at ${end}${place}]`)).toBe(true);
  });

  it("is told from broken UTF-8 by the byte and its column", () => {
    const token = Buffer.from([0x74, 0x9f, 0x20]);
    expect(jsonComplaint(token)).toBe(`Invalid UTF-8 start byte 0x9f\n at ${end}1, column: 3]`);
    const inText = Buffer.from([0x22, 0xc3, 0x28, 0x22]);
    expect(jsonComplaint(inText)).toMatch(/^Invalid UTF-8 middle byte 0x28\n/);
    expect(jsonComplaint(Buffer.from([0x9c]))).toMatch(/^Unexpected character \(\(CTRL-CHAR, code 156\)\): /);
  });

  it.each(["{}", "null", ' [1, -2.5e3, "\u00e9\\u00e9", {"a": [true, false]}]\n', "0"])(
    "takes %j",
    (payload) => {
      expect(jsonComplaint(Buffer.from(payload))).toBeNull();
    },
  );

  it("never leaves a refused payload without a reason", () => {
    for (const payload of [
      "{}x",
      "{} {}",
      "-",
      "-a",
      "1.",
      "1e",
      "\ufeff1",
      '{"a":1,}',
      "[,]",
      '"\\u12"',
      "tru\u00e9",
    ]) {
      expect(jsonComplaint(Buffer.from(payload)), payload).toContain("\n at [Source: REDACTED");
    }
  });
});
