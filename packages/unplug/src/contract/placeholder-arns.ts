import type { Action } from "./aws.ts";

/** What stands in ARNs for what only a plan knows, each with its meaning. */
export const placeholders: Readonly<Record<string, string>> = {
  REGION: "the function's region",
  ACCOUNT: "the account's 12 digits",
  FUNCTION: "the function's name",
  UUID: "an event source mapping's",
  QUEUE: "the name of a queue that feeds the function",
  STREAM: "the name of a stream that feeds the function",
  BUCKET: "the STAGING_BUCKET",
  ALARM: "the name of an alarm",
  REPOSITORY: "the repository of the function's image",
};

const lambda = (rest: string) => `arn:aws:lambda:REGION:ACCOUNT:${rest}`;
const layers = lambda("layer:unplug-interceptor-*");
const mapping = lambda("event-source-mapping:UUID");
const repository = "arn:aws:ecr:REGION:ACCOUNT:repository/REPOSITORY";
const staged = "arn:aws:s3:::BUCKET/unplug/ACCOUNT/FUNCTION/*";

/** Where it is not what the service's actions are for. */
const byAction: Partial<Readonly<Record<Action, string>>> = {
  "lambda:GetEventSourceMapping": mapping,
  "lambda:UpdateEventSourceMapping": mapping,
  "lambda:ListTags": mapping,
  "lambda:TagResource": mapping,
  "lambda:UntagResource": mapping,
  "lambda:ListLayerVersions": layers,
  "lambda:PublishLayerVersion": layers,
  "lambda:GetLayerVersion": `${layers}:*`,
  "lambda:GetCodeSigningConfig": lambda("code-signing-config:*"),
  "s3:ListObjectsV2": "arn:aws:s3:::BUCKET",
};

const byService: Readonly<Record<string, string>> = {
  lambda: lambda("function:FUNCTION"),
  sqs: "arn:aws:sqs:REGION:ACCOUNT:QUEUE",
  kinesis: "arn:aws:kinesis:REGION:ACCOUNT:stream/STREAM",
  logs: "arn:aws:logs:REGION:ACCOUNT:log-group:/aws/lambda/FUNCTION:*",
  cloudwatch: "arn:aws:cloudwatch:REGION:ACCOUNT:alarm:ALARM",
  s3: staged,
  ecr: repository,
  registry: repository,
};

/** The ARN that a policy would name for an action, with placeholders where only a plan knows; `*` where none is known at all. */
export function placeholderArn(action: Action): string {
  return byAction[action] ?? byService[action.split(":")[0] ?? ""] ?? "*";
}
