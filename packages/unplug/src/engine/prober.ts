import { type Expectation, isSame, needsBaseline } from "../contract/expectation.ts";
import { returnedAt } from "../contract/judge-series.ts";
import type { Check, CheckPhase, ProbeSpec } from "../contract/probe.ts";
import type { Abort } from "./abort.ts";
import { checkProbe, type ReadyProbe } from "./check-probe.ts";
import { FaultClock } from "./fault-clock.ts";
import type { Parts } from "./parts.ts";
import type { RunLog } from "./run-log.ts";
import { absence } from "./steady-state.ts";
import { Stops } from "./stops.ts";

/** So many checks before the fault make a baseline. */
export const BASELINE_CHECKS = 3;

/**
 * Asks all probes of a run, each on its own: nothing that hangs in one delays another, the fault or the restore.
 *
 * A scope is a step, by its name, or the whole run, null; the run's own windows are those of all its steps.
 */
export class Prober {
  readonly #probes: readonly ReadyProbe[];
  readonly #log: RunLog;
  readonly #parts: Parts;
  /** Aborted with the run, or when nobody asks any more. */
  readonly #signal: AbortSignal;
  readonly #over = new AbortController();
  readonly #scopes = new Map<string | null, FaultClock>();
  readonly #tasks: { readonly probe: ReadyProbe; readonly work: Promise<void> }[] = [];
  readonly #checks = new Map<string, Check[]>();
  readonly #stops: Stops;

  constructor(probes: readonly ReadyProbe[], run: { log: RunLog; parts: Parts; abort: Abort }) {
    this.#probes = probes;
    this.#log = run.log;
    this.#parts = run.parts;
    this.#stops = new Stops(run.abort);
    this.#signal = AbortSignal.any([run.abort.signal, this.#over.signal]);
  }

  /**
   * Before a scope's fault: starts what runs all the time, takes the baselines, asks for the steady state.
   *
   * Gives a sentence for each probe without which nothing may be injected.
   */
  async before(step: string | null): Promise<readonly string[]> {
    const clock = new FaultClock(this.#parts.clock.now());
    this.#scopes.set(step, clock);
    const mine = this.#of(step);
    const complaints = await Promise.all(mine.map((probe) => this.#steady(probe, clock)));
    const absent = complaints.flatMap((complaint) => (complaint === null ? [] : [complaint]));
    if (absent.length === 0 && !this.#signal.aborted)
      for (const probe of mine) if (isLooping(probe)) this.#start(probe, this.#loop(probe, clock));
    return absent;
  }

  /** A step's fault was confirmed. */
  faultIn(step: string): void {
    for (const clock of this.#around(step)) clock.faultIn(step, this.#parts.clock.now());
  }

  /** A step's fault begins to be put in, or taken out: until the other end is reached nobody can say what it does. */
  transition(step: string): void {
    for (const clock of this.#around(step)) clock.transition(step, this.#parts.clock.now());
  }

  /** All of a step's fault is proved out. */
  faultOut(step: string): void {
    for (const clock of this.#around(step)) clock.faultOut(step, this.#parts.clock.now());
  }

  /** After a scope's last proof: asks what is asked at the end, and ends what runs all the time. Late data is not waited for. */
  async after(step: string | null): Promise<void> {
    const clock = this.#scopes.get(step);
    if (clock === undefined) return;
    clock.end(this.#parts.clock.now());
    // What was never injected has no end to be asked about.
    const isEnd = clock.restoredAt !== null && !this.#signal.aborted;
    for (const probe of isEnd ? this.#of(step) : []) {
      const { mode } = probe.spec;
      if (mode === "EOT" || mode === "Edge") this.#start(probe, this.#endCheck(probe, clock));
    }
    await this.#wait(({ step: of, spec }) => of === step && (spec.lagMs === 0 || step === null));
  }

  /** Waits for all that is still asked, late data too; at once when the run is aborted. */
  async finish(): Promise<void> {
    await this.#wait(() => true);
  }

  /** Nothing is asked any more, whatever became of the run. */
  close(): void {
    this.#over.abort();
  }

  #of(step: string | null): readonly ReadyProbe[] {
    return this.#probes.filter((probe) => probe.step === step);
  }

  #around(step: string): readonly FaultClock[] {
    return [this.#scopes.get(step), this.#scopes.get(null)].filter((clock) => clock !== undefined);
  }

  #start(probe: ReadyProbe, work: Promise<void>): void {
    // Nobody waits for it yet: whoever does is told.
    work.catch(() => undefined);
    this.#tasks.push({ probe, work });
  }

  async #wait(which: (probe: ReadyProbe) => boolean): Promise<void> {
    const ended = await Promise.allSettled(
      this.#tasks.filter(({ probe }) => which(probe)).map(({ work }) => work),
    );
    const defect = ended.find((one) => one.status === "rejected");
    if (defect !== undefined) throw defect.reason;
  }

  async #steady(probe: ReadyProbe, clock: FaultClock): Promise<string | null> {
    const { mode, run, expect, lagMs } = probe.spec;
    // One that is to hold all the time has to hold before; one that tolerates failures may begin with one.
    const isSteady = mode === "SOT" || mode === "Edge" || (mode === "Continuous" && run.tolerate === 0);
    const compares = expect.some(needsBaseline) && mode !== "SOT";
    const times = compares ? BASELINE_CHECKS : isSteady ? 1 : 0;
    if (times === 0) return null;
    const time = this.#parts.clock;
    // Late data would tell of the step before this one.
    const clear = this.#scopes.get(null)?.restoredAt ?? null;
    if (clear !== null) await time.sleep(clear + lagMs - time.now(), this.#signal);
    await time.sleep(run.initialDelayMs, this.#signal);
    const found: Check[] = [];
    for (let i = 0; i < times && !this.#signal.aborted; i += 1) {
      if (i > 0) await time.sleep(run.intervalMs, this.#signal);
      const check = await this.#ask(probe, "baseline", clock);
      if (check !== null) found.push(check);
    }
    return absence(probe, found, isSteady);
  }

  /** A probe that runs all the time, or all the time that a fault is in. */
  async #loop(probe: ReadyProbe, clock: FaultClock): Promise<void> {
    const signal = this.#signal;
    const time = this.#parts.clock;
    let last: LastCheck | null = null;
    while (!signal.aborted) {
      const about = time.now() - probe.spec.lagMs;
      const due = this.#dueAt(probe, clock, about, last);
      if (due === "over") return;
      if (due === "unknown") await clock.changed(signal);
      else if (due > about) await time.sleep(due - about, clock.until(signal));
      else {
        last = { about, window: clock.windowAt(about) };
        const check = await this.#ask(probe, clock.phaseAt(about), clock);
        if (check !== null) this.#mayStop(probe, check);
      }
    }
  }

  /** When the next check is due, on the clock of the probe's data; `unknown` until something changes. */
  #dueAt(
    probe: ReadyProbe,
    clock: FaultClock,
    about: number,
    last: LastCheck | null,
  ): number | "unknown" | "over" {
    const { mode, run, lagMs } = probe.spec;
    const next = last === null ? about : last.about + run.intervalMs;
    const isAwaited = this.#isAwaited(probe, clock, about);
    const { endedAt, restoredAt } = clock;
    if (endedAt !== null && about >= endedAt) {
      if (isAwaited) return next;
      // The last word is what all ended with.
      return mode === "Continuous" && (last === null || last.about < endedAt) ? about : "over";
    }
    // Before a run all was well; what was before a step was the step before it.
    const asked = this.#checks.get(probe.key)?.at(-1)?.about ?? Number.NEGATIVE_INFINITY;
    const since = clock.since + run.initialDelayMs - (probe.step === null ? lagMs : 0);
    const first = Math.max(since, asked + run.intervalMs);
    if (mode === "Continuous")
      return Math.min(last === null ? first : next, endedAt ?? Number.POSITIVE_INFINITY);
    if (isAwaited) return next;
    const inWindow = dueInWindow(clock, about, last, probe.spec);
    if (inWindow !== null) return inWindow;
    const opens = clock.nextWindow(about);
    if (opens !== null) return opens + run.initialDelayMs;
    // Late data has not yet told of the restore that it is to be back after.
    if (restoredAt !== null && about < restoredAt && probe.spec.expect.some(isAfterwards)) return restoredAt;
    return endedAt === null ? "unknown" : "over";
  }

  /** What has to come back, or to become so, has not yet, and still may in time. */
  #isAwaited({ key, spec }: ReadyProbe, clock: FaultClock, about: number): boolean {
    const { confirmedAt, restoredAt } = clock;
    return spec.expect.some((expectation) => {
      const { operator } = expectation;
      if (operator === "returns") {
        if (restoredAt === null || clock.phaseAt(about) !== "after") return false;
        const checks = this.#checks.get(key) ?? [];
        return (
          about <= restoredAt + expectation.withinMs && returnedAt(expectation, checks, restoredAt) === null
        );
      }
      if (operator !== "becomes" || expectation.withinMs === null) return false;
      if (confirmedAt === null || about < confirmedAt || about > confirmedAt + expectation.withinMs)
        return false;
      return !(this.#checks.get(key) ?? []).some(
        (check) =>
          check.about >= confirmedAt &&
          isSame(check.measures[expectation.measure] ?? null, expectation.value),
      );
    });
  }

  async #endCheck(probe: ReadyProbe, clock: FaultClock): Promise<void> {
    const { run, lagMs } = probe.spec;
    await this.#parts.clock.sleep(run.initialDelayMs + lagMs, this.#signal);
    if (this.#signal.aborted) return;
    const check = await this.#ask(probe, "after", clock);
    if (check !== null) this.#mayStop(probe, check);
  }

  async #ask(probe: ReadyProbe, phase: CheckPhase, clock: FaultClock): Promise<Check | null> {
    const about = this.#parts.clock.now() - probe.spec.lagMs;
    // One that is tried again in another phase would tell of that.
    const mayRetry = (now: number) => !isLooping(probe) || clock.phaseAt(now - probe.spec.lagMs) === phase;
    const asked = { phase, about, since: clock.since, mayRetry };
    const answered = await checkProbe(probe, asked, this.#signal);
    if (answered === null) return null;
    // What went well when the fault was out again says nothing of the fault.
    const isOut =
      phase === "fault" && answered.check.result === "passed" && !mayRetry(this.#parts.clock.now());
    const done = isOut
      ? { ...answered, check: { ...answered.check, phase: "transition" as const } }
      : answered;
    const all = this.#checks.get(probe.key) ?? [];
    this.#checks.set(probe.key, all);
    all.push(done.check);
    await this.#log.note({ type: "probe.checked", probe: probe.key, ...done });
    return done.check;
  }

  /** Once all is proved out there is nothing to stop, and late data is still waited for. */
  #mayStop(probe: ReadyProbe, check: Check): void {
    const isOver = this.#scopes.get(null)?.endedAt ?? null;
    if (isOver === null) this.#stops.look(probe, check);
  }
}

/** When a check is due in the window that an instant lies in; null when it lies in none, or all of it was asked about. */
function dueInWindow(
  clock: FaultClock,
  about: number,
  last: LastCheck | null,
  { run, lagMs }: ProbeSpec,
): number | null {
  const window = clock.windowAt(about);
  if (window === null) return null;
  const next =
    last !== null && window === last.window ? last.about + run.intervalMs : window + run.initialDelayMs;
  const end = lagMs === 0 ? null : clock.endOfWindow(window);
  if (end === null || next < end) return next;
  if (next === end) return null;
  // Late data: the end of the window is known, and nobody has asked about it.
  const lastWord = end - 1;
  return last !== null && last.window === window && last.about >= lastWord ? null : lastWord;
}

function isAfterwards({ operator }: Expectation): boolean {
  return operator === "returns";
}

/** On the clock of the probe's data. */
interface LastCheck {
  readonly about: number;
  readonly window: number | null;
}

function isLooping({ spec: { mode } }: ReadyProbe): boolean {
  return mode === "Continuous" || mode === "OnChaos";
}
