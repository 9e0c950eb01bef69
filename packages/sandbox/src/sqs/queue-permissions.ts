import type { CallContext } from "../caller.ts";
import { type Input, isRecord, text, texts } from "../input.ts";
import type { Queue } from "./queue.ts";
import { badValue, missing } from "./sqs-errors.ts";

interface Policy {
  readonly Version: string;
  readonly Id: string;
  readonly Statement: readonly Readonly<Record<string, unknown>>[];
}

function policyOf(queue: Queue): Policy {
  const empty = { Version: "2008-10-17", Id: `${queue.arn}/SQSDefaultPolicy`, Statement: [] };
  const stored = queue.attributes.get("Policy");
  if (stored === undefined) return empty;
  const read: unknown = JSON.parse(stored);
  if (!isRecord(read)) return empty;
  const statements = Array.isArray(read["Statement"]) ? read["Statement"].filter(isRecord) : [];
  return { ...empty, ...read, Statement: statements };
}

function store(queue: Queue, policy: Policy, context: CallContext): void {
  if (policy.Statement.length === 0) queue.attributes.delete("Policy");
  else queue.attributes.set("Policy", JSON.stringify(policy));
  queue.modifiedAt = context.now;
}

/** One value stands alone, several are a list. */
function oneOrMore(values: readonly string[]): unknown {
  return values.length === 1 ? values[0] : values;
}

function needTexts(input: Input, name: string): readonly string[] {
  const values = texts(input, name) ?? [];
  if (values.length === 0) throw missing(name);
  return values;
}

function labelOf(input: Input): string {
  const label = text(input, "Label") ?? "";
  if (label === "") throw missing("Label");
  return label;
}

/** AddPermission: a statement in the policy of the queue, by its label. */
export function addPermission(queue: Queue, input: Input, context: CallContext): void {
  const label = labelOf(input);
  const accounts = needTexts(input, "AWSAccountIds");
  const actions = needTexts(input, "Actions");
  const policy = policyOf(queue);
  if (policy.Statement.some(({ Sid }) => Sid === label)) throw badValue(label, "Label", "Already exists.");
  const statement = {
    Sid: label,
    Effect: "Allow",
    Principal: { AWS: oneOrMore(accounts.map((account) => `arn:aws:iam::${account}:root`)) },
    Action: oneOrMore(actions.map((action) => `SQS:${action}`)),
    Resource: queue.arn,
  };
  store(queue, { ...policy, Statement: [...policy.Statement, statement] }, context);
}

/** RemovePermission; throws InvalidParameterValue for a label that the policy does not have. */
export function removePermission(queue: Queue, input: Input, context: CallContext): void {
  const label = labelOf(input);
  const policy = policyOf(queue);
  const left = policy.Statement.filter(({ Sid }) => Sid !== label);
  if (left.length === policy.Statement.length) throw badValue(label, "Label", "can't find label.");
  store(queue, { ...policy, Statement: left }, context);
}
