import * as z from "zod";
import type { Expectation } from "../../packages/unplug/src/contract/expectation.ts";
import type { GuardRails } from "../../packages/unplug/src/contract/guard-rails.ts";
import type { Recorded } from "../../packages/unplug/src/contract/journal.ts";
import {
  type Check,
  defineProbe,
  type ProbeAnswer,
  type ProbeIo,
  type ProbeSpec,
} from "../../packages/unplug/src/contract/probe.ts";
import { runExperiment } from "../../packages/unplug/src/engine/run.ts";
import { experiment, type StepScenario } from "./scenario.ts";
import type { Stage } from "./stage.ts";

export interface Probing {
  readonly probes?: readonly ProbeSpec[];
  readonly stops?: readonly ProbeSpec[];
  /** Of the first step. */
  readonly stepProbes?: readonly ProbeSpec[];
  /** Of the last step, where it is not the first. */
  readonly lastProbes?: readonly ProbeSpec[];
  /** Run together. */
  readonly parallel?: boolean;
  /** What the type looks at before anything is asked of AWS. */
  readonly prepare?: () => Promise<void>;
  readonly guardRails?: GuardRails | null;
}

/** A probe of a type that measures whatever the test says, by the journal's clock. */
export function asked(
  name: string,
  mode: ProbeSpec["mode"],
  expect: readonly Expectation[],
  more: Partial<Omit<ProbeSpec, "run">> & { readonly run?: Partial<ProbeSpec["run"]> } = {},
): ProbeSpec {
  const run = {
    timeoutMs: 1_000,
    intervalMs: 1_000,
    attempts: 1,
    initialDelayMs: 0,
    tolerate: 0,
    stopOnFailure: false,
    ...more.run,
  };
  return { type: "told", settings: {}, lagMs: 0, missing: "fail", ...more, name, mode, expect, run };
}

/** One whole run with probes that `tell` answers for; gives the run's events. */
export async function runProbed(
  stage: Stage,
  steps: readonly StepScenario[],
  {
    probes = [],
    stops = [],
    stepProbes = [],
    lastProbes = [],
    parallel = false,
    prepare = async () => undefined,
    guardRails = null,
  }: Probing,
  tell: (io: ProbeIo, settings: Readonly<Record<string, unknown>>) => Promise<ProbeAnswer> | ProbeAnswer,
): Promise<readonly Recorded[]> {
  const told = defineProbe({
    type: "told",
    summary: "Measures what the test says.",
    settings: z.record(z.string(), z.unknown()),
    measures: { value: { kind: "any", description: "" } },
    expects: null,
    example: { settings: {} },
    prepare,
    check: async (settings, io) => await tell(io, settings),
  });
  const plain = experiment(...steps);
  const stated = {
    ...plain,
    probes,
    stopConditions: stops,
    steps: plain.steps.map((step, i) => ({
      ...step,
      ...(i === 0 ? { probes: stepProbes } : { probes: i === plain.steps.length - 1 ? lastProbes : [] }),
      ...(parallel ? { parallel: 0 } : {}),
    })),
  };
  const parts = { ...stage.parts, probes: [told], guardRails: () => Promise.resolve(guardRails) };
  const options = { run: "r-1", signal: stage.controller.signal };
  const running = runExperiment(stated, options, parts);
  await stage.clock.run(running);
  return running;
}

/** The checks of a probe, by a name that only one has. */
export function checksOf(
  events: readonly Recorded[],
  name: string,
): readonly (Check & { askedAt: number })[] {
  return events.flatMap(({ event }) =>
    event.type === "probe.checked" && event.probe.includes(JSON.stringify(name))
      ? [{ ...event.check, askedAt: event.askedAt }]
      : [],
  );
}
