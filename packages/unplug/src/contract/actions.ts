import type { Action } from "./aws.ts";

export interface ActionFacts {
  /** It changes something. */
  readonly write: boolean;
  /** Counts against the 15 requests per second that an account and region share. Source: gettingstarted-limits. */
  readonly limited: boolean;
  /** The IAM action where it is not the operation's name; several where it stands for several. */
  readonly iam?: string | readonly string[];
  /** The operation of AWS that it is a part of, and what that calls the members of its input. */
  readonly partOf?: { readonly operation: string; readonly members: Readonly<Record<string, string>> };
  /** IAM is asked for a function's version or alias: only for that, or for the function too. */
  readonly qualified?: "only" | "too";
  /** IAM knows no resource for it: a policy must say `*`. */
  readonly anyResource?: true;
  /** Whoever asks wants to know of throttling: it is told soon. */
  readonly brief?: true;
  /** It carries code, up to 50 MB, or runs it: an answer may take minutes. */
  readonly large?: true;
  /** IAM needs no permission for it. */
  readonly free?: true;
}

const read: ActionFacts = { write: false, limited: false };
const write: ActionFacts = { write: true, limited: false };
const limitedRead: ActionFacts = { write: false, limited: true };
const limitedWrite: ActionFacts = { write: true, limited: true };

/** The registry's client has waited already where it was told to. */
const registryRead: ActionFacts = { ...read, brief: true };
const registryWrite: ActionFacts = { ...write, brief: true };

/** A version, by its number: what may be deleted is never a whole function. */
const ofVersion = (operation: string) => ({
  iam: `lambda:${operation}`,
  partOf: { operation, members: { Version: "Qualifier" } },
  qualified: "only" as const,
});

/** What the engine must know of each operation; one line each, the only place to add one beside its shape and its adapter. */
export const actionFacts: Readonly<Record<Action, ActionFacts>> = {
  "sts:GetCallerIdentity": { ...read, free: true },
  "lambda:GetFunction": read,
  "lambda:UpdateFunctionConfiguration": limitedWrite,
  "lambda:UpdateFunctionCode": { ...limitedWrite, large: true },
  "lambda:TryUpdateFunctionCode": {
    ...limitedRead,
    iam: "lambda:UpdateFunctionCode",
    partOf: { operation: "UpdateFunctionCode", members: {} },
    large: true,
  },
  // It runs somebody's code: what has no answer is not repeated.
  "lambda:Invoke": {
    write: true,
    limited: false,
    iam: "lambda:InvokeFunction",
    brief: true,
    qualified: "too",
    large: true,
  },
  "lambda:ListFunctions": { ...limitedRead, anyResource: true },
  "lambda:ListLayers": { ...limitedRead, anyResource: true },
  "lambda:ListLayerVersions": limitedRead,
  "lambda:GetLayerVersion": limitedRead,
  "lambda:PublishLayerVersion": limitedWrite,
  "lambda:ListVersionsByFunction": limitedRead,
  "lambda:GetVersion": { ...read, ...ofVersion("GetFunction") },
  "lambda:PublishVersion": limitedWrite,
  "lambda:DeleteVersion": { ...limitedWrite, ...ofVersion("DeleteFunction") },
  "lambda:ListAliases": limitedRead,
  "lambda:GetAlias": { ...limitedRead, qualified: "too" },
  "lambda:UpdateAlias": { ...limitedWrite, qualified: "too" },
  "lambda:GetFunctionCodeSigningConfig": limitedRead,
  "lambda:GetCodeSigningConfig": limitedRead,
  "lambda:GetRuntimeManagementConfig": limitedRead,
  "lambda:ListProvisionedConcurrencyConfigs": limitedRead,
  "code:Download": { ...read, free: true, large: true },
  "lambda:GetFunctionConcurrency": limitedRead,
  "lambda:PutFunctionConcurrency": limitedWrite,
  "lambda:DeleteFunctionConcurrency": limitedWrite,
  "lambda:GetPolicy": limitedRead,
  "lambda:ListEventSourceMappings": { ...limitedRead, anyResource: true },
  "lambda:GetEventSourceMapping": limitedRead,
  "lambda:UpdateEventSourceMapping": limitedWrite,
  "lambda:ListTags": limitedRead,
  "lambda:TagResource": limitedWrite,
  "lambda:UntagResource": limitedWrite,
  "sqs:GetQueueUrl": read,
  "sqs:GetQueueAttributes": read,
  "s3:ListObjectsV2": { ...read, iam: "s3:ListBucket" },
  "s3:HeadObject": { ...read, iam: "s3:GetObject" },
  "s3:PutObject": { ...write, large: true },
  "s3:DeleteObject": write,
  "kinesis:DescribeStreamSummary": read,
  "cloudwatch:GetMetricData": { ...read, anyResource: true },
  "cloudwatch:ListMetrics": { ...read, anyResource: true },
  "cloudwatch:DescribeAlarms": read,
  "logs:FilterLogEvents": read,
  "ecr:GetAuthorizationToken": { ...read, anyResource: true },
  "ecr:DescribeImages": read,
  "ecr:BatchDeleteImage": write,
  "ecr:GetLifecyclePolicy": read,
  "registry:GetManifest": { ...registryRead, iam: "ecr:BatchGetImage" },
  "registry:GetBlob": { ...registryRead, iam: "ecr:GetDownloadUrlForLayer" },
  "registry:FindFiles": { ...registryRead, iam: "ecr:GetDownloadUrlForLayer", large: true },
  "registry:PutBlob": {
    ...registryWrite,
    iam: [
      "ecr:BatchCheckLayerAvailability",
      "ecr:InitiateLayerUpload",
      "ecr:UploadLayerPart",
      "ecr:CompleteLayerUpload",
    ],
    large: true,
  },
  "registry:PutManifest": { ...registryWrite, iam: "ecr:PutImage" },
  "iam:SimulatePrincipalPolicy": { ...read, brief: true },
  "iam:GetRole": { ...read, brief: true },
};

/** What a policy calls it; several where it stands for several. */
export function iamNames(action: Action): readonly string[] {
  const { iam = action }: ActionFacts = actionFacts[action];
  return typeof iam === "string" ? [iam] : iam;
}

/** What a policy calls one permission. */
export function iamName({ action, iam }: { readonly action: Action; readonly iam?: string }): string {
  return iam ?? iamNames(action)[0] ?? action;
}
