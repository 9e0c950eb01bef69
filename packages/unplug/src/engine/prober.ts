import { needsBaseline } from "../contract/expectation.ts";
import { exceeds } from "../contract/judge-probe.ts";
import { returnedAt } from "../contract/judge-series.ts";
import type { Check, CheckPhase } from "../contract/probe.ts";
import type { Abort } from "./abort.ts";
import { checkProbe, type ReadyProbe } from "./check-probe.ts";
import { FaultClock } from "./fault-clock.ts";
import type { Parts } from "./parts.ts";
import type { RunLog } from "./run-log.ts";

/** So many checks before the fault make a baseline. */
export const BASELINE_CHECKS = 3;
/** A stop condition that cannot be read so often in a row protects nobody. */
const BLIND_AFTER = 3;

/**
 * Asks all probes of a run, each on its own: nothing that hangs in one delays another, the fault or the restore.
 *
 * A scope is a step, by its name, or the whole run, null; the run's own windows are those of all its steps.
 */
export class Prober {
  readonly #probes: readonly ReadyProbe[];
  readonly #log: RunLog;
  readonly #parts: Parts;
  readonly #abort: Abort;
  readonly #scopes = new Map<string | null, FaultClock>();
  readonly #tasks: { readonly probe: ReadyProbe; readonly work: Promise<void> }[] = [];
  readonly #checks = new Map<string, Check[]>();

  constructor(probes: readonly ReadyProbe[], run: { log: RunLog; parts: Parts; abort: Abort }) {
    this.#probes = probes;
    this.#log = run.log;
    this.#parts = run.parts;
    this.#abort = run.abort;
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
    if (absent.length === 0 && !this.#abort.signal.aborted)
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
    const mine = this.#of(step);
    for (const probe of mine) {
      const { mode } = probe.spec;
      if ((mode === "EOT" || mode === "Edge") && !this.#abort.signal.aborted)
        this.#start(probe, this.#endCheck(probe, clock));
    }
    await this.#wait(({ step: of, spec }) => of === step && (spec.lagMs === 0 || step === null));
  }

  /** Waits for all that is still asked, late data too; at once when the run is aborted. */
  async finish(): Promise<void> {
    await this.#wait(() => true);
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
    await Promise.all(this.#tasks.filter(({ probe }) => which(probe)).map(({ work }) => work));
  }

  async #steady(probe: ReadyProbe, clock: FaultClock): Promise<string | null> {
    const { mode, run, expect } = probe.spec;
    const isSteady = mode === "SOT" || mode === "Edge" || probe.role === "stop";
    const compares = expect.some(needsBaseline) && mode !== "SOT";
    const times = compares ? BASELINE_CHECKS : isSteady ? 1 : 0;
    if (times > 0) await this.#parts.clock.sleep(run.initialDelayMs, this.#abort.signal);
    let last: Check | null = null;
    for (let i = 0; i < times && !this.#abort.signal.aborted; i += 1) {
      if (i > 0) await this.#parts.clock.sleep(run.intervalMs, this.#abort.signal);
      last = await this.#ask(probe, "baseline", clock.since);
    }
    const isFine = last === null || last.result === "passed" || last.result === "missing";
    if (!isSteady || isFine) return null;
    const what = probe.role === "stop" ? "the stop condition" : "the probe";
    const how = last?.result === "errored" ? "could not be asked" : "is not met";
    return `${what} ${JSON.stringify(probe.spec.name)} ${how} before the fault: ${last?.text ?? "no reason given"}`;
  }

  /** A probe that runs all the time, or all the time that a fault is in. */
  async #loop(probe: ReadyProbe, clock: FaultClock): Promise<void> {
    const { signal } = this.#abort;
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
        await this.#ask(probe, clock.phaseAt(about), clock.since);
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
    const { mode, run, expect } = probe.spec;
    const next = last === null ? about : last.about + run.intervalMs;
    const isReturning = this.#isReturning(probe, clock, about);
    if (clock.endedAt !== null && about >= clock.endedAt) {
      if (isReturning) return next;
      // The last word is what all ended with.
      return mode === "Continuous" && (last === null || last.about < clock.endedAt) ? about : "over";
    }
    if (mode === "Continuous")
      return last === null ? clock.since + run.initialDelayMs - probe.spec.lagMs : next;
    if (isReturning) return next;
    const window = clock.windowAt(about);
    if (window !== null) return window === last?.window ? next : window + run.initialDelayMs;
    const opens = clock.nextWindow(about);
    if (opens !== null) return opens + run.initialDelayMs;
    // Late data has not yet told of the restore that it is to be back after.
    const { restoredAt } = clock;
    if (restoredAt !== null && about < restoredAt && expect.some(({ operator }) => operator === "returns"))
      return restoredAt;
    return clock.endedAt === null ? "unknown" : "over";
  }

  /** The fault is out, and what it shows has to come back yet, and still may in time. */
  #isReturning({ key, spec }: ReadyProbe, clock: FaultClock, about: number): boolean {
    const { restoredAt } = clock;
    if (restoredAt === null || clock.phaseAt(about) !== "after") return false;
    return spec.expect.some(
      (expectation) =>
        expectation.operator === "returns" &&
        about <= restoredAt + expectation.withinMs &&
        returnedAt(expectation, this.#checks.get(key) ?? [], restoredAt) === null,
    );
  }

  async #endCheck(probe: ReadyProbe, clock: FaultClock): Promise<void> {
    const { run, lagMs } = probe.spec;
    await this.#parts.clock.sleep(run.initialDelayMs + lagMs, this.#abort.signal);
    if (!this.#abort.signal.aborted) await this.#ask(probe, "after", clock.since);
  }

  async #ask(probe: ReadyProbe, phase: CheckPhase, since: number): Promise<Check | null> {
    const about = this.#parts.clock.now() - probe.spec.lagMs;
    const done = await checkProbe(probe, { phase, about, since }, this.#abort.signal);
    if (done === null) return null;
    const all = this.#checks.get(probe.key) ?? [];
    this.#checks.set(probe.key, all);
    all.push(done.check);
    await this.#log.note({ type: "probe.checked", probe: probe.key, ...done });
    if (phase !== "baseline") this.#mayStop(probe, all);
    return done.check;
  }

  /** Ends the run where a probe says that it must not go on. */
  #mayStop({ role, spec }: ReadyProbe, checks: readonly Check[]): void {
    const stop = (text: string) => {
      const word = role === "stop" ? "stop condition" : "probe";
      void this.#abort.end({
        by: `${word} ${JSON.stringify(spec.name)}: ${text}`,
        signal: null,
        leave: false,
      });
    };
    const last = checks.at(-1);
    const bad = checks.filter(({ result }) => result === "failed").length;
    const isFailed =
      last?.result === "failed" && exceeds(bad, checks.length, spec) && bad >= leastBad(spec.run.tolerate);
    if (isFailed && (role === "stop" || spec.run.stopOnFailure)) stop(last?.text ?? "it failed");
    const blind = checks.slice(-BLIND_AFTER);
    if (role === "stop" && blind.length === BLIND_AFTER && blind.every(({ result }) => result === "errored"))
      stop(`it could not be read ${BLIND_AFTER} times in a row (${last?.text ?? ""})`);
  }
}

/** On the clock of the probe's data. */
interface LastCheck {
  readonly about: number;
  readonly window: number | null;
}

function isLooping({ spec: { mode } }: ReadyProbe): boolean {
  return mode === "Continuous" || mode === "OnChaos";
}

/** One of the first few may fail without being too many of all that will come. */
function leastBad(tolerate: number): number {
  return tolerate === 0 ? 1 : 2;
}
