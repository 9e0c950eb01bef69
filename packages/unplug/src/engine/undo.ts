import { AwsError, isDenied, isPassing, isUnknownKey } from "../contract/aws.ts";
import type { Event, Failure } from "../contract/events.ts";
import type { Io } from "../contract/io.ts";
import { equalJson, type Json } from "../contract/json.ts";
import { refKey } from "../contract/place.ts";
import { Refusal } from "../contract/refusal.ts";
import type { AnyResource, Reading, Seen } from "../contract/resource.ts";
import { failureOf } from "./failure.ts";
import type { OpenEdit } from "./open-edits.ts";
import type { RunLog } from "./run-log.ts";
import { within } from "./within.ts";

/** A write without an answer may land late: where AWS compares nothing, two equal reads this far apart settle it. */
export const DOUBT_MS = 30_000;
/** A reading may be this much older than the write that AWS has just accepted. */
const STALE_MS = 5_000;
/** 404 is believed when it is read so often, each time this long after the last. */
const ABSENCES = 3;
const ABSENCE_GAP_MS = 2_000;
/** A "no" is believed when it is heard so often over so long a time: a proxy or a policy on its way may say it once. */
const FIRM_TRIES = 3;
const FIRM_MS = 30_000;
/** What only explains is not waited for longer. */
const EXPLAIN_MS = 10_000;

/** With what an edit is taken a step further. */
interface Means {
  readonly resource: AnyResource;
  readonly io: Io;
  /** False: its time is up, and it is only looked at. */
  readonly mayWrite: boolean;
}

/** The way of one edit out of AWS, one reading at a time. */
export class Undo {
  readonly open: OpenEdit;
  readonly #log: RunLog;
  /** AWS has accepted our write. */
  accepted = false;
  ended = false;
  /** Nothing of ours is left. */
  out = false;
  #doubtful: boolean;
  /** The last write of ours was to change something, and has got no answer. */
  #unanswered = false;
  #calmSince: number | null = null;
  #looked = false;
  #absences = 0;
  #absentAt = Number.NEGATIVE_INFINITY;
  #acceptedAt = 0;
  #firm = 0;
  #firmSince = 0;
  #last: Failure = { code: "TimedOut", message: "It could not be restored in time." };
  #status = "";
  /** AWS's word for it when it was read last. */
  #what = "";

  constructor(open: OpenEdit, log: RunLog) {
    this.open = open;
    this.#log = log;
    this.#doubtful = open.doubtful;
  }

  /** It looks as it should, and only a write that may land late is waited for. */
  get calm(): boolean {
    return this.#calmSince !== null;
  }

  /** Looks at the thing as it is and does the next right thing. */
  async step(seen: Seen<Json>, means: Means): Promise<void> {
    if (this.ended) return;
    const { resource, io } = means;
    const { edit, value } = this.open;
    if (!seen.found) return this.#absent(io.clock.now());
    this.#absences = 0;
    this.#status = seen.status;
    this.#what = seen.status;
    await this.#wasLost(seen);
    if (equalJson(seen.state, value.after)) await this.#landed();
    const to = equalJson(seen.state, value.after) ? value.before : resource.without(seen.state, value);
    if (!equalJson(to, seen.state)) {
      this.#calmSince = null;
      if (!this.#isOnItsWay(seen, io.clock.now())) await this.#write(to, seen, means);
      return;
    }
    // It was done without an answer: from here on there is nothing but to wait for it.
    if (this.#unanswered) this.accepted = true;
    if (!seen.settled) return;
    if (seen.failed !== undefined) return this.#again(seen.failed, seen, means);
    if (this.#doubtful && !(await this.#settled(seen, means))) return;
    const { before } = value;
    const now = seen.state;
    if (equalJson(now, before)) return this.#end({ type: "proved", edit }, true);
    const told = await this.#whyDrifted(now, resource, io);
    await this.#end({ type: "drift", edit, before, now, ...(told === null ? {} : { told }) }, true);
  }

  /** Only for people: whatever hinders it, our part is out. */
  async #whyDrifted(now: Json | null, { drifted }: AnyResource, io: Io): Promise<string | null> {
    if (drifted === undefined) return null;
    const { value } = this.open;
    return await within(io.clock, EXPLAIN_MS, io.signal, (signal) =>
      drifted(value, now, { ...io, signal }),
    ).catch(() => null);
  }

  /** AWS has accepted our write: another would only be a conflict, or an answer to a reading from before it. */
  #isOnItsWay({ settled }: Reading<Json>, now: number): boolean {
    return this.accepted && (!settled || now - this.#acceptedAt < STALE_MS);
  }

  /** It is there, so it cannot land late. */
  async #landed(): Promise<void> {
    if (!this.#doubtful) return;
    this.#doubtful = false;
    if (this.open.doubtful) await this.#log.note({ type: "edit.seen", edit: this.open.edit });
  }

  /** AWS gave up on an update, and what is in force is not what it shows: once more. */
  async #again(reason: string, seen: Reading<Json>, means: Means): Promise<void> {
    this.#last = { code: "UpdateFailed", message: reason };
    await this.#write(seen.state, seen, means);
    this.accepted = false;
  }

  /** The first reading also tells whether the fault was still in: the last look of the hold may be seconds old. */
  async #wasLost(seen: Reading<Json>): Promise<void> {
    const first = !this.#looked;
    this.#looked = true;
    const { arms, doubtful, value, step, iteration } = this.open;
    if (!first || !arms || doubtful || !seen.settled || equalJson(seen.state, value.after)) return;
    const isKnown = this.#log.events.some(
      ({ event }) =>
        event.type === "inject.lost" &&
        event.step === step &&
        event.iteration === iteration &&
        refKey(event.ref) === refKey(value.ref),
    );
    if (isKnown) return;
    const reason = "it was not as the fault had left it when the restore began";
    await this.#log.note({ type: "inject.lost", step, iteration, ref: value.ref, reason, now: seen.state });
  }

  async failedWith(error: unknown, now: number): Promise<void> {
    if (this.ended) return;
    this.#last = failureOf(error);
    this.#status = `unknown: ${this.#last.message}`;
    // Keys that AWS does not know may be replaced in their file by others, which are read at the next try.
    if (isPassing(error) || isUnknownKey(error)) return;
    if (this.open.value.mayStay === true && isDenied(error)) return this.#keep();
    // Ours to say, and it will not change.
    if (error instanceof Refusal) return this.giveUp();
    if (this.#firm === 0) this.#firmSince = now;
    this.#firm += 1;
    if (this.#firm >= FIRM_TRIES && now - this.#firmSince >= FIRM_MS) await this.giveUp();
  }

  /** What is inert is no reason to leave anything else in. */
  async #keep(): Promise<void> {
    await this.#end({ type: "kept", edit: this.open.edit, what: this.#what, failure: this.#last }, true);
  }

  /** Time is up, or AWS says no for good. */
  async giveUp(): Promise<void> {
    const { edit } = this.open;
    await this.#end(
      this.accepted
        ? { type: "pending", edit, status: this.#status }
        : { type: "failed", edit, failure: this.#last },
      false,
    );
  }

  /** Whether a write whose answer was lost can no longer land. */
  async #settled(seen: Reading<Json>, means: Means): Promise<boolean> {
    const { resource, io } = means;
    if (resource.guarded) {
      // After this write, the lost one carries a revision that AWS refuses.
      if (!this.accepted) await this.#write(seen.state, seen, means);
      if (this.accepted) this.#doubtful = false;
      return false;
    }
    this.#calmSince ??= io.clock.now();
    return io.clock.now() - this.#calmSince >= DOUBT_MS;
  }

  async #write(to: Json | null, seen: Reading<Json>, { resource, io, mayWrite }: Means): Promise<void> {
    if (!mayWrite) return;
    const { edit, value } = this.open;
    await this.#log.note({ type: "undo.intended", edit, to });
    try {
      const beside = (told: string) => this.#log.note({ type: "undo.beside", edit, told });
      const { told } = await resource.write(value.ref, to, seen, { ...io, beside });
      this.accepted = true;
      this.#unanswered = false;
      this.#acceptedAt = io.clock.now();
      this.#firm = 0;
      await this.#log.note({ type: "undone", edit, ...(told === undefined ? {} : { told }) });
    } catch (error) {
      await this.#log.note({ type: "undo.failed", edit, failure: failureOf(error) });
      // Ours may land late too, on top of what somebody else sets meanwhile.
      const isUnknown = error instanceof AwsError && error.outcome === "unknown";
      this.#doubtful ||= isUnknown;
      this.#unanswered = isUnknown && !equalJson(to, seen.state);
      await this.failedWith(error, io.clock.now());
    }
  }

  async #absent(now: number): Promise<void> {
    if (now - this.#absentAt < ABSENCE_GAP_MS) return;
    this.#absentAt = now;
    this.#absences += 1;
    if (this.#absences < ABSENCES) return;
    await this.#end({ type: "gone", edit: this.open.edit }, true);
  }

  async #end(event: Event, out: boolean): Promise<void> {
    this.ended = true;
    this.out = out;
    await this.#log.note(event);
  }
}
