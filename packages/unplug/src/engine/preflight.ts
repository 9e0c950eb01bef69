import { iamName } from "../contract/actions.ts";
import { functionArnOf } from "../contract/arns.ts";
import type { Connection } from "../contract/connection.ts";
import type { ExperimentPlan, Permission, Preflight } from "../contract/plan.ts";
import type { Parts } from "./parts.ts";
import type { ReadyExperiment, ReadyStep } from "./plan.ts";
import { restoreNeeds } from "./plan-permissions.ts";
import { resourceTable } from "./readings.ts";
import { type Judged, simulate } from "./simulate.ts";

/** What is looked at before anything is changed: how long the credentials last, and what they may do. Reads only. */
export async function preflight(
  { plan, steps }: ReadyExperiment,
  parts: Parts,
  signal: AbortSignal,
): Promise<Preflight> {
  const faults = steps.filter((step) => step.kind === "fault");
  const ends = faults.map((step) => ({ step, found: endOf(step) }));
  const asking = parts.asksIam === true ? callers(faults) : [];
  const asked = await Promise.all(
    asking.map(async (caller) => ({
      step: caller.steps[0],
      found: await permitted(caller, { plan, parts, signal }),
    })),
  );
  const all = [...ends, ...asked];
  const warned = all.flatMap(({ step, found: { warnings = [] } }) =>
    step === undefined ? [] : warnings.map((warning) => ({ step: step.plan.step.name, warning })),
  );
  return {
    notes: all.flatMap(({ found: { notes = [] } }) => notes),
    warnings: [...new Set(warned.map(({ warning }) => warning))],
    warned,
    refused: [...new Set(all.flatMap(({ found: { refused = [] } }) => refused))],
  };
}

type Found = Partial<Pick<Preflight, "notes" | "warnings" | "refused">>;

/** Credentials that nobody renews, against the time that the step needs. */
function endOf({ plan, connection, expectedAt }: ReadyStep): Found {
  const end = connection.credentialsEnd;
  if (end === undefined) return {};
  const step = plan.step.name;
  const needed = `step "${step}" and its restore take until ${instant(expectedAt)}, and until ${instant(plan.until)} if AWS uses up every timeout`;
  if (end === "unknown") {
    return {
      warnings: [
        `The credentials are temporary, of the environment, and nothing says when they end (AWS_CREDENTIAL_EXPIRATION would): ${needed}.`,
      ],
    };
  }
  const told = `The credentials of ${connection.identity} end at ${instant(end)} and nothing renews them: ${needed}.`;
  if (end < expectedAt) return { refused: [told] };
  return end < plan.until ? { warnings: [told] } : {};
}

function instant(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, "Z");
}

interface Caller {
  readonly connection: Connection;
  readonly steps: readonly ReadyStep[];
}

/** Steps with the same identity in the same place are asked for together. */
function callers(steps: readonly ReadyStep[]): readonly Caller[] {
  const groups = Map.groupBy(steps, ({ connection: { identity, place } }) =>
    [identity, place.account, place.region, place.endpoint].join(" "),
  );
  return [...groups.values()].flatMap((members) => {
    const [first] = members;
    return first === undefined ? [] : [{ connection: first.connection, steps: members }];
  });
}

interface Asked {
  readonly plan: ExperimentPlan;
  readonly parts: Parts;
  readonly signal: AbortSignal;
}

async function permitted({ connection, steps }: Caller, { plan, parts, signal }: Asked): Promise<Found> {
  const names = new Set<string | null>(steps.map((step) => step.plan.step.name));
  const first = plan.steps.find((step) => step.kind === "fault");
  // Probes of the whole run ask as its first step does.
  if (first !== undefined && names.has(first.step.name)) names.add(null);
  const permissions = [
    ...steps.flatMap((step) => step.plan.permissions),
    ...plan.probes.flatMap((probe) => (names.has(probe.step) ? probe.permissions : [])),
  ];
  const wanted = eachOnce(permissions);
  const functions = new Set(
    steps.flatMap((step) => step.plan.targets.flatMap(({ ref }) => functionArnOf(ref) ?? [])),
  );
  const [functionArn] = functions;
  const simulation = await simulate(connection, wanted, {
    functionArn: functions.size === 1 ? (functionArn ?? null) : null,
    clock: parts.clock,
    signal,
  });
  if (!simulation.asked) {
    return {
      notes: [`what ${connection.identity} may do was not asked of IAM before: ${simulation.why}`],
    };
  }
  const { principal, judged } = simulation;
  const needs = await Promise.all(
    steps.map((step) => restoreNeeds(step.plan.edits, resourceTable(parts.resources))),
  );
  const restores = new Set(needs.flatMap((keys) => [...keys]));
  const of = (verdict: Judged["verdict"], optional: boolean) =>
    judged.filter((one) => one.verdict === verdict && one.optional === optional);
  return {
    notes: [
      `IAM says that ${principal} may do ${count(judged.filter(({ verdict }) => verdict === "allowed").length)} of ${wanted.length}`,
      ...lines(principal, of("denied", true), restores).map((line) => `${line}: the run can do without`),
    ],
    warnings: lines(principal, of("unsure", false), restores).map(
      (line) => `As far as IAM can say, ${line}; a policy of the resource or a condition may permit it`,
    ),
    refused: lines(principal, of("denied", false), restores),
  };
}

function count(permissions: number): string {
  return `${permissions} ${permissions === 1 ? "permission" : "permissions"}`;
}

function eachOnce(permissions: readonly Permission[]): readonly Permission[] {
  const found = new Map<string, Permission>();
  for (const one of permissions) {
    const key = `${iamName(one)} ${one.resource}`;
    const known = found.get(key);
    found.set(key, known === undefined ? one : { ...known, optional: known.optional && one.optional });
  }
  return [...found.values()];
}

const MOST_RESOURCES = 5;

/** One line for each action: who may not do it on what, whether a boundary is against it, and whether the restore needs it. */
function lines(
  principal: string,
  denied: readonly Judged[],
  restores: ReadonlySet<string>,
): readonly string[] {
  const alike = Map.groupBy(denied, (one) => `${iamName(one)} ${one.isBeyondBoundary}`);
  return [...alike.values()].flatMap((members) => {
    const [first] = members;
    if (first === undefined) return [];
    const action = iamName(first);
    const named = members.slice(0, MOST_RESOURCES).map(({ resource }) => resource);
    const more = members.length - named.length;
    const on = `${named.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
    const need = members.some(({ resource }) => restores.has(`${action} ${resource}`))
      ? ", which the restore needs"
      : "";
    const why = first.isBeyondBoundary ? " (its permissions boundary does not allow it)" : "";
    return [`${principal} may not ${action} on ${on}${why}${need}`];
  });
}
