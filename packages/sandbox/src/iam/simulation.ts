import type { CallContext, Handlers } from "../caller.ts";
import { type Input, needText, records, texts } from "../input.ts";
import type { ConditionKeys } from "./conditions.ts";
import { applies, decide, type Need } from "./decide.ts";
import type { IamParts } from "./iam.ts";
import { invalidInput, noSuchEntity } from "./iam-errors.ts";
import type { StoredGroup, StoredPrincipal } from "./iam-state.ts";
import {
  boundaryStatements,
  identityStatements,
  type NamedStatement,
  plain,
  statementsOf,
} from "./policies-of.ts";
import { requestKeys } from "./request-keys.ts";

/** What the request gives for condition keys, beside what every request has. */
function givenKeys(input: Input): Record<string, readonly string[]> {
  const entries = (records(input, "ContextEntries") ?? []).map((entry): [string, readonly string[]] => [
    needText(entry, "ContextKeyName"),
    texts(entry, "ContextKeyValues") ?? [],
  ]);
  return Object.fromEntries(entries);
}

function sourceOf({ iam }: IamParts, arn: string): StoredPrincipal | StoredGroup {
  if (!/^arn:[^:]+:iam::\d{12}:(user|role|group)\/.+$/.test(arn)) {
    throw invalidInput(`Invalid Entity Arn: ${arn} does not clearly define entity type and name.`);
  }
  const found = iam.principals.get(arn) ?? iam.groups.get(arn);
  if (found === undefined) throw noSuchEntity(`No Entity found for Arn ${arn}`);
  return found;
}

/** The policies of a request by their places in one of its lists. */
function listed(input: Input, member: string): readonly NamedStatement[] {
  return (texts(input, member) ?? []).flatMap((document, at) =>
    statementsOf(`${member}.${at + 1}`, document),
  );
}

/** That of the request in the place of the one that is set; null: there is none. */
function boundaryFor(
  { iam }: IamParts,
  source: StoredPrincipal | StoredGroup,
  input: Input,
): readonly NamedStatement[] | null {
  const given = listed(input, "PermissionsBoundaryPolicyInputList");
  if (given.length > 0) return given;
  return source.kind === "group" ? null : boundaryStatements(iam, source);
}

interface Simulated {
  readonly own: readonly NamedStatement[];
  readonly boundary: readonly NamedStatement[] | null;
}

function resultOf({ own, boundary }: Simulated, need: Need, keys: ConditionKeys): Record<string, unknown> {
  const inBoundary = boundary === null ? null : decide(plain(boundary), need, keys);
  const decisions = [decide(plain(own), need, keys), ...(inBoundary === null ? [] : [inBoundary])];
  const against = decisions.filter((decision) => decision !== "allowed");
  const met = [...own, ...(boundary ?? [])].filter(({ statement }) => applies(statement, need, keys));
  return {
    EvalActionName: need.action,
    EvalResourceName: need.resource,
    EvalDecision: against.find((decision) => decision === "explicitDeny") ?? against[0] ?? "allowed",
    MatchedStatements: met.map(({ source }) => ({
      SourcePolicyId: source,
      SourcePolicyType: "IAM Policy",
    })),
    MissingContextValues: [],
    ...(inBoundary === null
      ? {}
      : { PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: inBoundary === "allowed" } }),
  };
}

function simulate(parts: IamParts, input: Input, context: CallContext): unknown {
  const source = sourceOf(parts, needText(input, "PolicySourceArn"));
  const simulated = {
    own: [...identityStatements(parts.iam, source), ...listed(input, "PolicyInputList")],
    boundary: boundaryFor(parts, source, input),
  };
  const resources = texts(input, "ResourceArns") ?? ["*"];
  const given = givenKeys(input);
  const identity = { ...context.identity, principal: source.arn, arn: source.arn };
  const results = (texts(input, "ActionNames") ?? []).flatMap((action) =>
    resources.map((resource) => {
      const need: Need = { action, resource, keys: given };
      const keys = requestKeys(need, {
        context: { ...context, identity },
        input: {},
        tags: parts.tagsOf(resource),
        state: parts.iam,
      });
      return resultOf(simulated, need, keys);
    }),
  );
  if (results.length === 0)
    throw invalidInput(`Value null at 'actionNames' failed to satisfy constraint: Member must not be null`);
  return { EvaluationResults: results, IsTruncated: false };
}

/** SimulatePrincipalPolicy: what a user, role or group may do. Source: API reference of IAM. */
export function simulationHandlers(parts: IamParts): Handlers {
  return { SimulatePrincipalPolicy: (input, context) => simulate(parts, input, context) };
}
