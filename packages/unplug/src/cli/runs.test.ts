import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { openJournal } from "../journal/sqlite-journal.ts";
import { runCommandLine } from "./command-line.ts";

async function ask(folder: string, ...args: readonly string[]): Promise<string> {
  let out = "";
  const code = await runCommandLine(["runs", ...args], {
    env: { UNPLUG_HOME: folder },
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (out += text) },
    readInput: () => Promise.resolve(""),
  });
  expect(code).toBe(0);
  return out;
}

test("people are shown the newest 20 runs and how to see the others, machines get all", async () => {
  const folder = await mkdtemp(join(tmpdir(), "unplug-runs-test-"));
  try {
    let now = Date.UTC(2026, 0, 31);
    const journal = openJournal(folder, { now: () => now });
    for (let i = 1; i <= 22; i += 1) {
      now += 60_000;
      await journal.take(`r-${i}`, []);
      await journal.append(`r-${i}`, now, [{ type: "run.finished" }, { type: "run.closed" }]);
    }
    journal.close();

    const newest = await ask(folder);
    expect(newest.match(/^r-\d+ /gm)).toHaveLength(20);
    expect(newest).toMatch(/^r-3 /m);
    expect(newest).not.toMatch(/^r-2 /m);
    expect(newest).toContain("and 2 older: unplug runs --all");
    const all = await ask(folder, "--all");
    expect(all.match(/^r-\d+ /gm)).toHaveLength(22);
    expect(all).not.toContain("older");
    expect(JSON.parse(await ask(folder, "--format", "json"))).toHaveLength(22);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("a run that cannot be read is shown as such, with the reason, beside the others", async () => {
  const folder = await mkdtemp(join(tmpdir(), "unplug-runs-test-"));
  try {
    const journal = openJournal(folder, { now: () => Date.UTC(2026, 0, 31) });
    for (const run of ["r-bad", "r-good"]) {
      await journal.take(run, []);
      await journal.append(run, 1, [{ type: "run.finished" }, { type: "run.closed" }]);
    }
    journal.close();
    const database = new DatabaseSync(join(folder, "journal.db"));
    database.prepare("UPDATE events SET body = 'null' WHERE run = ?").run("r-bad");
    database.close();

    const text = await ask(folder);
    expect(text).toMatch(/^r-bad +2026-01-31 00:00 .* unreadable /m);
    expect(text).toMatch(/^r-bad cannot be read: what stands in it is no event$/m);
    expect(text).not.toContain("r-good cannot");
    const told: unknown = JSON.parse(await ask(folder, "--format", "json"));
    expect(told).toEqual([
      expect.not.objectContaining({ unreadable: expect.anything() }),
      expect.objectContaining({
        runId: "r-bad",
        startedAt: Date.UTC(2026, 0, 31),
        state: "finished",
        verdict: null,
        injection: null,
        restore: null,
        exitCode: null,
        findings: [],
        unreadable: "what stands in it is no event",
      }),
    ]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
