import { actionFacts } from "../../packages/unplug/src/contract/actions.ts";
import type { Action, Aws, InputOf, OutputOf } from "../../packages/unplug/src/contract/aws.ts";
import type { Clock } from "../../packages/unplug/src/contract/clock.ts";
import type { Journal } from "../../packages/unplug/src/contract/journal.ts";
import { lostAnswer } from "./world.ts";

/**
 * What goes wrong at one point of a run.
 *
 * `before` and `after`: the process dies there. `lost`: the call is done and its answer lost. `late`: the answer is
 * lost and the call is done 20 s later. `ignored`: AWS says yes and does nothing. `unwritable`: from here on the
 * journal cannot be written.
 */
export type Mishap = "before" | "after" | "lost" | "late" | "ignored" | "unwritable";

export interface Point {
  readonly index: number;
  readonly mishap: Mishap;
}

const LATE_MS = 20_000;

/** Counts every call through a port and every append to a journal, and lets one of them go wrong. */
export class CrashPoints {
  readonly #point: Point | null;
  readonly #clock: Clock;
  #count = 0;
  /** Which mishaps each point can have, in order: what a sweep goes through. */
  readonly seen: Mishap[][] = [];
  /** What each point is, for people: the action, or the events that are appended. */
  readonly labels: string[] = [];
  dead = false;
  unwritable = false;

  constructor(point: Point | null, clock: Clock) {
    this.#point = point;
    this.#clock = clock;
  }

  aws(inner: Aws): Aws {
    const pass = <A extends Action>(action: A, input: InputOf<A>, signal?: AbortSignal) =>
      this.#call(inner, action, input, signal);
    return { call: pass };
  }

  journal(inner: Journal): Journal {
    return {
      take: (run, claims) => (this.dead ? never() : inner.take(run, claims)),
      read: (run, after) => (this.dead ? never() : inner.read(run, after)),
      runs: () => (this.dead ? never() : inner.runs()),
      append: (run, at, events) =>
        this.#at(events.map(({ type }) => type).join(", "), ["before", "after", "unwritable"], async () => {
          if (this.unwritable) throw new Error("disk full");
          await inner.append(run, at, events);
        }),
    };
  }

  async #call<A extends Action>(
    inner: Aws,
    action: A,
    input: InputOf<A>,
    signal?: AbortSignal,
  ): Promise<OutputOf<A>> {
    const write = actionFacts[action].write;
    const mishaps: Mishap[] = write ? ["before", "after", "lost", "late", "ignored"] : ["before", "lost"];
    return this.#at(action, mishaps, () => inner.call(action, input, signal), {
      lost: () => lostAnswer(action),
      later: () =>
        void this.#clock
          .sleep(LATE_MS)
          .then(() => inner.call(action, input))
          .catch(() => undefined),
      // No write's answer is read for more than its id and revision, and both may be missing.
      ignored: {} as OutputOf<A>,
    });
  }

  async #at<T>(
    label: string,
    mishaps: Mishap[],
    work: () => Promise<T>,
    call?: { lost: () => Error; later: () => void; ignored: T },
  ): Promise<T> {
    if (this.dead) return never();
    const index = this.#count;
    this.#count += 1;
    this.seen.push(mishaps);
    this.labels.push(label);
    const mishap = this.#point?.index === index ? this.#point.mishap : null;
    if (mishap === "before") return this.#die();
    if (mishap === "unwritable") this.unwritable = true;
    if (mishap === "ignored" && call !== undefined) return call.ignored;
    if (mishap === "late" && call !== undefined) {
      call.later();
      throw call.lost();
    }
    const result = await work();
    if (this.dead) return never();
    if (mishap === "after") return this.#die();
    if (mishap === "lost" && call !== undefined) throw call.lost();
    return result;
  }

  #die<T>(): Promise<T> {
    this.dead = true;
    return never();
  }
}

function never<T>(): Promise<T> {
  return new Promise(() => undefined);
}

/** Where the first call or event stands whose label has this in it. */
export function indexOf({ labels }: CrashPoints, label: string): number {
  const index = labels.findIndex((one) => one.includes(label));
  if (index < 1) throw new Error(`No point of the run has ${label} in its label.`);
  return index;
}
