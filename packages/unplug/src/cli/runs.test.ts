import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
