import type { CallContext } from "../caller.ts";
import type { Input } from "../input.ts";
import type { Identity } from "../sts/identities.ts";
import { accessDenied, type DenialReason, type PolicyType } from "./access-denied.ts";
import { callNeeds } from "./call-needs.ts";
import type { ConditionKeys } from "./conditions.ts";
import { decide, type Need } from "./decide.ts";
import type { IamState } from "./iam-state.ts";
import type { LambdaLookUp } from "./lambda-needs.ts";
import {
  boundaryStatements,
  identityStatements,
  type NamedStatement,
  plain,
  statementsOf,
} from "./policies-of.ts";
import { requestKeys } from "./request-keys.ts";

export interface AuthorityParts extends LambdaLookUp {
  readonly state: IamState;
  /** Tags of what has an ARN; none for what is not there. */
  tagsOf(arn: string): Readonly<Record<string, string>>;
  /** Whether the switch `deny` is on for an action. */
  denied(action: string): boolean;
}

export interface Authority {
  /** What a call needs to be permitted, the need of the operation itself first. */
  needs(action: string, input: Input, context: CallContext): readonly Need[];
  /** Throws AccessDeniedException in AWS's words when one of the needs is not permitted. */
  check(action: string, input: Input, context: CallContext, needs: readonly Need[]): void;
  /** Whether a caller may do one thing more. */
  permits(need: Need, context: CallContext): boolean;
  /** Whether a policy of the caller denies it, whatever another allows. */
  forbids(need: Need, context: CallContext): boolean;
}

/** What has to allow something to an identity, each by itself. Nothing: an administrator. */
function layersOf(
  state: IamState,
  { principal, sessionPolicies }: Identity,
): readonly (readonly [PolicyType, readonly NamedStatement[]])[] {
  const found = state.principals.get(principal ?? "");
  const own = found === undefined ? [] : identityStatements(state, found);
  const boundary = found === undefined ? null : boundaryStatements(state, found);
  const session = sessionPolicies.flatMap((text) => statementsOf("session", text));
  return [
    ...(principal === null ? [] : [["identity", own] as const]),
    ...(boundary === null ? [] : [["boundary", boundary] as const]),
    ...(sessionPolicies.length === 0 ? [] : [["session", session] as const]),
  ];
}

/** Why an identity may not do something; null when it may. A deny anywhere goes before what is not allowed. */
function reasonAgainst(
  state: IamState,
  identity: Identity,
  need: Need,
  keys: ConditionKeys,
): DenialReason | null {
  const against = layersOf(state, identity)
    .map(([by, statements]) => ({ by, decision: decide(plain(statements), need, keys) }))
    .filter(({ decision }) => decision !== "allowed");
  const first = against.find(({ decision }) => decision === "explicitDeny") ?? against[0];
  return first === undefined ? null : { by: first.by, isExplicit: first.decision === "explicitDeny" };
}

export function createAuthority(parts: AuthorityParts): Authority {
  const { state, denied } = parts;
  const reason = (need: Need, context: CallContext, input: Input): DenialReason | null => {
    if (denied(need.action)) return { by: "identity", isExplicit: false };
    const { identity } = context;
    if (identity.principal === null && identity.sessionPolicies.length === 0) return null;
    const keys = requestKeys(need, { context, input, tags: parts.tagsOf(need.resource), state });
    return reasonAgainst(state, identity, need, keys);
  };
  return {
    needs: (action, input, context) =>
      callNeeds(action, input, context, { ...state, functionOfMapping: parts.functionOfMapping }),
    check: (action, input, context, needs) => {
      const [first = { action, resource: "*" }] = needs;
      if (denied(action)) throw accessDenied(first, context, { by: "identity", isExplicit: false });
      for (const need of needs) {
        const why = reason(need, context, input);
        if (why !== null) throw accessDenied(need, context, why);
      }
    },
    permits: (need, context) => reason(need, context, {}) === null,
    forbids: (need, context) => denied(need.action) || reason(need, context, {})?.isExplicit === true,
  };
}
