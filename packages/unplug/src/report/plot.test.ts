import { describe, expect, it } from "vitest";
import { fc } from "../../../../test/support/fast-check.ts";
import { type PlotPoint, plot } from "./plot.ts";
import { BASE } from "./recorded.fixture.ts";

const size = { width: 48, height: 5 };
const ramp: readonly PlotPoint[] = [
  [BASE, 0],
  [BASE + 10_000, 0],
  [BASE + 40_000, 30],
  [BASE + 60_000, 0],
];
const windows = [{ from: BASE + 10_000, to: BASE + 40_000 }];

describe("plot", () => {
  it("draws a series and marks the fault under it", () => {
    expect(`\n${plot(ramp, { ...size, unicode: true, windows })}\n`).toMatchInlineSnapshot(`
      "
      30 ┤                         ⢀⡠⠔⠊⠑⠢⣀
         ┤                     ⣀⠤⠒⠉⠁      ⠑⠢⣀
         ┤                ⣀⡠⠔⠊⠉              ⠑⠢⢄
         ┤           ⢀⣀⠤⠒⠉                      ⠉⠢⢄
       0 ┤⣀⣀⣀⣀⣀⣀⣀⣀⡠⠔⠊⠁                             ⠉⠢⢄
                 ▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀ unplugged
          12:03:03                            12:04:03
      "
    `);
  });

  it("draws in ASCII", () => {
    expect(`\n${plot(ramp, { ...size, unicode: false, windows })}\n`).toMatchInlineSnapshot(`
      "
      30 |                           ****
         |                     ******    ****
         |                *****              ***
         |          ******                      ****
       0 |**********                                **
                 ======================= unplugged
          12:03:03                            12:04:03
      "
    `);
  });

  it("draws one point, and a series that never moves", () => {
    expect(`\n${plot([[BASE, 7]], { ...size, unicode: false })}\n`).toMatchInlineSnapshot(`
      "
      7 |*
        |
        |
        |
      0 |
         12:03:03
      "
    `);
    const flat = [0, 20_000, 40_000].map((ms) => [BASE + ms, 0] as const);
    expect(`\n${plot(flat, { ...size, unicode: false })}\n`).toMatchInlineSnapshot(`
      "
      1 |
        |
        |
        |
      0 |*********************************************
         12:03:03                             12:03:43
      "
    `);
  });

  it("draws values below zero", () => {
    const points: readonly PlotPoint[] = [
      [BASE, -5],
      [BASE + 1000, 5],
    ];
    expect(`\n${plot(points, { ...size, unicode: false })}\n`).toMatchInlineSnapshot(`
      "
       5 |                                      ******
         |                           ***********
         |                 **********
         |      ***********
      -5 |******
          12:03:03                            12:03:04
      "
    `);
  });

  it("draws the largest numbers there are", () => {
    const points = [
      [BASE, -Number.MAX_VALUE],
      [BASE + 1000, Number.MAX_VALUE],
    ] as const;
    const lines = plot(points, { ...size, unicode: false }).split("\n");
    expect([lines[0], lines[4]].map((line) => line?.includes("*"))).toEqual([true, true]);
  });

  it("says so when there is nothing to draw", () => {
    expect(plot([], { ...size, unicode: true })).toBe("(no samples)");
    expect(plot([[BASE, Number.NaN]], { ...size, unicode: true })).toBe("(no samples)");
    expect(plot(ramp, { ...size, unicode: true, time: { from: BASE + 90_000, to: BASE + 91_000 } })).toBe(
      "(no samples)",
    );
  });

  it("keeps the only peak among ten thousand points", () => {
    const points = Array.from({ length: 10_000 }, (_, i) => [BASE + i * 1000, i === 4321 ? 999 : 1] as const);
    const [top = ""] = plot(points, { ...size, unicode: false }).split("\n");
    expect(top).toMatch(/^999 \| {18}\*$/);
  });

  it("draws the same whatever the order of the points", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...ramp], { minLength: ramp.length }), (points) => {
        expect(plot(points, { ...size, unicode: true })).toBe(plot(ramp, { ...size, unicode: true }));
      }),
    );
  });

  it("draws the least number that there is", () => {
    expect(plot([[0, Number.MIN_VALUE]], { width: 40, height: 2, unicode: false, windows: [] })).toContain(
      "*",
    );
  });

  it("keeps to its width and height for any series", () => {
    const point = fc.tuple(fc.integer({ min: 0, max: 4e12 }), fc.oneof(fc.integer(), fc.double()));
    const window = fc.record({
      from: fc.integer({ min: 0, max: 4e12 }),
      to: fc.integer({ min: 0, max: 4e12 }),
    });
    fc.assert(
      fc.property(
        fc.array(point, { maxLength: 60 }),
        fc.array(window, { maxLength: 3 }),
        fc.record({
          width: fc.integer({ min: 40, max: 120 }),
          height: fc.integer({ min: 2, max: 20 }),
          unicode: fc.boolean(),
        }),
        (points, marks, { width, height, unicode }) => {
          const lines = plot(points, { width, height, unicode, windows: marks }).split("\n");
          for (const line of lines) expect([...line].length).toBeLessThanOrEqual(width);
          if (lines.length === 1) return;
          expect(lines.filter((line) => /[┤|]/.test(line))).toHaveLength(height);
          expect(lines.slice(0, height).join("")).toMatch(unicode ? /[\u2800-\u28ff]/ : /\*/);
          if (!unicode) expect(lines.join("")).toMatch(/^[\x20-\x7e]*$/);
        },
      ),
    );
  });
});
