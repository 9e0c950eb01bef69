import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, describe, expect, it, vi } from "vitest";
import { PretendedProcesses } from "../../../../test/support/processes.ts";
import type { Event } from "../contract/events.ts";
import type { Journal } from "../contract/journal.ts";
import { JournalUnusable } from "./journal-unusable.ts";
import { memoryJournal } from "./memory-journal.ts";
import { openJournal } from "./sqlite-journal.ts";

const root = mkdtempSync(join(tmpdir(), "unplug-journal-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let made = 0;
const newFolder = (): string => join(root, String((made += 1)));
const clock = { now: () => 1_000 };
const note = (step: string): Event => ({ type: "step.skipped", step, reason: "test" });

const kinds: readonly [string, () => Journal][] = [
  ["on disk", () => openJournal(newFolder(), clock)],
  ["in memory", () => memoryJournal(new PretendedProcesses(), clock)],
];

describe.each(kinds)("a journal %s", (_what, open) => {
  it("gives back what was appended, in order, and after a sequence only what is newer", async () => {
    const journal = open();
    await journal.take("r-1", []);
    await journal.append("r-1", 5, [note("a"), note("b")]);
    await journal.append("r-1", 6, [note("c")]);
    const all = await journal.read("r-1");
    expect(all.map(({ at, event }) => [at, event])).toEqual([
      [5, note("a")],
      [5, note("b")],
      [6, note("c")],
    ]);
    expect(await journal.read("r-1", all[1]?.sequence)).toEqual(all.slice(2));
    expect(await journal.read("r-2")).toEqual([]);
  });

  it("refuses a claim that another run has, until that run is closed", async () => {
    const journal = open();
    expect(await journal.take("r-1", ["t", "u"])).toBeNull();
    expect(await journal.take("r-2", ["v", "t"])).toEqual({ run: "r-1", alive: true, claim: "t" });
    // A refused run claims nothing.
    expect(await journal.take("r-3", ["v"])).toBeNull();
    await journal.append("r-1", 1, [{ type: "run.finished" }]);
    expect(await journal.take("r-2", ["t"])).toEqual({ run: "r-1", alive: false, claim: "t" });
    await journal.append("r-1", 1, [{ type: "run.closed" }]);
    expect(await journal.take("r-2", ["t"])).toBeNull();
  });

  it("lists its runs, newest first, with what is known of them", async () => {
    const journal = open();
    for (const run of ["r-1", "r-2", "r-3"]) await journal.take(run, []);
    await journal.append("r-2", 1, [{ type: "run.finished" }, { type: "run.closed" }]);
    expect(await journal.runs()).toEqual([
      { run: "r-3", startedAt: 1_000, closed: false, alive: true },
      { run: "r-2", startedAt: 1_000, closed: true, alive: false },
      { run: "r-1", startedAt: 1_000, closed: false, alive: true },
    ]);
  });

  it("keeps nothing of a run that was not taken", async () => {
    await expect(open().append("r-9", 1, [note("a")])).rejects.toThrow();
  });
});

const NOBODY = 65_534;

describe("the journal's file", () => {
  it("is its owner's alone", async () => {
    const folder = newFolder();
    openJournal(folder, clock).close();
    expect(statSync(folder).mode & 0o077).toBe(0);
  });

  it.each(["deleted", "replaced"])("that is %s underneath is noticed at the next append", async (how) => {
    const folder = newFolder();
    const journal = openJournal(folder, clock);
    await journal.take("r-1", []);
    await journal.append("r-1", 1, [note("a")]);
    renameSync(join(folder, "journal.db"), join(folder, "elsewhere.db"));
    if (how === "replaced") openJournal(folder, clock).close();
    await expect(journal.append("r-1", 2, [note("b")])).rejects.toThrow(JournalUnusable);
    await expect(journal.append("r-1", 2, [note("b")])).rejects.toThrow("was deleted or replaced");
  });

  it("is flushed through the disk's own cache, also where the system would not do so by itself", async () => {
    const exec = vi.spyOn(DatabaseSync.prototype, "exec");
    const journal = openJournal(newFolder(), clock);
    const database = exec.mock.contexts.at(-1);
    exec.mockRestore();
    if (!(database instanceof DatabaseSync)) throw new Error("nothing was opened");
    expect(database.prepare("PRAGMA fullfsync").get()).toEqual({ fullfsync: 1 });
    expect(database.prepare("PRAGMA synchronous").get()).toEqual({ synchronous: 2 });
    journal.close();
  });

  it("of a newer Unplug is refused, with what to do, and left as it is", () => {
    const folder = newFolder();
    openJournal(folder, clock).close();
    const database = new DatabaseSync(join(folder, "journal.db"));
    database.exec("PRAGMA user_version = 99");
    database.close();
    expect(() => openJournal(folder, clock)).toThrow(JournalUnusable);
    expect(() => openJournal(folder, clock)).toThrow(/newer Unplug \(format 99.*UNPLUG_HOME/);
    const after = new DatabaseSync(join(folder, "journal.db"));
    expect(after.prepare("PRAGMA user_version").get()).toEqual({ user_version: 99 });
    after.close();
  });

  it.each([
    ["UPDATE events SET body = '{\"type\":'", "Unexpected end of JSON input"],
    ["UPDATE events SET body = 'null'", "what stands in it is no event"],
    ["UPDATE events SET at = 9223372036854775807", "too large"],
  ])("that somebody has damaged is refused with what to do: %s", async (damage, message) => {
    const folder = newFolder();
    const journal = openJournal(folder, clock);
    await journal.take("r-1", []);
    await journal.append("r-1", 1, [note("a")]);
    const other = new DatabaseSync(join(folder, "journal.db"));
    other.exec(damage);
    other.close();
    const reading = journal.read("r-1");
    await expect(reading).rejects.toThrow(JournalUnusable);
    await expect(reading).rejects.toThrow(message);
    await expect(reading).rejects.toThrow(
      /most of what .* has a marker in AWS, which `unplug doctor` finds\./,
    );
    await expect(reading).rejects.toThrow("`unplug restore --function FUNCTION --mapping UUID --yes`");
    await expect(reading).rejects.toThrow("memory and concurrency never have one");
    journal.close();
  });

  it("tells no run to have started when no calendar knows", async () => {
    const folder = newFolder();
    const journal = openJournal(folder, clock);
    await journal.take("r-1", []);
    const other = new DatabaseSync(join(folder, "journal.db"));
    other.exec("UPDATE runs SET started = 9007199254740991");
    other.close();
    const [head] = await journal.runs();
    expect(new Date(head?.startedAt ?? Number.NaN).toISOString()).toBe("+275760-09-13T00:00:00.000Z");
    journal.close();
  });

  it("tells of damaged times as of none", async () => {
    const folder = newFolder();
    mkdirSync(folder, { recursive: true });
    // A flipped bit in the definition of a table lets in what our own would refuse.
    const other = new DatabaseSync(join(folder, "journal.db"));
    other.exec(`CREATE TABLE runs (run, started, closed); INSERT INTO runs VALUES ('r-1', 'x', 0);
      CREATE TABLE claims (run, claim);
      CREATE TABLE events (sequence, run, at, body); INSERT INTO events VALUES (1, 'r-1', 'x', '{"type":"run.closed"}')`);
    other.close();
    const journal = openJournal(folder, clock);
    expect(await journal.runs()).toMatchObject([{ run: "r-1", startedAt: 0 }]);
    expect(await journal.read("r-1")).toMatchObject([{ at: 0 }]);
    journal.close();
  });

  it("that is no database, or in a folder that cannot be made, is refused with what to do", () => {
    const file = newFolder();
    new DatabaseSync(file).close();
    expect(() => openJournal(file, clock)).toThrow(JournalUnusable);
    expect(() => openJournal(file, clock)).toThrow("set UNPLUG_HOME to another");
  });

  it("in a folder that cannot be written is refused with what to do", () => {
    const folder = newFolder();
    openJournal(folder, clock).close();
    chmodSync(join(folder, "journal.db"), 0o400);
    chmodSync(folder, 0o500);
    // The superuser may write everywhere, so the test is somebody else meanwhile.
    const asRoot = process.getuid?.() === 0;
    if (asRoot) {
      chownSync(join(folder, "journal.db"), NOBODY, NOBODY);
      chownSync(folder, NOBODY, NOBODY);
      process.seteuid?.(NOBODY);
    }
    try {
      expect(() => openJournal(folder, clock)).toThrow("make it so, or set UNPLUG_HOME to another");
    } finally {
      if (asRoot) process.seteuid?.(0);
    }
  });
});

describe("the lock of a run", () => {
  const garbage = "no database at all".repeat(100);

  it.each(["deleted", "replaced"])("whose folder is %s is missed at the next append", async (how) => {
    const folder = newFolder();
    const journal = openJournal(folder, clock);
    await journal.take("r-1", []);
    await journal.append("r-1", 1, [note("a")]);
    const other = openJournal(folder, clock);
    await other.take("r-2", []);
    renameSync(join(folder, "locks"), join(folder, "elsewhere"));
    if (how === "replaced") expect(await openJournal(folder, clock).take("r-1", [])).toBeNull();
    await expect(journal.append("r-1", 2, [note("b")])).rejects.toThrow(JournalUnusable);
    await expect(journal.append("r-1", 2, [note("b")])).rejects.toThrow("The lock of run r-1");
    // Whoever has no lock writes on: an abort is asked for by another process.
    await other.append("r-1", 3, [note("c")]);
  });

  it.each(["garbage", "a folder"])(
    "that is %s is named with what to do, and is no sign of life",
    async (what) => {
      const folder = newFolder();
      const journal = openJournal(folder, clock);
      await journal.take("r-1", []);
      await journal.append("r-1", 1, [{ type: "run.finished" }]);
      const lock = join(folder, "locks", "r-1.lock");
      rmSync(lock);
      if (what === "garbage") writeFileSync(lock, garbage);
      else mkdirSync(lock);
      for (const asked of [() => journal.take("r-1", []), () => journal.runs()]) {
        await expect(asked()).rejects.toThrow(JournalUnusable);
        await expect(asked()).rejects.toThrow(`${lock} cannot be used`);
        await expect(asked()).rejects.toThrow("delete it once no process of that run is left");
      }
      expect(await journal.take("r-2", [])).toBeNull();
    },
  );
});
