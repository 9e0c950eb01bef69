import type { CheckPhase } from "../contract/probe.ts";

interface Span {
  readonly phase: CheckPhase;
  readonly from: number;
}

/**
 * When the fault of a scope was in, for probes whose data may come late: they ask about instants that are over.
 *
 * Of several faults at a time the scope is in fault while any of them is.
 */
export class FaultClock {
  /** Milliseconds since 1970: when the scope began. */
  readonly since: number;
  readonly #spans: Span[];
  readonly #states = new Map<string, "transition" | "fault" | "after">();
  #confirmedAt: number | null = null;
  #restoredAt: number | null = null;
  #endedAt: number | null = null;
  #change = new AbortController();

  constructor(since: number) {
    this.since = since;
    this.#spans = [{ phase: "baseline", from: since }];
  }

  get confirmedAt(): number | null {
    return this.#confirmedAt;
  }

  get restoredAt(): number | null {
    return this.#restoredAt;
  }

  /** Milliseconds since 1970: the scope is over; null while it is not. */
  get endedAt(): number | null {
    return this.#endedAt;
  }

  /** A step's fault begins to be put in, or taken out: until the other end is reached nobody can say what it does. */
  transition(step: string, at: number): void {
    this.#turn(step, "transition", at);
  }

  faultIn(step: string, at: number): void {
    this.#confirmedAt ??= at;
    this.#turn(step, "fault", at);
  }

  /** All of a step's fault is proved out. */
  faultOut(step: string, at: number): void {
    this.#restoredAt = at;
    this.#turn(step, "after", at);
  }

  end(at: number): void {
    this.#endedAt ??= at;
    this.#tell();
  }

  /** Which part of the experiment an instant lies in; the time before the scope is its baseline. */
  phaseAt(at: number): CheckPhase {
    return this.#spans.findLast(({ from }) => from <= at)?.phase ?? "baseline";
  }

  /** When the window of a fault opened that an instant lies in; null where it lies in none. */
  windowAt(at: number): number | null {
    const span = this.#spans.findLast(({ from }) => from <= at);
    return span?.phase === "fault" ? span.from : null;
  }

  /** When the window that opened then was over; null while it is not. */
  endOfWindow(opened: number): number | null {
    return this.#spans.find(({ from, phase }) => from > opened && phase !== "fault")?.from ?? null;
  }

  /** The first window known to open after an instant; null where none is known. */
  nextWindow(at: number): number | null {
    return this.#spans.find(({ phase, from }) => phase === "fault" && from > at)?.from ?? null;
  }

  /** Resolves at the next change, or when `signal` is aborted. */
  async changed(signal: AbortSignal): Promise<void> {
    const change = this.until(signal);
    if (change.aborted) return;
    await new Promise<void>((resolve) => change.addEventListener("abort", () => resolve(), { once: true }));
  }

  /** Aborted at the next change, or with `signal`. */
  until(signal: AbortSignal): AbortSignal {
    return AbortSignal.any([signal, this.#change.signal]);
  }

  #turn(step: string, state: "transition" | "fault" | "after", at: number): void {
    this.#states.set(step, state);
    const states = [...this.#states.values()];
    const phase = (["fault", "transition"] as const).find((one) => states.includes(one)) ?? "after";
    if (this.#spans.at(-1)?.phase !== phase) this.#spans.push({ phase, from: at });
    this.#tell();
  }

  #tell(): void {
    const change = this.#change;
    this.#change = new AbortController();
    change.abort();
  }
}
