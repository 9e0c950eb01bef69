import type { Access } from "../contract/access.ts";
import type { Connection } from "../contract/connection.ts";
import { needsBaseline } from "../contract/expectation.ts";
import type { Experiment } from "../contract/experiment.ts";
import type { Place } from "../contract/place.ts";
import type { ExperimentPlan, ProbePlan } from "../contract/plan.ts";
import { type AnyProbe, type ProbeSpec, probeKey, stopKey } from "../contract/probe.ts";
import { Refusal } from "../contract/refusal.ts";
import type { ReadyProbe } from "./check-probe.ts";
import type { Parts } from "./parts.ts";
import type { ReadyStep } from "./plan.ts";
import { BASELINE_CHECKS } from "./prober.ts";

interface Stated extends Pick<ReadyProbe, "step" | "role" | "spec" | "probe" | "settings"> {}

export interface StatedProbes {
  /** How long they make a scope last that goes as expected. */
  lengthMs(step: string | null): number;
  /** How long they may keep a scope's fault from being injected. */
  longestMs(step: string | null): number;
  /** How long they may keep the next step from beginning. */
  afterMs(step: string): number;
  /** Throws Refusal when one of them could never be asked. */
  prepare(): Promise<void>;
  /** Throws Refusal when one of them would not be asked before the fault is out again. */
  refuseLate(steps: readonly ReadyStep[]): void;
  ready(steps: readonly ReadyStep[], of: { run: string; signal: AbortSignal }): readonly ReadyProbe[];
}

/** All probes of an experiment, checked against their types. Throws Refusal. */
export function readyProbes(experiment: Experiment, parts: Parts): StatedProbes {
  const state = (specs: readonly ProbeSpec[] = [], step: string | null, role: ReadyProbe["role"]): Stated[] =>
    specs.map((spec) => {
      const probe = probeOf(spec, parts.probes);
      return { step, role, spec, probe, settings: settingsOf(spec, probe) };
    });
  const all = [
    ...state(experiment.stopConditions, null, "stop"),
    ...state(experiment.probes, null, "hypothesis"),
    ...experiment.steps.flatMap((step) =>
      step.kind === "fault" ? state(step.probes, step.name, "hypothesis") : [],
    ),
  ];
  const most = (step: string | null, of: (probe: Stated) => number) =>
    Math.max(0, ...all.filter((probe) => probe.step === step).map(of));
  return {
    lengthMs: (step) =>
      most(step, delayBefore) +
      most(step, ({ spec }) => spec.lagMs + (isAskedAtEnd(spec) ? spec.run.initialDelayMs : 0)),
    longestMs: (step) =>
      most(step, (probe) =>
        checksBefore(probe) === 0
          ? 0
          : probe.spec.run.initialDelayMs + lagBefore(probe) + checksBefore(probe) * longestCheckMs(probe),
      ),
    afterMs: (step) =>
      most(step, (probe) =>
        probe.spec.lagMs > 0
          ? 0
          : probe.spec.run.initialDelayMs + longestCheckMs(probe) + longestReturnMs(probe.spec),
      ),
    prepare: async () => {
      const culprits = await Promise.all(all.map((probe) => unprepared(probe, parts)));
      const found = culprits.filter((culprit) => culprit !== null);
      const [first] = found;
      if (first !== undefined)
        throw new Refusal(`Not every probe could be asked: ${first.split("\n", 1)[0]}`, found);
    },
    refuseLate: (steps) => refuseLate(all, steps),
    ready: (steps, { run, signal }) =>
      all.map((probe) => ({
        ...probe,
        key: probe.role === "stop" ? stopKey(probe.spec) : probeKey(probe.step, probe.spec),
        io: { ...parts.outside, clock: parts.clock, aws: awsOf(probe.step, steps, { parts, run, signal }) },
      })),
  };
}

function refuseLate(all: readonly Stated[], steps: readonly ReadyStep[]): void {
  const culprits = all.flatMap(({ step, spec }) => {
    if (spec.mode !== "OnChaos") return [];
    const holds = steps.filter(({ plan }) => step === null || plan.step.name === step);
    const longest = Math.max(0, ...holds.map(({ plan }) => plan.timing.holdMs));
    const { initialDelayMs } = spec.run;
    if (initialDelayMs < longest) return [];
    return [
      `probe "${spec.name}" waits ${initialDelayMs / 1000} s (initialDelay), and the fault is held for ${longest / 1000} s`,
    ];
  });
  if (culprits.length === 0) return;
  const what = "Not every probe would be asked while the fault is in.";
  throw new Refusal(what, culprits, "Hold longer, or wait less.");
}

/** What a probe lacks, for people; null when it lacks nothing. */
async function unprepared({ spec, probe, settings }: Stated, { outside }: Parts): Promise<string | null> {
  try {
    await probe.prepare?.(settings, outside);
    return null;
  } catch (error) {
    return `probe "${spec.name}": ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** A step's late data would tell of the step before it. */
function lagBefore({ step, spec }: Stated): number {
  return step === null ? 0 : spec.lagMs;
}

/** How long it keeps a scope's fault waiting where each of its checks is answered at once. */
function delayBefore(probe: Stated): number {
  const checks = checksBefore(probe);
  const { initialDelayMs, intervalMs } = probe.spec.run;
  return checks === 0 ? 0 : initialDelayMs + (checks - 1) * intervalMs;
}

function isAskedAtEnd({ mode }: ProbeSpec): boolean {
  return mode === "EOT" || mode === "Edge";
}

function longestCheckMs({ spec: { run } }: Stated): number {
  return run.attempts * Math.max(run.timeoutMs, run.intervalMs);
}

function longestReturnMs({ expect }: ProbeSpec): number {
  return Math.max(0, ...expect.map((one) => (one.operator === "returns" ? one.withinMs : 0)));
}

function probeOf(spec: ProbeSpec, types: readonly AnyProbe[]): AnyProbe {
  const probe = types.find(({ type }) => type === spec.type);
  if (probe !== undefined) return probe;
  throw new Refusal(`There is no type of probe "${spec.type}".`, [], "`unplug probes` lists them.");
}

function settingsOf(spec: ProbeSpec, { settings }: AnyProbe): unknown {
  const parsed = settings.safeParse(spec.settings);
  if (parsed.success) return parsed.data;
  throw new Refusal(
    `The settings of probe "${spec.name}" are not right.`,
    parsed.error.issues.map(({ path, message }) => `${path.join(".")} ${message}`),
    "",
  );
}

function checksBefore({ spec }: Stated): number {
  if (spec.expect.some(needsBaseline) && spec.mode !== "SOT") return BASELINE_CHECKS;
  return spec.mode === "OnChaos" || spec.mode === "EOT" ? 0 : 1;
}

/** The connection of its step, of the run's first for the run's own; another region is connected to when it is asked for. */
function awsOf(
  name: string | null,
  steps: readonly ReadyStep[],
  { parts, run, signal }: { parts: Parts; run: string; signal: AbortSignal },
): (region: string | null) => Promise<Connection> {
  const others = new Map<string, Promise<Connection>>();
  return async (region) => {
    const step = steps.find(({ plan }) => name === null || plan.step.name === name);
    if (step === undefined) throw new Refusal("There is no step whose access to AWS it could use.");
    if (region === null || region === step.connection.place.region) return step.connection;
    const access: Access = { ...step.plan.access, region };
    const other = others.get(region) ?? parts.connect(access, run, signal);
    others.set(region, other);
    // Another try may be luckier.
    other.catch(() => others.delete(region));
    return await other;
  };
}

/** What the plan says of them. */
export function plannedProbes(
  ready: readonly ReadyProbe[],
  steps: ExperimentPlan["steps"],
): readonly ProbePlan[] {
  return ready.map(({ spec, step, role, probe, settings }) => {
    const of = steps.find((one) => one.kind === "fault" && (step === null || one.step.name === step));
    const place: Place | null = of?.kind === "fault" ? of.place : null;
    const asked = place === null ? [] : (probe.permissions?.(settings, place) ?? []);
    return {
      spec,
      step,
      role,
      permissions: asked.map((one) => ({ ...one, optional: one.optional === true })),
    };
  });
}
