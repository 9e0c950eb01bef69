import type { Clock } from "../contract/clock.ts";
import type { Event } from "../contract/events.ts";
import type { Journal, Recorded } from "../contract/journal.ts";
import { openEdits } from "./open-edits.ts";
import type { Parts } from "./parts.ts";

/**
 * One run's events: durable in the journal, and in memory for the restore that must not depend on it.
 *
 * Appends made in the same turn share one transaction, so that a thousand edits are a few.
 */
export class RunLog {
  readonly run: string;
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #onEvent: (recorded: Recorded) => void;
  readonly #events: Recorded[];
  #waiting: Event[] = [];
  #lastEdit = 0;
  #next: Promise<void> | null = null;
  #last: Promise<void> = Promise.resolve();
  #lost: Error | null = null;
  readonly #whenLost = new AbortController();

  /** `seed` is what the journal already holds of the run. */
  constructor(run: string, { journal, clock, onEvent }: Parts, seed: readonly Recorded[] = []) {
    this.run = run;
    this.#journal = journal;
    this.#clock = clock;
    this.#events = [...seed];
    this.#count(seed.map(({ event }) => event));
    this.#onEvent = onEvent ?? (() => undefined);
  }

  get events(): readonly Recorded[] {
    return this.#events;
  }

  /** A number that no edit of this run has had; whoever takes it has it, whatever else goes on beside. */
  nextEdit(): number {
    this.#lastEdit += 1;
    return this.#lastEdit;
  }

  /** Why the journal can no longer be written; null while it can. Nothing may be injected once it is set. */
  get lost(): Error | null {
    return this.#lost;
  }

  /** Aborted when the journal is lost: without it only this process knows the way back, so nothing is held any longer. */
  get lostSignal(): AbortSignal {
    return this.#whenLost.signal;
  }

  /** The journal was found unusable by somebody who only read it. */
  async lose(error: Error): Promise<void> {
    if (this.#lost !== null) return;
    this.#lost = error;
    await this.note({ type: "journal.lost", failure: { code: "JOURNAL_LOST", message: error.message } });
    this.#whenLost.abort();
  }

  /** Resolves when the events are durable, or, once the journal is lost, when they are in memory. */
  async note(...events: readonly Event[]): Promise<void> {
    if (events.length === 0) return;
    this.#count(events);
    this.#waiting.push(...events);
    this.#next ??= this.#last.then(() => this.#write());
    this.#last = this.#next;
    await this.#next;
  }

  /** As `note`, but throws when the events are not durable: for what must be on disk before a write to AWS. */
  async commit(...events: readonly Event[]): Promise<void> {
    await this.note(...events);
    if (this.#lost !== null) throw new JournalLost(this.#lost);
  }

  /** This process lets go of the run; its leases end only when nothing of it is left. */
  async finish(): Promise<void> {
    const isClosed = openEdits(this.#events).length === 0;
    await this.note({ type: "run.finished" }, ...(isClosed ? [{ type: "run.closed" as const }] : []));
  }

  /** Takes over an event that another process wrote into this run's journal. */
  adopt(recorded: Recorded): void {
    this.#keep(recorded.at, recorded.event);
  }

  #count(events: readonly Event[]): void {
    for (const event of events)
      if (event.type === "edit.intended") this.#lastEdit = Math.max(this.#lastEdit, event.edit);
  }

  #keep(at: number, event: Event): void {
    const recorded = { sequence: (this.#events.at(-1)?.sequence ?? 0) + 1, at, event };
    this.#events.push(recorded);
    try {
      this.#onEvent(recorded);
    } catch {
      // Whoever looks on (a screen, a pipe) must not end a run between an injection and its restore.
    }
  }

  async #write(): Promise<void> {
    const events = this.#waiting;
    this.#waiting = [];
    this.#next = null;
    const at = this.#clock.now();
    if (this.#lost === null) {
      try {
        await this.#journal.append(this.run, at, events);
      } catch (error) {
        this.#lost = error instanceof Error ? error : new Error(String(error));
        events.push({ type: "journal.lost", failure: { code: "JOURNAL_LOST", message: this.#lost.message } });
        this.#whenLost.abort();
      }
    }
    for (const event of events) this.#keep(at, event);
  }
}

/** The journal cannot be written any more: no further injection; what was injected is restored from memory. */
export class JournalLost extends Error {
  constructor(cause: Error) {
    super(`The journal cannot be written: ${cause.message}`, { cause });
    this.name = "JournalLost";
  }
}
