import { join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { Event } from "../contract/events.ts";
import type { Conflict, Journal, Recorded, RunHead } from "../contract/journal.ts";
import { inodeOf } from "./inode-of.ts";
import { JournalUnusable } from "./journal-unusable.ts";
import { makeFolder } from "./make-folder.ts";
import { type Locks, osLocks, whileLocked } from "./os-locks.ts";

/** Rises when an older Unplug could no longer read what a newer one writes. */
const FORMAT = 1;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS runs (
    run TEXT PRIMARY KEY, started INTEGER NOT NULL, closed INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE TABLE IF NOT EXISTS claims (
    run TEXT NOT NULL REFERENCES runs, claim TEXT NOT NULL, PRIMARY KEY (run, claim)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS claims_by_target ON claims (claim);
  CREATE TABLE IF NOT EXISTS events (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL REFERENCES runs, at INTEGER NOT NULL, body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS events_by_run ON events (run, sequence);
  PRAGMA user_version = ${FORMAT};
`;

/** No calendar knows a later one. Source: ECMAScript, "Time Values and Time Range". */
const LAST_INSTANT = 8.64e15;

export type OpenJournal = Journal & { close(): void };

/** The journal in `folder`, made when it is not there. Throws JournalUnusable. */
export function openJournal(folder: string, clock: { now(): number }): OpenJournal {
  const path = join(folder, "journal.db");
  try {
    makeFolder(folder);
    return new SqliteJournal(
      new DatabaseSync(path, { timeout: 10_000 }),
      osLocks(join(folder, "locks")),
      clock,
      path,
    );
  } catch (error) {
    if (error instanceof JournalUnusable) throw error;
    throw new JournalUnusable(
      `The journal ${path} cannot be opened: ${error instanceof Error ? error.message : String(error)}. Expected a folder that can be written and has room, on a disk of this machine: make it so, or set UNPLUG_HOME to another.`,
      error,
    );
  }
}

class SqliteJournal implements OpenJournal {
  readonly #database: DatabaseSync;
  readonly #locks: Locks;
  readonly #clock: { now(): number };
  readonly #path: string;
  /** Which file we have open: SQLite does not notice when it is deleted underneath. */
  readonly #inode: number | null;
  /** The runs whose lock this journal took and has not let go of. */
  readonly #taken = new Set<string>();
  readonly #statements = new Map<string, StatementSync>();

  constructor(database: DatabaseSync, locks: Locks, clock: { now(): number }, path: string) {
    this.#database = database;
    this.#locks = locks;
    this.#clock = clock;
    this.#path = path;
    const { user_version: format } = database.prepare("PRAGMA user_version").get() ?? {};
    if (Number(format) > FORMAT) {
      database.close();
      throw new JournalUnusable(
        `The journal ${path} was written by a newer Unplug (format ${Number(format)}, this one knows ${FORMAT}). Use that version, or set UNPLUG_HOME to another folder.`,
      );
    }
    // Two that turn a new file to WAL at once would not wait for each other: the one gets an error at once.
    if (Number(format) < FORMAT) {
      whileLocked(`${path}.lock`, () => database.exec(`PRAGMA journal_mode = WAL; ${SCHEMA}`));
    }
    // macOS only hands over to the disk's own cache unless it is told more. Source: fcntl(2) there, F_FULLFSYNC.
    database.exec("PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA foreign_keys = ON;");
    this.#inode = inodeOf(path);
  }

  async take(run: string, claims: readonly string[]): Promise<Conflict | null> {
    this.#mustExist(run);
    if (!this.#locks.take(run)) return { run, alive: true, claim: null };
    this.#taken.add(run);
    return this.#transaction(() => {
      const others = this.#prepare(
        "SELECT c.run FROM claims c JOIN runs r ON r.run = c.run WHERE c.claim = ? AND c.run <> ? AND r.closed = 0",
      );
      for (const claim of claims) {
        const other = others.get(claim, run);
        if (other !== undefined) {
          const holder = String(other.run);
          return { run: holder, alive: this.#locks.isHeld(holder), claim };
        }
      }
      this.#prepare("INSERT INTO runs (run, started) VALUES (?, ?) ON CONFLICT DO NOTHING").run(
        run,
        this.#clock.now(),
      );
      const insert = this.#prepare("INSERT INTO claims (run, claim) VALUES (?, ?) ON CONFLICT DO NOTHING");
      for (const claim of claims) insert.run(run, claim);
      return null;
    });
  }

  async append(run: string, at: number, events: readonly Event[]): Promise<void> {
    // Answers of AWS that come in together are told one by one: let them, and the next transaction holds them all.
    await new Promise((resolve) => setImmediate(resolve));
    this.#mustExist(run);
    this.#transaction(() => {
      const insert = this.#prepare("INSERT INTO events (run, at, body) VALUES (?, ?, ?)");
      for (const event of events) insert.run(run, at, JSON.stringify(event));
      if (events.some(({ type }) => type === "run.closed")) {
        this.#prepare("UPDATE runs SET closed = 1 WHERE run = ?").run(run);
      }
    });
    // A file that was deleted while we wrote has kept nothing.
    this.#mustExist(run);
    if (!events.some(({ type }) => type === "run.finished" || type === "run.closed")) return;
    this.#taken.delete(run);
    this.#locks.release(run);
  }

  async read(run: string, after = 0): Promise<readonly Recorded[]> {
    return this.#reading(() =>
      this.#prepare("SELECT sequence, at, body FROM events WHERE run = ? AND sequence > ? ORDER BY sequence")
        .all(run, after)
        .map(({ sequence, at, body }) => ({
          sequence: Number(sequence),
          at: instant(at),
          event: toEvent(String(body)),
        })),
    );
  }

  async runs(): Promise<readonly RunHead[]> {
    const rows = this.#reading(() =>
      this.#prepare("SELECT run, started, closed FROM runs ORDER BY started DESC, run DESC").all(),
    );
    return rows.map(({ run, started, closed }) => {
      const name = String(run);
      return {
        run: name,
        startedAt: instant(started),
        closed: closed === 1,
        alive: closed !== 1 && this.#locks.isHeld(name),
      };
    });
  }

  close(): void {
    this.#database.close();
  }

  /** A live run asks the journal four times a second: a statement is prepared once. */
  #prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql) ?? this.#database.prepare(sql);
    this.#statements.set(sql, known);
    return known;
  }

  #transaction<T>(work: () => T): T {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.#database.exec("COMMIT");
      return result;
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  /** Throws JournalUnusable for a file that somebody, or a disk, has damaged. */
  #reading<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw new JournalUnusable(
        `The journal ${this.#path} cannot be read: ${error instanceof Error ? error.message : String(error)}. If it is damaged, keep it and set UNPLUG_HOME to another folder: most of what is unplugged has a marker in AWS, which \`unplug doctor\` finds. A mapping may have none: \`unplug restore --function FUNCTION --mapping UUID --yes\`; memory and concurrency never have one: the lines that the run printed restore them.`,
        error,
      );
    }
  }

  /** Throws when the file is not the one that we opened, or when nobody can see any more that we are at this run. */
  #mustExist(run: string): void {
    if (this.#inode !== inodeOf(this.#path))
      throw new JournalUnusable(`The journal ${this.#path} was deleted or replaced while it was in use.`);
    if (this.#taken.has(run) && !this.#locks.isHeld(run))
      throw new JournalUnusable(
        `The lock of run ${run} beside the journal ${this.#path} was deleted or replaced while it was in use: to others the run looks dead.`,
      );
  }
}

/** What was written by this format of the journal is an event of it. */
function toEvent(body: string): Event {
  const event: Event = JSON.parse(body);
  if (typeof event?.type !== "string") throw new Error("what stands in it is no event");
  return event;
}

/** Of a damaged file too it is a time that can be shown. */
function instant(stored: unknown): number {
  const time = Number(stored);
  return Number.isNaN(time) ? 0 : Math.min(Math.max(time, 0), LAST_INSTANT);
}
