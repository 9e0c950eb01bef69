import { withRetries } from "../../packages/unplug/src/aws/retries.ts";
import type { Aws } from "../../packages/unplug/src/contract/aws.ts";
import type { Experiment } from "../../packages/unplug/src/contract/experiment.ts";
import type { ProbeSpec } from "../../packages/unplug/src/contract/probe.ts";
import { planExperiment } from "../../packages/unplug/src/engine/plan.ts";
import { runExperiment } from "../../packages/unplug/src/engine/run.ts";
import { memoryJournal } from "../../packages/unplug/src/journal/memory-journal.ts";
import { builtinProbes } from "../../packages/unplug/src/probes/index.ts";
import { fold } from "../../packages/unplug/src/report/fold.ts";
import { exitCode } from "../../packages/unplug/src/report/outcome.ts";
import { policyJson } from "../../packages/unplug/src/report/policy-json.ts";
import type { RunView } from "../../packages/unplug/src/report/run-view.ts";
import { summaryText } from "../../packages/unplug/src/report/summary-text.ts";
import { PretendedProcesses } from "./processes.ts";
import { experiment, partsOf, type StepScenario, snapshot } from "./scenario.ts";
import { VirtualClock } from "./virtual-clock.ts";
import { ACCOUNT, awsOf, makeWorld, PLACE, REGION, textOf, type World, type WorldOptions } from "./world.ts";

/** A statement of a policy, as IAM takes it. */
interface Statement {
  readonly Sid?: string;
  readonly Effect: "Allow" | "Deny";
  readonly Action: readonly string[];
  readonly Resource: string | readonly string[];
}

export interface Policy {
  readonly Version: "2012-10-17";
  readonly Statement: readonly Statement[];
}

/** What is tried: steps and probes in a world. */
export interface Trial {
  readonly world: WorldOptions;
  readonly step: StepScenario;
  readonly probes?: readonly ProbeSpec[];
  /** What there is in the world beside. */
  readonly prepare?: (world: World) => Promise<void>;
  /** What somebody else does once the fault is in. */
  readonly inHold?: (world: World) => Promise<unknown>;
}

/** One permission as it was asked for by the sandbox's IAM. */
interface Used {
  readonly action: string;
  readonly resource: string;
}

export interface PermittedRun {
  readonly code: number;
  /** What its user is told in the end. */
  readonly said: string;
  readonly view: RunView;
  readonly before: unknown;
  readonly after: unknown;
  /** Of calls that were permitted. */
  readonly used: readonly Used[];
  /** Of those that were not. */
  readonly refused: readonly Used[];
}

const USER = "chaos";

async function worldOf({ world: options, prepare }: Trial): Promise<World> {
  const world = await makeWorld(new VirtualClock(), options);
  await prepare?.(world);
  return world;
}

function experimentOf({ step, probes }: Trial): Experiment {
  const alone = experiment(step);
  return probes === undefined ? alone : { ...alone, probes };
}

/** A user of IAM with one policy and nothing else; AWS as it answers that user. */
export async function asUser(world: World, policy: Policy): Promise<Aws> {
  const call = (action: string, input: Record<string, unknown>) =>
    world.cloud.call(action, input, { region: REGION });
  await call("iam:CreateUser", { UserName: USER });
  await call("iam:PutUserPolicy", {
    UserName: USER,
    PolicyName: "trial",
    PolicyDocument: JSON.stringify(policy),
  });
  const { AccessKey } = Object(await call("iam:CreateAccessKey", { UserName: USER }));
  const aws = awsOf(world.cloud, { accessKey: textOf(AccessKey, "AccessKeyId") });
  return withRetries(aws, world.clock);
}

function partsFor(aws: Aws, world: World) {
  const journal = memoryJournal(new PretendedProcesses(), world.clock);
  return { ...partsOf(aws, journal, world), probes: builtinProbes };
}

/** One run of a user who has this policy and nothing else; `asksIam`: what that comes to is asked of IAM first. */
export async function permittedRun(
  trial: Trial,
  policy: Policy,
  { asksIam = false }: { readonly asksIam?: boolean } = {},
): Promise<PermittedRun> {
  const world = await worldOf(trial);
  const before = await snapshot(world);
  const aws = await asUser(world, policy);
  const identity = `arn:aws:iam::${ACCOUNT}:user/${USER}`;
  world.cloud.record.clear();
  const work = runExperiment(
    experimentOf(trial),
    { run: "r-permitted", signal: new AbortController().signal },
    {
      ...partsFor(aws, world),
      ...(asksIam ? { asksIam } : {}),
      onEvent: ({ event }) => {
        if (event.type === "hold.started") void trial.inHold?.(world);
      },
      connect: () => Promise.resolve({ aws, place: PLACE, identity }),
    },
  );
  const events = (await world.clock.run(work)) ?? [];
  const view = fold(events);
  const calls = world.cloud.record.all().filter(({ principal }) => principal?.endsWith(`:user/${USER}`));
  const asked = (denied: boolean) =>
    calls
      .filter(({ outcome }) => (outcome === "AccessDeniedException") === denied)
      .flatMap((one) => one.permissions);
  const code = exitCode(view);
  return {
    code,
    said: summaryText(view),
    view,
    before,
    after: await snapshot(world),
    used: asked(false),
    refused: asked(true),
  };
}

/** The policy that Unplug prints for a trial, as an administrator sees the world. */
export async function printedPolicy(trial: Trial): Promise<Policy> {
  const world = await worldOf(trial);
  const work = planExperiment(
    experimentOf(trial),
    "r-printed",
    partsFor(withRetries(world.aws, world.clock), world),
    new AbortController().signal,
  );
  const plan = await world.clock.run(work);
  if (plan === undefined) throw new Error("The plan was not made.");
  const permissions = [
    ...plan.steps.flatMap((step) => (step.kind === "fault" ? step.permissions : [])),
    ...plan.probes.flatMap((probe) => probe.permissions),
  ];
  return policyJson(permissions);
}

/** A policy without one action, in whatever statement it is. */
export function without(policy: Policy, action: string): Policy {
  const left = policy.Statement.map((one) => ({
    ...one,
    Action: one.Action.filter((name) => name !== action),
  }));
  return { ...policy, Statement: left.filter(({ Action }) => Action.length > 0) };
}
