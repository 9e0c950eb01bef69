import { iamName } from "../contract/actions.ts";
import { AwsError, type InputOf, type OutputOf } from "../contract/aws.ts";
import type { Clock } from "../contract/clock.ts";
import type { Connection } from "../contract/connection.ts";
import type { Permission } from "../contract/plan.ts";
import { within } from "./within.ts";

/** What IAM says of permissions, or why it was not asked or did not answer. */
export type Simulation =
  | { readonly asked: false; readonly why: string }
  | { readonly asked: true; readonly principal: string; readonly judged: readonly Judged[] };

export interface Judged extends Permission {
  /** `unsure`: IAM denied, and something that it was not told might have made it allow. */
  readonly verdict: "allowed" | "denied" | "unsure";
  /** The caller's permissions boundary is against it, so that a further permission changes nothing. */
  readonly isBeyondBoundary: boolean;
}

export interface Simulating {
  /** The function that everything is about; null when there are several. For policies with a condition on it. */
  readonly functionArn: string | null;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** IAM may be out of reach where Lambda is not (a network with an endpoint of its own): nobody waits long for it. */
const LONGEST_MS = 15_000;
/** So that one request's results come in one page. */
const RESOURCES_AT_ONCE = 50;

type Input = InputOf<"iam:SimulatePrincipalPolicy">;
type Result = NonNullable<OutputOf<"iam:SimulatePrincipalPolicy">["EvaluationResults"]>[number];

/** Asks IAM what the caller's policies say of each permission. Changes nothing, and never throws: what could not be asked is not known. */
export async function simulate(
  connection: Connection,
  permissions: readonly Permission[],
  { functionArn, clock, signal }: Simulating,
): Promise<Simulation> {
  const caller = callerOf(connection.identity);
  if ("why" in caller) return { asked: false, why: caller.why };
  try {
    const answer = await within(clock, LONGEST_MS, signal, async (ending) => {
      const asking = new Asking(connection, ending, functionArn);
      return await asking.all(caller, permissions);
    });
    return answer ?? { asked: false, why: `IAM did not answer within ${LONGEST_MS / 1000} s` };
  } catch (error) {
    return { asked: false, why: whyNot(error) };
  }
}

interface Caller {
  readonly arn: string;
  /** Of a session: its role, whose ARN may have a path that the session's has not. */
  readonly role: string | null;
}

/** Whose policies count. Source: IAM's user guide, IAM identifiers; SimulatePrincipalPolicy takes users, groups and roles. */
export function callerOf(identity: string): Caller | { readonly why: string } {
  const [, partition = "", service = "", account = "", kind = "", rest = ""] =
    /^arn:([\w-]+):(iam|sts)::(\d{12}):([\w-]+)(?:\/(.+))?$/.exec(identity) ?? [];
  if (service === "iam" && (kind === "user" || kind === "role")) return { arn: identity, role: null };
  if (service === "sts" && kind === "assumed-role") {
    const role = rest.split("/")[0] ?? "";
    return { arn: `arn:${partition}:iam::${account}:role/${role}`, role };
  }
  if (service === "iam" && kind === "root")
    return { why: "the caller is the account's root user, whom IAM cannot simulate" };
  return { why: "IAM can simulate users and roles, and the caller is neither" };
}

class Asking {
  readonly #connection: Connection;
  readonly #signal: AbortSignal;
  readonly #context: NonNullable<Input["ContextEntries"]>;

  constructor(connection: Connection, signal: AbortSignal, functionArn: string | null) {
    this.#connection = connection;
    this.#signal = signal;
    this.#context = [
      entry("aws:RequestedRegion", connection.place.region),
      ...(functionArn === null ? [] : [entry("lambda:FunctionArn", functionArn)]),
    ];
  }

  async all(caller: Caller, permissions: readonly Permission[]): Promise<Simulation> {
    let principal = caller.arn;
    const judged: Judged[] = [];
    for (const { actions, resources } of batchesOf(permissions)) {
      const input = { ActionNames: actions, ResourceArns: resources, ContextEntries: this.#context };
      let results: readonly Result[];
      try {
        results = await this.#results({ PolicySourceArn: principal, ...input });
      } catch (error) {
        if (caller.role === null || principal !== caller.arn || codeOf(error) !== "NoSuchEntity") throw error;
        principal = await this.#withPath(caller.role, error);
        results = await this.#results({ PolicySourceArn: principal, ...input });
      }
      judged.push(...judge(permissions, results));
    }
    return { asked: true, principal, judged };
  }

  /** A role of a path is in no session's ARN. Throws `otherwise` where it cannot be looked up. */
  async #withPath(role: string, otherwise: unknown): Promise<string> {
    const { Role } = await this.#connection.aws.call("iam:GetRole", { RoleName: role }, this.#signal);
    if (Role?.Arn === undefined) throw otherwise;
    return Role.Arn;
  }

  async #results(input: Input): Promise<readonly Result[]> {
    const all: Result[] = [];
    for (let Marker: string | undefined; ; ) {
      const page = await this.#connection.aws.call(
        "iam:SimulatePrincipalPolicy",
        { ...input, ...(Marker === undefined ? {} : { Marker }) },
        this.#signal,
      );
      all.push(...(page.EvaluationResults ?? []));
      Marker = page.IsTruncated === true ? page.Marker : undefined;
      if (Marker === undefined) return all;
    }
  }
}

function entry(ContextKeyName: string, value: string) {
  return { ContextKeyName, ContextKeyType: "string" as const, ContextKeyValues: [value] };
}

/** A request asks every action of every resource: those with the same actions go together. */
function batchesOf(
  permissions: readonly Permission[],
): readonly { readonly actions: readonly string[]; readonly resources: readonly string[] }[] {
  const actionsOf = new Map<string, Set<string>>();
  for (const one of permissions) {
    const actions = actionsOf.get(one.resource) ?? new Set();
    actionsOf.set(one.resource, actions.add(iamName(one)));
  }
  const groups = Map.groupBy(actionsOf, ([, actions]) => [...actions].sort().join(" "));
  return [...groups].flatMap(([actions, members]) => {
    const resources = members.map(([resource]) => resource);
    const count = Math.ceil(resources.length / RESOURCES_AT_ONCE);
    return Array.from({ length: count }, (_, i) => ({
      actions: actions.split(" "),
      resources: resources.slice(i * RESOURCES_AT_ONCE, (i + 1) * RESOURCES_AT_ONCE),
    }));
  });
}

function judge(permissions: readonly Permission[], results: readonly Result[]): readonly Judged[] {
  return results.flatMap((result) =>
    permissions
      .filter(
        (one) => iamName(one) === result.EvalActionName && one.resource === (result.EvalResourceName ?? "*"),
      )
      .map((permission) => ({
        ...permission,
        verdict: verdictOf(permission, result),
        isBeyondBoundary: result.PermissionsBoundaryDecisionDetail?.AllowedByPermissionsBoundary === false,
      })),
  );
}

function verdictOf({ action, resource }: Permission, result: Result): Judged["verdict"] {
  if (result.EvalDecision === "allowed") return "allowed";
  if ((result.MissingContextValues ?? []).length > 0) return "unsure";
  if (result.EvalDecision === "explicitDeny") return "denied";
  // A policy may name the one version or key that is meant, and a pattern none of them.
  if (resource !== "*" && resource.includes("*")) return "unsure";
  // The bucket's, the queue's or the repository's own policy may allow it, and is not asked.
  return resource !== "*" && /^(s3|sqs|kinesis|ecr|registry):/.test(action) ? "unsure" : "denied";
}

function codeOf(error: unknown): string {
  return error instanceof AwsError ? error.code.replace(/Exception$/, "") : "";
}

function whyNot(error: unknown): string {
  if (!(error instanceof AwsError)) return error instanceof Error ? error.message : String(error);
  if (error.code.startsWith("AccessDenied")) return `the caller may not ask IAM (${error.action})`;
  return `IAM answered ${error.code}`;
}
