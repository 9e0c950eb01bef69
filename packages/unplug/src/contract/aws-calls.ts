import type { AccountCalls } from "./aws-account.ts";
import type { MetricCalls } from "./aws-metrics.ts";
import type { RegistryCalls } from "./registry-calls.ts";

/**
 * The AWS operations that Unplug uses: what it sends and what it reads of the answer, under the API's own names.
 *
 * Dates are milliseconds since 1970. Members that Unplug does not read are left out.
 */
export interface AwsCalls extends AccountCalls, MetricCalls, RegistryCalls {
  "lambda:GetFunction": { input: { FunctionName: string; Qualifier?: string }; output: FunctionAnswer };
  "lambda:UpdateFunctionConfiguration": {
    input: { FunctionName: string; RevisionId?: string } & Partial<FunctionSettings>;
    output: FunctionConfiguration;
  };
  "lambda:UpdateFunctionCode": {
    input: {
      FunctionName: string;
      RevisionId?: string;
      ZipFile?: Uint8Array;
      S3Bucket?: string;
      S3Key?: string;
      /** `REPOSITORY@DIGEST`, or `REPOSITORY:TAG`. */
      ImageUri?: string;
      DryRun?: boolean;
    };
    output: FunctionConfiguration;
  };
  /** Whether it would be taken: nothing is changed. */
  "lambda:TryUpdateFunctionCode": {
    input: { FunctionName: string; ZipFile: Uint8Array; DryRun: true };
    output: FunctionConfiguration;
  };
  "lambda:Invoke": {
    input: { FunctionName: string; Qualifier?: string; Payload: Uint8Array; LogType: "Tail" };
    /** LogResult: the last 4 KB of the log, in base64. */
    output: {
      StatusCode?: number;
      FunctionError?: string;
      LogResult?: string;
      Payload?: Uint8Array;
    };
  };
  "lambda:ListLayerVersions": {
    input: { LayerName: string; MaxItems?: number; Marker?: string };
    output: {
      LayerVersions?: readonly { LayerVersionArn?: string; Version?: number }[];
      NextMarker?: string;
    };
  };
  "lambda:GetLayerVersion": {
    input: { LayerName: string; VersionNumber: number };
    output: LayerVersion;
  };
  "lambda:PublishLayerVersion": {
    input: {
      LayerName: string;
      Description: string;
      Content: { ZipFile: Uint8Array };
      CompatibleArchitectures: readonly string[];
      LicenseInfo: string;
    };
    output: LayerVersion;
  };
  "lambda:ListVersionsByFunction": {
    input: { FunctionName: string; Marker?: string };
    output: { Versions?: readonly FunctionConfiguration[]; NextMarker?: string };
  };
  /** GetFunction of a published version. */
  "lambda:GetVersion": { input: { FunctionName: string; Version: string }; output: FunctionAnswer };
  "lambda:PublishVersion": {
    input: { FunctionName: string; Description: string; CodeSha256?: string; RevisionId?: string };
    output: FunctionConfiguration;
  };
  /** DeleteFunction of a published version: whatever is no number is refused before it is sent. */
  "lambda:DeleteVersion": { input: { FunctionName: string; Version: string }; output: Nothing };
  "lambda:ListAliases": {
    input: { FunctionName: string; Marker?: string };
    output: { Aliases?: readonly AliasConfiguration[]; NextMarker?: string };
  };
  "lambda:GetAlias": { input: { FunctionName: string; Name: string }; output: AliasConfiguration };
  "lambda:UpdateAlias": {
    input: {
      FunctionName: string;
      Name: string;
      FunctionVersion: string;
      RoutingConfig: { readonly AdditionalVersionWeights: Readonly<Record<string, number>> };
      RevisionId?: string;
    };
    output: AliasConfiguration;
  };
  "lambda:GetFunctionCodeSigningConfig": {
    input: { FunctionName: string };
    output: { CodeSigningConfigArn?: string };
  };
  "lambda:GetCodeSigningConfig": {
    input: { CodeSigningConfigArn: string };
    output: {
      CodeSigningConfig?: { CodeSigningPolicies?: { UntrustedArtifactOnDeployment?: string } };
    };
  };
  "lambda:GetRuntimeManagementConfig": {
    input: { FunctionName: string; Qualifier?: string };
    output: { UpdateRuntimeOn?: string; RuntimeVersionArn?: string };
  };
  "lambda:ListProvisionedConcurrencyConfigs": {
    input: { FunctionName: string; Marker?: string };
    output: { ProvisionedConcurrencyConfigs?: readonly { FunctionArn?: string }[]; NextMarker?: string };
  };
  /** The zip behind the link that GetFunction gives: one GET without credentials, which the link carries. */
  "code:Download": { input: { Location: string }; output: { Body: Uint8Array } };
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
  "s3:ListObjectsV2": {
    input: { Bucket: string; Prefix: string; MaxKeys: number };
    output: { Contents?: readonly { Key?: string; Size?: number }[] };
  };
  "s3:HeadObject": { input: { Bucket: string; Key: string }; output: { ContentLength?: number } };
  "s3:PutObject": { input: { Bucket: string; Key: string; Body: Uint8Array }; output: Nothing };
  "s3:DeleteObject": { input: { Bucket: string; Key: string }; output: Nothing };
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
    output: {
      events?: readonly { timestamp?: number; message?: string; logStreamName?: string }[];
      nextToken?: string;
    };
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
  /** Replaces all variables. */
  readonly Environment: { readonly Variables: Readonly<Record<string, string>> };
}

export interface LayerVersion {
  readonly LayerArn?: string;
  readonly LayerVersionArn?: string;
  readonly Version?: number;
  readonly Content?: { readonly Location?: string; readonly CodeSha256?: string; readonly CodeSize?: number };
  readonly CompatibleArchitectures?: readonly string[];
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
  readonly Layers?: readonly { readonly Arn?: string; readonly CodeSize?: number }[];
  /** `Error` instead of `Variables` when the caller may not decrypt them. */
  readonly Environment?: {
    readonly Variables?: Readonly<Record<string, string>>;
    readonly Error?: { readonly ErrorCode?: string; readonly Message?: string };
  };
  readonly PackageType?: string;
  readonly Architectures?: readonly string[];
  readonly CodeSha256?: string;
  readonly CodeSize?: number;
  readonly Version?: string;
  readonly VpcConfig?: { readonly VpcId?: string };
  readonly SnapStart?: { readonly ApplyOn?: string };
  /** Lambda@Edge: the function that this one is a replica of. */
  readonly MasterArn?: string;
  readonly SigningJobArn?: string;
  readonly CapacityProviderConfig?: unknown;
  readonly DurableConfig?: unknown;
  readonly LoggingConfig?: { readonly LogGroup?: string };
  /** What the function says over its image's own config; absent where it says nothing. */
  readonly ImageConfigResponse?: {
    readonly ImageConfig?: ImageConfig;
    readonly Error?: { readonly ErrorCode?: string; readonly Message?: string };
  };
}

export interface ImageConfig {
  readonly EntryPoint?: readonly string[];
  readonly Command?: readonly string[];
  readonly WorkingDirectory?: string;
}

export interface AliasConfiguration {
  readonly Name?: string;
  readonly FunctionVersion?: string;
  readonly RoutingConfig?: { readonly AdditionalVersionWeights?: Readonly<Record<string, number>> };
  readonly RevisionId?: string;
}

export interface FunctionAnswer {
  readonly Configuration?: FunctionConfiguration;
  readonly Code?: {
    readonly Location?: string;
    readonly RepositoryType?: string;
    readonly SourceKMSKeyArn?: string;
    readonly ResolvedS3Object?: unknown;
    /** As it was given: by tag, or by digest. */
    readonly ImageUri?: string;
    /** By digest: what runs. */
    readonly ResolvedImageUri?: string;
  };
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
