import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { journalHealth } from "./journal-health.ts";
import { openJournal } from "./sqlite-journal.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "unplug-health-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function written(runs: number): Promise<void> {
  const journal = openJournal(folder, { now: () => 0 });
  for (let run = 0; run < runs; run += 1) {
    await journal.take(`r-${run}`, [`claim ${run} `.padEnd(200, "x")]);
    await journal.append(`r-${run}`, 0, [{ type: "run.finished" }]);
  }
  journal.close();
}

test("of a folder without a journal nothing is known, and nothing is made", () => {
  expect(journalHealth(folder)).toBeNull();
  expect(journalHealth(join(folder, "nowhere"))).toBeNull();
});

test("a whole journal has its figures and no problem", async () => {
  await written(3);

  expect(journalHealth(folder)).toMatchObject({ format: 1, runs: 3, events: 3, problems: [] });
});

test("a page that was overwritten is a problem, or cannot be read at all", async () => {
  // Few transactions: each of them waits for the disk.
  const journal = openJournal(folder, { now: () => 0 });
  const many = Array.from({ length: 400 }, (_, i) => `${i} `.padEnd(200, "x"));
  await journal.take("r-1", many);
  await journal.append(
    "r-1",
    0,
    many.map((step) => ({ type: "step.skipped" as const, step, reason: "test" })),
  );
  journal.close();
  const path = join(folder, "journal.db");
  const bytes = readFileSync(path);
  expect(bytes.length).toBeGreaterThan(40_960);
  // Not the schema: what a failing disk does to the rows.
  bytes.fill(0xff, 24_576, bytes.length - 4_096);
  writeFileSync(path, bytes);

  const found = (() => {
    try {
      return journalHealth(folder)?.problems ?? [];
    } catch (error) {
      return [String(error)];
    }
  })();
  expect(found.join("\n")).toMatch(
    /malformed|invalid page|corrupt|out of order|never used|btreeInitPage|Tree/i,
  );
});
