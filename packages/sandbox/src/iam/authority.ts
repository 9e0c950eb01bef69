import type { CallContext } from "../caller.ts";
import type { Input } from "../input.ts";
import type { Identity } from "../sts/identities.ts";
import { accessDenied, type DenialReason } from "./access-denied.ts";
import { callNeeds } from "./call-needs.ts";
import type { ConditionKeys } from "./conditions.ts";
import { decide, type Need } from "./decide.ts";
import type { IamState } from "./iam-state.ts";
import type { LambdaLookUp } from "./lambda-needs.ts";
import { readPolicy, type Statement } from "./policy-document.ts";
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

/** The policies of a user or role, as they are now. */
function statementsOf(state: IamState, principal: string): readonly Statement[] {
  const found = state.principals.get(principal);
  if (found === undefined) return [];
  const documents = [
    ...found.inline.values(),
    ...found.attached.flatMap((arn) => state.managedPolicies.get(arn)?.document ?? []),
  ];
  return documents.flatMap((text) => readPolicy(text, "identity"));
}

/** Why an identity may not do something; null when it may. */
function reasonAgainst(
  state: IamState,
  identity: Identity,
  need: Need,
  keys: ConditionKeys,
): DenialReason | null {
  const { principal, sessionPolicies } = identity;
  if (principal !== null) {
    const decision = decide(statementsOf(state, principal), need, keys);
    if (decision === "explicitDeny") return "explicit";
    if (decision === "implicitDeny") return "identity";
  }
  if (sessionPolicies.length === 0) return null;
  const session = decide(
    sessionPolicies.flatMap((text) => readPolicy(text, "identity")),
    need,
    keys,
  );
  if (session === "explicitDeny") return "explicitSession";
  return session === "allowed" ? null : "session";
}

export function createAuthority(parts: AuthorityParts): Authority {
  const { state, denied } = parts;
  const reason = (need: Need, context: CallContext, input: Input): DenialReason | null => {
    if (denied(need.action)) return "identity";
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
      if (denied(action)) throw accessDenied(first, context, "identity");
      for (const need of needs) {
        const why = reason(need, context, input);
        if (why !== null) throw accessDenied(need, context, why);
      }
    },
    permits: (need, context) => reason(need, context, {}) === null,
    forbids: (need, context) =>
      denied(need.action) || reason(need, context, {})?.startsWith("explicit") === true,
  };
}
