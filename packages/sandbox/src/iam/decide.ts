import { type ConditionKeys, conditionsHold, withVariables } from "./conditions.ts";
import { arnMatches, globMatches } from "./patterns.ts";
import type { Statement } from "./policy-document.ts";

/** One thing that a call needs to be permitted. */
export interface Need {
  /** As policies write it: `lambda:InvokeFunction`. */
  readonly action: string;
  /** An ARN, or `*` where IAM knows none. */
  readonly resource: string;
  /** Who asks in the caller's name, where that is told in words of its own. */
  readonly via?: "lambda";
  /** Beside those that every request has; names in any case. */
  readonly keys?: Readonly<Record<string, string | readonly string[]>>;
}

export type Decision = "allowed" | "explicitDeny" | "implicitDeny";

function coversAction({ actions, notActions }: Statement, action: string): boolean {
  const lower = action.toLowerCase();
  return actions.some((pattern) => globMatches(pattern.toLowerCase(), lower)) !== notActions;
}

function coversResource(statement: Statement, resource: string, keys: ConditionKeys): boolean {
  const found = statement.resources.some((pattern) => {
    const text = withVariables(pattern, keys);
    return text !== null && arnMatches(text, resource);
  });
  return found !== statement.notResources;
}

/** Whether a statement is about a request at all, whatever its effect. */
export function applies(statement: Statement, need: Need, keys: ConditionKeys): boolean {
  return (
    coversAction(statement, need.action) &&
    coversResource(statement, need.resource, keys) &&
    conditionsHold(statement.conditions, keys)
  );
}

/** A deny wins over every allow; what nothing allows is denied. Source: IAM reference, "Policy evaluation logic". */
export function decide(statements: readonly Statement[], need: Need, keys: ConditionKeys): Decision {
  const met = statements.filter((statement) => applies(statement, need, keys));
  if (met.some(({ effect }) => effect === "Deny")) return "explicitDeny";
  return met.length > 0 ? "allowed" : "implicitDeny";
}
