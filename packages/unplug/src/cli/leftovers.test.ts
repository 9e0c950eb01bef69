import { expect, test } from "vitest";
import type { RunHead } from "../contract/journal.ts";
import { announceLeftovers } from "./leftovers.ts";

const run = (name: string, more: Partial<RunHead> = {}): RunHead => ({
  run: name,
  startedAt: Date.UTC(2026, 0, 2, 3, 4, 5),
  closed: false,
  alive: false,
  ...more,
});

function said(runs: readonly RunHead[], except?: readonly string[]): string {
  let text = "";
  announceLeftovers(runs, { write: (chunk) => (text += chunk) }, except);
  return text;
}

test("names each unfinished run of a dead process and the command that finishes it", () => {
  expect(said([run("r-1"), run("r-2")])).toMatchInlineSnapshot(`
    "Run r-1 of 2026-01-02T03:04:05.000Z ended without restoring everything. Finish it: unplug restore r-1
    Run r-2 of 2026-01-02T03:04:05.000Z ended without restoring everything. Finish it: unplug restore r-2
    "
  `);
});

test("says nothing of runs that are closed, go on, or are being dealt with", () => {
  const runs = [run("r-1", { closed: true }), run("r-2", { alive: true }), run("r-3")];

  expect(said(runs, ["r-3"])).toBe("");
});
