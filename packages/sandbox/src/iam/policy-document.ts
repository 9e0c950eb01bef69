import { isRecord } from "../input.ts";
import { isConditionOperator } from "./conditions.ts";
import { malformedPolicy } from "./iam-errors.ts";

/** One statement; lists are lists, whatever was written. */
export interface Statement {
  readonly effect: "Allow" | "Deny";
  readonly actions: readonly string[];
  /** The statement is about everything but its actions. */
  readonly notActions: boolean;
  readonly resources: readonly string[];
  readonly notResources: boolean;
  /** By kind (AWS, Federated, Service), or `*`; null in a policy of a principal. */
  readonly principals: Readonly<Record<string, readonly string[]>> | null;
  /** Operator -> key -> values. */
  readonly conditions: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

/** `identity`: what a principal may do; `trust`: who may assume a role. */
export type PolicyKind = "identity" | "trust";

const broken = "Syntax errors in policy.";
const members = new Set([
  "Sid",
  "Effect",
  "Action",
  "NotAction",
  "Resource",
  "NotResource",
  "Principal",
  "Condition",
]);

function values(value: unknown): readonly string[] {
  const all: unknown[] = Array.isArray(value) ? value : [value];
  return all.map((one) => {
    if (typeof one === "string") return one;
    if (typeof one === "boolean" || typeof one === "number") return String(one);
    throw malformedPolicy(broken);
  });
}

function conditionsOf(value: unknown): Statement["conditions"] {
  if (value === undefined) return {};
  if (!isRecord(value)) throw malformedPolicy(broken);
  const read: Record<string, Record<string, readonly string[]>> = {};
  for (const [operator, keys] of Object.entries(value)) {
    if (!isConditionOperator(operator)) throw malformedPolicy(`Invalid Condition type : ${operator}.`);
    if (!isRecord(keys)) throw malformedPolicy(broken);
    read[operator] = Object.fromEntries(Object.entries(keys).map(([key, wanted]) => [key, values(wanted)]));
  }
  return read;
}

function principalsOf(value: unknown): Statement["principals"] {
  if (value === "*") return { AWS: ["*"] };
  if (!isRecord(value)) throw malformedPolicy(broken);
  return Object.fromEntries(Object.entries(value).map(([kind, who]) => [kind, values(who)]));
}

function checkActions(actions: readonly string[]): void {
  if (actions.length === 0) throw malformedPolicy("Policy statement must contain actions.");
  for (const action of actions) {
    if (action !== "*" && !/^[\w*?-]+:[\w*?]+$/.test(action)) {
      throw malformedPolicy("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
    }
  }
}

function checkResources(resources: readonly string[]): void {
  if (resources.length === 0) throw malformedPolicy("Policy statement must contain resources.");
  for (const resource of resources) {
    if (
      resource !== "*" &&
      !/^arn:[^:]*:[^:]*:[^:]*:[^:]*:.+$/s.test(resource) &&
      !resource.startsWith("*")
    ) {
      throw malformedPolicy(`Resource ${resource} must be in ARN format or "*".`);
    }
  }
}

function statementOf(value: unknown, kind: PolicyKind): Statement {
  if (!isRecord(value) || Object.keys(value).some((member) => !members.has(member))) {
    throw malformedPolicy(broken);
  }
  const { Effect: effect, Action, NotAction, Resource, NotResource, Principal, Condition } = value;
  if (effect !== "Allow" && effect !== "Deny") throw malformedPolicy(broken);
  if ((Action === undefined) === (NotAction === undefined)) {
    throw malformedPolicy("Policy statement must contain actions.");
  }
  const actions = values(Action ?? NotAction);
  checkActions(actions);
  if (kind === "trust") {
    if (Resource !== undefined || NotResource !== undefined) {
      throw malformedPolicy("Has prohibited field Resource");
    }
    if (Principal === undefined) throw malformedPolicy("Missing required field Principal");
  } else {
    if (Principal !== undefined) throw malformedPolicy("Policy document should not specify a principal.");
    if ((Resource === undefined) === (NotResource === undefined)) {
      throw malformedPolicy("Policy statement must contain resources.");
    }
    checkResources(values(Resource ?? NotResource));
  }
  return {
    effect,
    actions,
    notActions: Action === undefined,
    resources: kind === "trust" ? ["*"] : values(Resource ?? NotResource),
    notResources: NotResource !== undefined,
    principals: kind === "trust" ? principalsOf(Principal) : null,
    conditions: conditionsOf(Condition),
  };
}

/** Reads a policy. Throws MalformedPolicyDocument. Source: IAM reference, "Grammar of the IAM JSON policy language". */
export function readPolicy(text: string, kind: PolicyKind): readonly Statement[] {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    throw malformedPolicy(broken);
  }
  if (!isRecord(read)) throw malformedPolicy(broken);
  const { Version: version = "2008-10-17", Statement: statements } = read;
  if (version !== "2012-10-17" && version !== "2008-10-17") throw malformedPolicy(broken);
  if (statements === undefined) throw malformedPolicy(broken);
  const all: unknown[] = Array.isArray(statements) ? statements : [statements];
  return all.map((one) => statementOf(one, kind));
}
