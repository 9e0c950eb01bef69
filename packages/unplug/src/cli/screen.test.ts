import { expect, test } from "vitest";
import { plainStyle } from "../report/look.ts";
import { fit } from "./live-lines.ts";
import { Screen } from "./screen.ts";

/** What a terminal would show after these writes: enough of one for the sequences that a screen sends. */
function shown(writes: readonly string[]): readonly string[] {
  const lines = [""];
  let row = 0;
  for (const piece of writes.join("").split(/(\u001b\[\d*[AJ]|\r|\n)/)) {
    const up = /^\u001b\[(\d+)A$/.exec(piece)?.[1];
    if (up !== undefined) row -= Number(up);
    else if (piece === "\u001b[J") lines.splice(row, lines.length, "");
    else if (piece === "\n") lines[++row] ??= "";
    else if (piece !== "\r") lines[row] += piece;
  }
  return lines;
}

test("draws what changes again in place, below what stays", () => {
  const writes: string[] = [];
  const screen = new Screen({ write: (text) => writes.push(text) });

  screen.update(["first"], ["3 s left", "a target"]);
  screen.update(["second", "third"], ["2 s left"]);
  screen.update([], ["1 s left", "a target"]);
  expect(shown(writes)).toEqual(["first", "second", "third", "1 s left", "a target", ""]);

  screen.clear();
  expect(shown(writes)).toEqual(["first", "second", "third", ""]);
});

test("never hides the cursor, which a killed process could not bring back", () => {
  const writes: string[] = [];
  const screen = new Screen({ write: (text) => writes.push(text) });

  screen.update(["a"], ["b"]);
  screen.clear();

  expect(writes.join("")).not.toContain("\u001b[?");
});

test.each([10, 20, 40])("cuts a line to fit %s columns, colours not counted", (width) => {
  const line = fit(`\u001b[31m${"x".repeat(30)}\u001b[39m tail`, {
    width,
    unicode: true,
    terminal: true,
    style: plainStyle,
  });

  const seen = line.replace(/\u001b\[[0-9;]*m/g, "");
  expect([...seen].length).toBeLessThan(width);
  expect(line).toContain("\u001b[39m");
  expect(seen.endsWith("…")).toBe(width < 36);
});
