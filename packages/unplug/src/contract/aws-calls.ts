/**
 * The AWS operations that Unplug uses: what it sends and what it reads of the answer, under the API's own names.
 *
 * Dates are milliseconds since 1970. Members that Unplug does not read are left out.
 */
export interface AwsCalls {
  "sts:GetCallerIdentity": { input: Record<string, never>; output: { Account: string; Arn: string } };
  "lambda:GetFunction": { input: { FunctionName: string; Qualifier?: string }; output: FunctionAnswer };
  "lambda:UpdateFunctionConfiguration": {
    input: { FunctionName: string; RevisionId?: string } & Partial<FunctionSettings>;
    output: FunctionConfiguration;
  };
  "lambda:GetFunctionConcurrency": {
    input: { FunctionName: string };
    output: { ReservedConcurrentExecutions?: number };
  };
  "lambda:PutFunctionConcurrency": {
    input: { FunctionName: string; ReservedConcurrentExecutions: number };
    output: { ReservedConcurrentExecutions?: number };
  };
  "lambda:DeleteFunctionConcurrency": { input: { FunctionName: string }; output: Nothing };
  "lambda:GetPolicy": { input: { FunctionName: string; Qualifier?: string }; output: { Policy?: string } };
  "lambda:ListEventSourceMappings": {
    input: { FunctionName?: string; EventSourceArn?: string; Marker?: string; MaxItems?: number };
    output: { EventSourceMappings?: readonly MappingConfiguration[]; NextMarker?: string };
  };
  "lambda:GetEventSourceMapping": { input: { UUID: string }; output: MappingConfiguration };
  "lambda:UpdateEventSourceMapping": {
    input: { UUID: string; Enabled?: boolean };
    output: MappingConfiguration;
  };
  "lambda:ListTags": { input: { Resource: string }; output: { Tags?: Readonly<Record<string, string>> } };
  "lambda:TagResource": {
    input: { Resource: string; Tags: Readonly<Record<string, string>> };
    output: Nothing;
  };
  "lambda:UntagResource": { input: { Resource: string; TagKeys: readonly string[] }; output: Nothing };
  "sqs:GetQueueUrl": {
    input: { QueueName: string; QueueOwnerAWSAccountId?: string };
    output: { QueueUrl?: string };
  };
  "sqs:GetQueueAttributes": {
    input: { QueueUrl: string; AttributeNames: readonly string[] };
    output: { Attributes?: Readonly<Record<string, string>> };
  };
  "kinesis:DescribeStreamSummary": {
    input: { StreamARN: string };
    output: { StreamDescriptionSummary?: { RetentionPeriodHours?: number } };
  };
  "logs:FilterLogEvents": {
    input: {
      logGroupName: string;
      startTime: number;
      endTime: number;
      filterPattern?: string;
      nextToken?: string;
      limit?: number;
    };
    output: { events?: readonly { timestamp?: number; message?: string }[]; nextToken?: string };
  };
}

export type Nothing = Readonly<Record<never, never>>;

/** The settings of a function that UpdateFunctionConfiguration can write and that a journal may hold. */
export interface FunctionSettings {
  readonly MemorySize: number;
  readonly Timeout: number;
  readonly Handler: string;
  readonly Role: string;
  readonly Runtime: string;
  readonly Description: string;
  readonly EphemeralStorage: { readonly Size: number };
  readonly Layers: readonly string[];
}

export interface FunctionConfiguration {
  readonly FunctionName?: string;
  readonly FunctionArn?: string;
  readonly RevisionId?: string;
  readonly State?: string;
  readonly StateReason?: string;
  readonly LastUpdateStatus?: string;
  readonly LastUpdateStatusReason?: string;
  readonly MemorySize?: number;
  readonly Timeout?: number;
  readonly Handler?: string;
  readonly Role?: string;
  readonly Runtime?: string;
  readonly Description?: string;
  readonly EphemeralStorage?: { readonly Size?: number };
  readonly Layers?: readonly { readonly Arn?: string }[];
}

export interface FunctionAnswer {
  readonly Configuration?: FunctionConfiguration;
  readonly Concurrency?: { readonly ReservedConcurrentExecutions?: number };
}

export interface MappingConfiguration {
  readonly UUID?: string;
  readonly EventSourceMappingArn?: string;
  readonly EventSourceArn?: string;
  readonly SelfManagedEventSource?: { readonly Endpoints?: Readonly<Record<string, readonly string[]>> };
  readonly FunctionArn?: string;
  readonly State?: string;
  readonly StateTransitionReason?: string;
  readonly LastProcessingResult?: string;
  readonly BatchSize?: number;
  readonly MaximumBatchingWindowInSeconds?: number;
  readonly ParallelizationFactor?: number;
  readonly MaximumRecordAgeInSeconds?: number;
  readonly MaximumRetryAttempts?: number;
  readonly BisectBatchOnFunctionError?: boolean;
  readonly TumblingWindowInSeconds?: number;
  readonly FunctionResponseTypes?: readonly string[];
  readonly Topics?: readonly string[];
  readonly Queues?: readonly string[];
  readonly ScalingConfig?: { readonly MaximumConcurrency?: number };
  readonly ProvisionedPollerConfig?: { readonly MinimumPollers?: number; readonly MaximumPollers?: number };
  readonly DestinationConfig?: { readonly OnFailure?: { readonly Destination?: string } };
}
