import { functionArnOf } from "../contract/arns.ts";
import { type Place, placeKey, refKey } from "../contract/place.ts";
import type { ExperimentPlan, StepPlan } from "../contract/plan.ts";
import { isOfNoFunction, kindProblems } from "./check-edit.ts";
import { functionProblems, placeProblems } from "./check-place.ts";
import { stopProblems } from "./check-stops.ts";
import { tagProblems } from "./check-tags.ts";
import { runTimeProblems } from "./check-time.ts";
import { matches, matchesFunction, matchesIdentity } from "./pattern.ts";
import type { RuleFile, Who } from "./rules.ts";
import { quotedList, told } from "./told.ts";

/** Why a plan may not be run, by the rules of one file. */
export function planProblems(file: RuleFile, plan: ExperimentPlan, now: number): readonly string[] {
  const steps = plan.steps.filter((step) => step.kind === "fault");
  return [
    ...steps.flatMap((step) => stepProblems(file, step)),
    ...probeProblems(file, plan),
    ...stopProblems(file, steps, plan),
    ...wholeProblems(file, steps, plan),
    ...runTimeProblems(file, now, plan.lengthMs),
  ];
}

function stepProblems(file: RuleFile, step: StepPlan): readonly string[] {
  const { allow, limit } = file.rules;
  const what = `step "${step.step.name}"`;
  const { fault } = step.step;
  const arns = functionsOf(step);
  const found = [
    ...placesOf(step).flatMap((place) => placeProblems(file, place, what)),
    ...arns.flatMap((arn) => functionProblems(file, arn, what)),
    ...[...kindsOf(step)].flatMap((kind) => kindProblems(file, kind, what)),
    ...unreadTags(file, step, arns, what),
    ...whoProblems(file, step, arns, what),
  ];
  if (allow.faults !== undefined && !allow.faults.some((one) => matches(one, fault)))
    found.push(
      told(file, ["allow", "faults"], `${what} is ${fault}; permitted is ${quotedList(allow.faults)}`),
    );
  if (limit.hold !== undefined && step.timing.holdMs > limit.hold)
    found.push(
      told(
        file,
        ["limit", "hold"],
        `${what} holds for ${seconds(step.timing.holdMs)}; permitted is ${seconds(limit.hold)}`,
      ),
    );
  const share = shareOf(step);
  if (limit.traffic !== undefined && share > limit.traffic)
    found.push(
      told(
        file,
        ["limit", "traffic"],
        `${what} reaches ${share}% of its function's callers; permitted is ${limit.traffic}%`,
      ),
    );
  return found;
}

/** Each function that a step would touch, once; null: something of it belongs to none, and should. */
function functionsOf({ targets, edits }: StepPlan): readonly (string | null)[] {
  const changed = edits.map(({ edit }) => edit.ref).filter((ref) => !isOfNoFunction(ref));
  return [...new Set([...targets.map(({ ref }) => ref), ...changed].map(functionArnOf))];
}

function placesOf({ place, edits }: StepPlan): readonly Place[] {
  const all = [place, ...edits.map(({ edit }) => edit.ref.place)];
  return [...new Map(all.map((one) => [placeKey(one), one])).values()];
}

function kindsOf({ edits }: StepPlan): ReadonlySet<string> {
  return new Set(edits.map(({ edit }) => edit.ref.kind));
}

/** What was not asked for is not known to be permitted. */
function unreadTags(
  file: RuleFile,
  step: StepPlan,
  arns: readonly (string | null)[],
  what: string,
): readonly string[] {
  return arns.flatMap((arn) => {
    const functionArn = arn ?? "nobody knows which function";
    const known = step.tags?.find((one) => one.functionArn === arn);
    return tagProblems(file, known ?? { functionArn, tags: null, problem: "nobody asked" }, what);
  });
}

function whoProblems(
  file: RuleFile,
  step: StepPlan,
  arns: readonly (string | null)[],
  what: string,
): readonly string[] {
  const { who } = file.rules.allow;
  if (who === undefined) return [];
  const { identity } = step;
  const rule = ["allow", "who"];
  const named = who.filter(({ identities }) => identities.some((one) => matchesIdentity(one, identity)));
  if (named.length === 0)
    return [told(file, rule, `${identity} would run ${what}, and is named by none of these`)];
  return arns
    .filter((arn) => !named.some((one) => permits(one, step.step.fault, arn)))
    .map((arn) =>
      told(
        file,
        rule,
        `${identity} may not run ${step.step.fault} on ${arn ?? "what belongs to no function"}, as ${what} would`,
      ),
    );
}

function permits({ faults, functions }: Who, fault: string, arn: string | null): boolean {
  return (
    (faults === undefined || faults.some((one) => matches(one, fault))) &&
    (functions === undefined || (arn !== null && functions.some((one) => matchesFunction(one, arn))))
  );
}

/** Of a function's callers, in percent: all, unless the fault can be told to reach fewer. */
function shareOf({ step }: StepPlan): number {
  const given = step.tunables.filter(({ name }) => name === "TRAFFIC_PERCENTAGE");
  const shares = given.map(({ value }) => (/^\s*\d+\s*$/.test(String(value)) ? Number(value) : 100));
  return shares.length === 0 ? 100 : Math.max(...shares);
}

function probeProblems(file: RuleFile, { probes }: ExperimentPlan): readonly string[] {
  const { allow } = file.rules;
  const found: string[] = [];
  for (const { spec } of probes) {
    if (allow.probes === undefined || allow.probes.some((one) => matches(one, spec.type))) continue;
    found.push(
      told(
        file,
        ["allow", "probes"],
        `probe "${spec.name}" is ${spec.type}; permitted is ${quotedList(allow.probes)}`,
      ),
    );
  }
  return found;
}

function wholeProblems(
  file: RuleFile,
  steps: readonly StepPlan[],
  { lengthMs }: ExperimentPlan,
): readonly string[] {
  const { limit } = file.rules;
  const targets = new Set(steps.flatMap((step) => step.targets.map(({ ref }) => refKey(ref)))).size;
  const found: string[] = [];
  if (limit.run !== undefined && lengthMs > limit.run)
    found.push(
      told(
        file,
        ["limit", "run"],
        `the whole run takes about ${seconds(lengthMs)}; permitted is ${seconds(limit.run)}`,
      ),
    );
  if (limit.targets !== undefined && targets > limit.targets)
    found.push(
      told(file, ["limit", "targets"], `the run has ${targets} targets; permitted are ${limit.targets}`),
    );
  return found;
}

function seconds(ms: number): string {
  return `${ms / 1000} s`;
}
