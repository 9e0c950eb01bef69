import type { CallContext, Handlers } from "../caller.ts";
import { type Input, needText, records, texts } from "../input.ts";
import { applies, decide, type Need } from "./decide.ts";
import type { IamParts } from "./iam.ts";
import { invalidInput, noSuchEntity } from "./iam-errors.ts";
import type { StoredPrincipal } from "./iam-state.ts";
import { readPolicy, type Statement } from "./policy-document.ts";
import { requestKeys } from "./request-keys.ts";

interface NamedStatement {
  readonly source: string;
  readonly statement: Statement;
}

function statementsOf({ iam }: IamParts, principal: StoredPrincipal): readonly NamedStatement[] {
  const { name, kind } = principal;
  const inline = [...principal.inline].map(([policy, document]) => ({
    source: `${kind}_${name}_${policy}`,
    document,
  }));
  const attached = principal.attached.flatMap((arn) => {
    const policy = iam.managedPolicies.get(arn);
    return policy === undefined ? [] : [{ source: policy.name, document: policy.document }];
  });
  return [...inline, ...attached].flatMap(({ source, document }) =>
    readPolicy(document, "identity").map((statement) => ({ source, statement })),
  );
}

/** What the request gives for condition keys, beside what every request has. */
function givenKeys(input: Input): Record<string, readonly string[]> {
  const entries = (records(input, "ContextEntries") ?? []).map((entry): [string, readonly string[]] => [
    needText(entry, "ContextKeyName"),
    texts(entry, "ContextKeyValues") ?? [],
  ]);
  return Object.fromEntries(entries);
}

function sourceOf({ iam }: IamParts, arn: string): StoredPrincipal {
  if (!/^arn:[^:]+:iam::\d{12}:(user|role|group)\/.+$/.test(arn)) {
    throw invalidInput(`Invalid Entity Arn: ${arn} does not clearly define entity type and name.`);
  }
  const found = iam.principals.get(arn);
  if (found === undefined) throw noSuchEntity(`No Entity found for Arn ${arn}`);
  return found;
}

function simulate(parts: IamParts, input: Input, context: CallContext): unknown {
  const principal = sourceOf(parts, needText(input, "PolicySourceArn"));
  const more = (texts(input, "PolicyInputList") ?? []).flatMap((document, at) =>
    readPolicy(document, "identity").map((statement) => ({ source: `PolicyInputList.${at + 1}`, statement })),
  );
  const named = [...statementsOf(parts, principal), ...more];
  const resources = texts(input, "ResourceArns") ?? ["*"];
  const keys = givenKeys(input);
  const identity = { ...context.identity, principal: principal.arn, arn: principal.arn };
  const results = (texts(input, "ActionNames") ?? []).flatMap((action) =>
    resources.map((resource) => {
      const need: Need = { action, resource, keys };
      const ground = {
        context: { ...context, identity },
        input: {},
        tags: parts.tagsOf(resource),
        state: parts.iam,
      };
      const asked = requestKeys(need, ground);
      const met = named.filter(({ statement }) => applies(statement, need, asked));
      const decision = decide(
        named.map(({ statement }) => statement),
        need,
        asked,
      );
      return {
        EvalActionName: action,
        EvalResourceName: resource,
        EvalDecision: decision,
        MatchedStatements: met.map(({ source }) => ({
          SourcePolicyId: source,
          SourcePolicyType: "IAM Policy",
        })),
        MissingContextValues: [],
      };
    }),
  );
  if (results.length === 0)
    throw invalidInput(`Value null at 'actionNames' failed to satisfy constraint: Member must not be null`);
  return { EvaluationResults: results, IsTruncated: false };
}

/** SimulatePrincipalPolicy: what a user or role may do. Source: API reference of IAM. */
export function simulationHandlers(parts: IamParts): Handlers {
  return { SimulatePrincipalPolicy: (input, context) => simulate(parts, input, context) };
}
