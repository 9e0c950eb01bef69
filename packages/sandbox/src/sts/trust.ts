import type { ConditionKeys } from "../iam/conditions.ts";
import { conditionsHold } from "../iam/conditions.ts";
import { globMatches } from "../iam/patterns.ts";
import { readPolicy, type Statement } from "../iam/policy-document.ts";
import type { Identity } from "./identities.ts";

/** What a trust policy says to somebody: `account`: those of an account to whom it delegates, whose own policies decide. */
export type Trust = "none" | "account" | "named" | "denied";

export interface Candidate {
  readonly action: "sts:AssumeRole" | "sts:AssumeRoleWithWebIdentity" | "sts:TagSession";
  readonly keys: ConditionKeys;
  /** How well a statement's principals name the one who asks. */
  names(principals: Readonly<Record<string, readonly string[]>>): "none" | "account" | "named";
}

function covers(statement: Statement, { action, keys }: Candidate): boolean {
  const lower = action.toLowerCase();
  const isNamed = statement.actions.some((pattern) => globMatches(pattern.toLowerCase(), lower));
  return isNamed !== statement.notActions && conditionsHold(statement.conditions, keys);
}

/** Whom a role trusts. Source: IAM user guide, "Policy evaluation logic" and "Role trust policies". */
export function trustOf(document: string, candidate: Candidate): Trust {
  const met = readPolicy(document, "trust")
    .filter((statement) => covers(statement, candidate))
    .map(({ effect, principals }) => ({ effect, how: candidate.names(principals ?? {}) }))
    .filter(({ how }) => how !== "none");
  if (met.some(({ effect }) => effect === "Deny")) return "denied";
  if (met.some(({ how }) => how === "named")) return "named";
  return met.length > 0 ? "account" : "none";
}

/** How principals of the kind AWS name an identity: by itself, by its role, or by its account. */
export function namesIdentity(
  principals: Readonly<Record<string, readonly string[]>>,
  { account, arn, principal }: Identity,
): "none" | "account" | "named" {
  const named = principals["AWS"] ?? [];
  if (named.includes("*") || named.includes(arn) || (principal !== null && named.includes(principal))) {
    return "named";
  }
  return named.includes(account) || named.includes(`arn:aws:iam::${account}:root`) ? "account" : "none";
}
