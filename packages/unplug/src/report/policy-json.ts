import { actionFacts, iamName } from "../contract/actions.ts";
import type { Permission } from "../contract/plan.ts";

interface Statement {
  readonly Sid: string;
  readonly Effect: "Allow";
  readonly Action: readonly string[];
  readonly Resource: readonly string[] | "*";
}

export interface PolicyDocument {
  readonly Version: "2012-10-17";
  readonly Statement: readonly Statement[];
}

/**
 * The least-privilege IAM policy for a plan's permissions; optional ones in statements of their own.
 *
 * Actions with the same resources share a statement; the same permissions give the same text, in any order.
 */
export function policyJson(permissions: readonly Permission[]): PolicyDocument {
  const required = resourcesByAction(permissions.filter(({ optional }) => !optional));
  const optional = resourcesByAction(permissions.filter((permission) => permission.optional));
  const beyond = new Map<string, ReadonlySet<string>>();
  for (const [action, resources] of optional) {
    const had = required.get(action);
    const more = new Set([...resources].filter((resource) => !(had?.has(resource) || had?.has("*"))));
    if (more.size > 0) beyond.set(action, more);
  }
  return {
    Version: "2012-10-17",
    Statement: [...statements("Required", required), ...statements("Optional", beyond)],
  };
}

/** What IAM calls each action -> the ARNs it is needed for; `*` alone where one need is for any resource. */
function resourcesByAction(permissions: readonly Permission[]): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const one of permissions) {
    const facts = actionFacts[one.action];
    if (facts.free === true) continue;
    const name = iamName(one);
    const resources = found.get(name) ?? new Set();
    found.set(name, resources.add(facts.anyResource === true ? "*" : one.resource));
  }
  return new Map([...found].map(([name, all]) => [name, all.has("*") ? new Set(["*"]) : all]));
}

function statements(sid: string, actions: ReadonlyMap<string, ReadonlySet<string>>): readonly Statement[] {
  const groups = new Map<string, { actions: string[]; resources: readonly string[] }>();
  for (const [action, set] of [...actions].sort(([a], [b]) => order(a, b))) {
    const resources = [...set].sort(order);
    const key = JSON.stringify(resources);
    const group = groups.get(key) ?? { actions: [], resources };
    group.actions.push(action);
    groups.set(key, group);
  }
  const scoped = [...groups]
    .filter(([, { resources }]) => resources[0] !== "*")
    .sort(([a], [b]) => order(a, b));
  const any = [...groups.values()].filter(({ resources }) => resources[0] === "*");
  return [
    ...scoped.map(([, group], i) => ({
      Sid: i === 0 ? sid : `${sid}${i + 1}`,
      Effect: "Allow" as const,
      Action: group.actions,
      Resource: group.resources,
    })),
    ...any.map((group) => ({
      Sid: `${sid}AnyResource`,
      Effect: "Allow" as const,
      Action: group.actions,
      Resource: "*" as const,
    })),
  ];
}

/** By code point, so that the text is the same under every locale. */
function order(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
