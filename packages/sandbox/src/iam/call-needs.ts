import { queueArn } from "../arns.ts";
import type { CallContext } from "../caller.ts";
import { type Input, isRecord } from "../input.ts";
import type { Need } from "./decide.ts";
import { ecrNeeds } from "./ecr-needs.ts";
import { iamNeeds } from "./iam-needs.ts";
import type { IamState } from "./iam-state.ts";
import { type LambdaLookUp, lambdaNeeds } from "./lambda-needs.ts";
import { s3Needs } from "./s3-needs.ts";

function textOf(input: Input, ...members: readonly string[]): string | undefined {
  return members.map((member) => input[member]).find((value) => typeof value === "string");
}

function arnOf(service: string, { region, account }: CallContext, resource: string): string {
  return `arn:aws:${service}:${region}:${account}:${resource}`;
}

function queueOf(input: Input, context: CallContext): string {
  const url = textOf(input, "QueueUrl");
  if (url === undefined) return queueArn(context, textOf(input, "QueueName") ?? "");
  const path = URL.canParse(url) ? new URL(url).pathname : url;
  const [name = "", account = context.account] = path.split("/").reverse();
  return queueArn({ region: context.region, account: account === "" ? context.account : account }, name);
}

/** Source: Service Authorization Reference, Amazon SQS: a batch needs what one needs. */
function sqsNeeds(operation: string, input: Input, context: CallContext): readonly Need[] {
  const action = `sqs:${operation.replace(/Batch$/, "")}`;
  return [{ action, resource: operation === "ListQueues" ? "*" : queueOf(input, context) }];
}

function alarmNeeds(operation: string, input: Input, context: CallContext): readonly Need[] {
  const { AlarmNames: names } = input;
  const given = Array.isArray(names) ? names.filter((name) => typeof name === "string") : [];
  const one = textOf(input, "AlarmName");
  const all = one === undefined ? given : [one];
  return (all.length === 0 ? ["*"] : all).map((name) => ({
    action: `cloudwatch:${operation}`,
    resource: arnOf("cloudwatch", context, `alarm:${name}`),
  }));
}

/** Of metrics IAM knows no resource. Source: Service Authorization Reference, Amazon CloudWatch. */
function cloudWatchNeeds(operation: string, input: Input, context: CallContext): readonly Need[] {
  if (operation.includes("Alarm")) return alarmNeeds(operation, input, context);
  return [{ action: `cloudwatch:${operation}`, resource: "*" }];
}

/** A log group is asked for as all streams of it. Source: AccessDeniedException texts of CloudWatch Logs. */
function logNeeds(operation: string, input: Input, context: CallContext): readonly Need[] {
  const group = textOf(input, "logGroupName") ?? textOf(input, "logGroupIdentifier")?.split(":")[6] ?? "";
  const stream = textOf(input, "logStreamName") ?? "";
  return [
    {
      action: `logs:${operation}`,
      resource: arnOf("logs", context, `log-group:${group}:log-stream:${stream}`),
    },
  ];
}

function streamOfIterator(iterator: string | undefined): string | undefined {
  try {
    const read: unknown = JSON.parse(Buffer.from(iterator ?? "", "base64url").toString());
    return Array.isArray(read) && typeof read[0] === "string" ? read[0] : undefined;
  } catch {
    return undefined;
  }
}

function kinesisNeeds(operation: string, input: Input, context: CallContext): readonly Need[] {
  const name = textOf(input, "StreamName");
  const arn = textOf(input, "StreamARN") ?? streamOfIterator(textOf(input, "ShardIterator"));
  const resource = arn ?? (name === undefined ? "*" : arnOf("kinesis", context, `stream/${name}`));
  return [{ action: `kinesis:${operation}`, resource: operation === "ListStreams" ? "*" : resource }];
}

function dynamoNeeds(operation: string, input: Input, context: CallContext): readonly Need[] {
  const { RequestItems: items } = input;
  const action = `dynamodb:${operation}`;
  const tables = isRecord(items) ? Object.keys(items) : [textOf(input, "TableName") ?? ""];
  if (operation === "ListTables" || operation === "ListStreams") return [{ action, resource: "*" }];
  const stream = textOf(input, "StreamArn");
  if (stream !== undefined) return [{ action, resource: stream }];
  return tables.map((table) => ({
    action,
    resource: table.startsWith("arn:") ? table : arnOf("dynamodb", context, `table/${table}`),
  }));
}

/** Those that need no permission, or whose own handler decides: who may have a role is said by the role too. */
const free = new Set([
  "sts:GetCallerIdentity",
  "sts:GetSessionToken",
  "sts:AssumeRole",
  "sts:AssumeRoleWithWebIdentity",
  // The URL's own policy decides.
  "lambda:InvokeUrl",
]);

/** Everything that a call needs to be permitted, the need of the operation itself first; none when it is free. */
export function callNeeds(
  action: string,
  input: Input,
  context: CallContext,
  state: IamState & LambdaLookUp,
): readonly Need[] {
  if (free.has(action)) return [];
  const at = action.indexOf(":");
  const [service, operation] = [action.slice(0, at), action.slice(at + 1)];
  switch (service) {
    case "lambda":
      return lambdaNeeds(operation, input, context, state);
    case "s3":
      return s3Needs(operation, input);
    case "sqs":
      return sqsNeeds(operation, input, context);
    case "cloudwatch":
      return cloudWatchNeeds(operation, input, context);
    case "logs":
      return logNeeds(operation, input, context);
    case "kinesis":
      return kinesisNeeds(operation, input, context);
    case "dynamodb":
    case "dynamodbstreams":
      return dynamoNeeds(operation, input, context);
    case "ecr":
      return ecrNeeds(operation, input, context);
    case "iam":
      return iamNeeds(operation, input, context, state);
    default:
      return [{ action, resource: "*" }];
  }
}
