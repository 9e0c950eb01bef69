import { describe, expect, it } from "vitest";
import { fc } from "../../../../test/support/fast-check.ts";
import { changeLines, differences, driftWords } from "./change-text.ts";
import { clockText, durationText, elapsedText, instantText } from "./clock-text.ts";
import { printable, printableLines } from "./printable.ts";
import { BASE } from "./recorded.fixture.ts";
import { table, wrap } from "./wrap.ts";

describe("times", () => {
  it("are told in UTC", () => {
    expect([clockText(BASE), instantText(BASE)]).toEqual(["12:03:03", "2026-01-31 12:03:03 UTC"]);
    expect(clockText(Number.NaN)).toBe("??:??:??");
  });

  it.each([
    [0, "0 ms"],
    [850, "850 ms"],
    [4200, "4.2 s"],
    [59_949, "59.9 s"],
    [59_950, "1 min"],
    [72_000, "1 min 12 s"],
    [3_599_500, "1 h"],
    [7_500_000, "2 h 5 min"],
    [-5, "0 ms"],
  ])("%i ms are told as %s", (ms, expected) => {
    expect(durationText(ms)).toBe(expected);
  });

  it.each([
    [4200, "+4.2s"],
    [59_949, "+59.9s"],
    [59_950, "+1m00s"],
    [64_000, "+1m04s"],
    [3_720_000, "+1h02m"],
  ])("%i ms since the start are told as %s", (ms, expected) => {
    expect(elapsedText(ms)).toBe(expected);
  });
});

describe("changes", () => {
  it("are told field by field", () => {
    expect(changeLines({ enabled: true, size: 1 }, { enabled: false, size: 1 })).toEqual([
      "enabled: true -> false",
    ]);
    expect(changeLines(null, { "unplug:run": "r1" })).toEqual(['unplug:run: (none) -> "r1"']);
    expect(changeLines({ limit: 5 }, null)).toEqual(["limit: 5 -> (none)"]);
    expect(changeLines(null, 5)).toEqual(["(none) -> 5"]);
    expect(changeLines({ a: { b: 1 } }, { a: { b: 2 } })).toEqual(["a.b: 1 -> 2"]);
    expect(driftWords(differences(3, 4))).toEqual(["it was 3, is 4"]);
  });
});

describe("printable", () => {
  it("leaves no character that steers a terminal", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(printable(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
      }),
    );
  });

  it("keeps the lines of a refusal apart", () => {
    expect(printableLines("a\n  - b\u0007")).toEqual(["a", "  - b\\u0007"]);
  });

  it("spells marks in ASCII", () => {
    expect(printable("4f1c… → orders", false)).toBe("4f1c... -> orders");
  });
});

describe("wrap", () => {
  it("breaks at blanks, loses no word, and keeps to the width where words allow it", () => {
    const words = fc.array(fc.stringMatching(/^[a-z:]{1,12}$/), { minLength: 1 });
    fc.assert(
      fc.property(words, fc.integer({ min: 16, max: 60 }), (all, width) => {
        const lines = wrap(all.join(" "), width, "- ", "  ");
        expect(lines.map((line) => line.slice(2)).join(" ")).toBe(all.join(" "));
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
      }),
    );
  });

  it("leaves a long word whole", () => {
    expect(wrap("see arn:aws:lambda:us-east-1:1:function:orders now", 12)).toEqual([
      "see",
      "arn:aws:lambda:us-east-1:1:function:orders",
      "now",
    ]);
  });
});

it("lines up a table's columns, and paints after that", () => {
  const rows = [
    ["a", "bbb", "c"],
    ["dd", "e", "f"],
  ];
  expect(table(rows, (cell, column) => (column === 0 ? `<${cell}>` : cell))).toEqual([
    "<a >  bbb  c",
    "<dd>  e    f",
  ]);
});
