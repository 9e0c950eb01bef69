import { builtImage, putImage } from "../../../../test/support/image-builder.ts";
import { smallestZip, type VirtualCloud } from "../cloud-for-test.ts";

type Call = readonly [action: string, input: Record<string, unknown>];

const role = "arn:aws:iam::000000000000:role/r";
const lambdaArn = "arn:aws:lambda:us-east-1:000000000000:function";
const document = '{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}';
const trust = '{"Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"*"}}]}';
const managedPolicy = "arn:aws:iam::000000000000:policy/m";
const queues = "http://127.0.0.1/000000000000";
const bigZip = smallestZip(`${"x".repeat(2000)}.js`);

const functionCalls: readonly Call[] = [
  ["lambda:CreateCodeSigningConfig", { AllowedPublishers: { SigningProfileVersionArns: [signing()] } }],
  ["lambda:PublishLayerVersion", { LayerName: "lib", Content: { ZipFile: bigZip }, LicenseInfo: "MIT" }],
  [
    "lambda:AddLayerVersionPermission",
    {
      LayerName: "lib",
      VersionNumber: 1,
      StatementId: "s",
      Action: "lambda:GetLayerVersion",
      Principal: "*",
    },
  ],
  [
    "lambda:CreateFunction",
    {
      FunctionName: "f",
      Runtime: "nodejs22.x",
      Handler: "index.handler",
      Role: role,
      Code: { ZipFile: bigZip },
      Environment: { Variables: { MOOD: "calm" } },
      Layers: ["arn:aws:lambda:us-east-1:000000000000:layer:lib:1"],
      Tags: { team: "a" },
    },
  ],
];

const aroundFunction: readonly Call[] = [
  ["lambda:PublishVersion", { FunctionName: "f" }],
  ["lambda:UpdateFunctionCode", { FunctionName: "f", ZipFile: smallestZip("other.js"), Publish: true }],
  [
    "lambda:CreateAlias",
    {
      FunctionName: "f",
      Name: "live",
      FunctionVersion: "1",
      RoutingConfig: { AdditionalVersionWeights: { "2": 0.25 } },
    },
  ],
  ["lambda:PutFunctionConcurrency", { FunctionName: "f", ReservedConcurrentExecutions: 9 }],
  [
    "lambda:PutProvisionedConcurrencyConfig",
    { FunctionName: "f", Qualifier: "2", ProvisionedConcurrentExecutions: 2 },
  ],
  ["lambda:PutFunctionEventInvokeConfig", { FunctionName: "f", MaximumRetryAttempts: 1 }],
  ["lambda:CreateFunctionUrlConfig", { FunctionName: "f", AuthType: "NONE", Cors: { AllowOrigins: ["*"] } }],
  ["lambda:PutFunctionRecursionConfig", { FunctionName: "f", RecursiveLoop: "Allow" }],
  ["lambda:PutRuntimeManagementConfig", { FunctionName: "f", UpdateRuntimeOn: "FunctionUpdate" }],
  [
    "lambda:AddPermission",
    {
      FunctionName: "f",
      StatementId: "s",
      Action: "lambda:InvokeFunction",
      Principal: "s3.amazonaws.com",
    },
  ],
];

const sources: readonly Call[] = [
  ["sqs:CreateQueue", { QueueName: "dead" }],
  ["sqs:CreateQueue", { QueueName: "gone" }],
  ["sqs:DeleteQueue", { QueueUrl: `${queues}/gone` }],
  [
    "sqs:CreateQueue",
    {
      QueueName: "orders",
      Attributes: {
        RedrivePolicy: JSON.stringify({
          deadLetterTargetArn: "arn:aws:sqs:us-east-1:000000000000:dead",
          maxReceiveCount: 5,
        }),
      },
      tags: { team: "b" },
    },
  ],
  [
    "sqs:SendMessage",
    { QueueUrl: `${queues}/orders`, MessageBody: "flying", MessageAttributes: attributes() },
  ],
  ["sqs:ReceiveMessage", { QueueUrl: `${queues}/orders`, VisibilityTimeout: 600 }],
  ["sqs:SendMessage", { QueueUrl: `${queues}/orders`, MessageBody: "delayed", DelaySeconds: 300 }],
  ["sqs:SendMessage", { QueueUrl: `${queues}/orders`, MessageBody: "visible" }],
  [
    "sqs:CreateQueue",
    { QueueName: "line.fifo", Attributes: { FifoQueue: "true", ContentBasedDeduplication: "true" } },
  ],
  ...["a", "b", "c"].map((MessageBody): Call => {
    const MessageGroupId = MessageBody === "c" ? "second" : "first";
    return ["sqs:SendMessage", { QueueUrl: `${queues}/line.fifo`, MessageBody, MessageGroupId }];
  }),
  ["kinesis:CreateStream", { StreamName: "clicks", ShardCount: 2 }],
  [
    "dynamodb:CreateTable",
    {
      TableName: "carts",
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      BillingMode: "PAY_PER_REQUEST",
      StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_IMAGE" },
    },
  ],
  ["s3:CreateBucket", { Bucket: "codes" }],
  ["s3:PutObject", { Bucket: "codes", Key: "f.zip", Body: bigZip, ContentType: "application/zip" }],
  ["s3:CreateMultipartUpload", { Bucket: "codes", Key: "large" }],
  ["iam:CreateUser", { UserName: "u", Tags: [{ Key: "team", Value: "a" }] }],
  ["iam:PutUserPolicy", { UserName: "u", PolicyName: "p", PolicyDocument: document }],
  ["iam:CreateAccessKey", { UserName: "u" }],
  ["iam:CreatePolicy", { PolicyName: "m", PolicyDocument: document }],
  ["iam:AttachUserPolicy", { UserName: "u", PolicyArn: managedPolicy }],
  [
    "iam:CreateRole",
    { RoleName: "team", AssumeRolePolicyDocument: trust, PermissionsBoundary: managedPolicy },
  ],
  ["iam:CreateGroup", { GroupName: "g" }],
  ["iam:PutGroupPolicy", { GroupName: "g", PolicyName: "p", PolicyDocument: document }],
  ["iam:AttachGroupPolicy", { GroupName: "g", PolicyArn: managedPolicy }],
  ["iam:AddUserToGroup", { GroupName: "g", UserName: "u" }],
  [
    "iam:CreateOpenIDConnectProvider",
    { Url: "https://oidc.example.test/id", ClientIDList: ["sts.amazonaws.com"], ThumbprintList: ["00"] },
  ],
  ["sts:AssumeRole", { RoleArn: role, RoleSessionName: "someone" }],
];

const mappings: readonly Call[] = [
  [
    "lambda:CreateEventSourceMapping",
    { FunctionName: "f", EventSourceArn: "arn:aws:sqs:us-east-1:000000000000:orders", Tags: { x: "y" } },
  ],
  [
    "lambda:CreateEventSourceMapping",
    {
      FunctionName: "f:live",
      EventSourceArn: "arn:aws:kinesis:us-east-1:000000000000:stream/clicks",
      StartingPosition: "LATEST",
      Enabled: false,
    },
  ],
];

const orders = { Namespace: "AWS/SQS", MetricName: "ApproximateAgeOfOldestMessage" };
const judged = { EvaluationPeriods: 1, Threshold: 1, ComparisonOperator: "GreaterThanThreshold" };

const alarms: readonly Call[] = [
  [
    "cloudwatch:PutMetricAlarm",
    {
      AlarmName: "late",
      AlarmDescription: "Orders wait.",
      ...orders,
      Dimensions: [{ Name: "QueueName", Value: "orders" }],
      Statistic: "Maximum",
      Period: 60,
      Unit: "Seconds",
      TreatMissingData: "notBreaching",
      AlarmActions: ["arn:aws:sns:us-east-1:000000000000:pager"],
      ...judged,
    },
  ],
  [
    "cloudwatch:SetAlarmState",
    { AlarmName: "late", StateValue: "ALARM", StateReason: "a trial", StateReasonData: "{}" },
  ],
  [
    "cloudwatch:PutMetricAlarm",
    {
      AlarmName: "twice",
      Metrics: [
        { Id: "a", MetricStat: { Metric: orders, Period: 60, Stat: "Sum" }, ReturnData: false },
        { Id: "b", Expression: "a * 2" },
      ],
      ...judged,
    },
  ],
];

const ofImage = { FunctionName: "boxed" };
const images: readonly Call[] = [
  [
    "lambda:CreateFunction",
    {
      ...ofImage,
      PackageType: "Image",
      Role: role,
      Code: { ImageUri: "000000000000.dkr.ecr.us-east-1.amazonaws.com/shop/cart:v1" },
      ImageConfig: { Command: ["other"] },
    },
  ],
];

const named = { FunctionName: "f" };

/** Reads of all that `withEverything` makes. */
export const everyRead: readonly Call[] = [
  ["lambda:ListFunctions", { FunctionVersion: "ALL" }],
  ["lambda:GetFunctionConfiguration", named],
  ["lambda:GetFunctionConfiguration", { ...named, Qualifier: "live" }],
  ["lambda:GetFunction", ofImage],
  ["ecr:DescribeRepositories", {}],
  ["ecr:DescribeImages", { repositoryName: "shop/cart" }],
  ["ecr:BatchGetImage", { repositoryName: "shop/cart", imageIds: [{ imageTag: "v1" }] }],
  ["lambda:ListTags", { Resource: `${lambdaArn}:f` }],
  ["lambda:ListAliases", named],
  ["lambda:GetFunctionConcurrency", named],
  ["lambda:ListProvisionedConcurrencyConfigs", named],
  ["lambda:ListFunctionEventInvokeConfigs", named],
  ["lambda:GetFunctionUrlConfig", named],
  ["lambda:GetFunctionRecursionConfig", named],
  ["lambda:GetRuntimeManagementConfig", named],
  ["lambda:GetPolicy", named],
  ["lambda:ListLayers", {}],
  ["lambda:GetLayerVersionPolicy", { LayerName: "lib", VersionNumber: 1 }],
  ["lambda:ListCodeSigningConfigs", {}],
  ["lambda:ListEventSourceMappings", {}],
  ["sqs:ListQueues", {}],
  ["sqs:GetQueueAttributes", { QueueUrl: `${queues}/orders`, AttributeNames: ["All"] }],
  ["sqs:GetQueueAttributes", { QueueUrl: `${queues}/line.fifo`, AttributeNames: ["All"] }],
  ["sqs:ListQueueTags", { QueueUrl: `${queues}/orders` }],
  ["kinesis:DescribeStream", { StreamName: "clicks" }],
  ["dynamodb:DescribeTable", { TableName: "carts" }],
  ["cloudwatch:DescribeAlarms", {}],
  ["s3:ListBuckets", {}],
  ["s3:GetObject", { Bucket: "codes", Key: "f.zip" }],
];

/** Makes at least one of everything that a cloud can hold. */
export async function withEverything(virtual: VirtualCloud): Promise<void> {
  const config = { Env: ["MOOD=calm"], Entrypoint: ["/run"], Cmd: ["now"], WorkingDir: "/srv" };
  const image = builtImage({ layers: [[{ path: "run", body: "#!/bin/sh\n" }]], config });
  await putImage(virtual.cloud, { repository: "shop/cart", tag: "v1", region: "us-east-1" }, image);
  for (const calls of [functionCalls, aroundFunction, sources, mappings, alarms, images]) {
    for (const [action, input] of calls) {
      await virtual.call(action, input);
      virtual.pass(1000);
    }
  }
}

function signing(): string {
  return "arn:aws:signer:us-east-1:000000000000:/signing-profiles/mine/abcdefghij";
}

function attributes(): Record<string, unknown> {
  return { bytes: { DataType: "Binary", BinaryValue: Buffer.from("small") } };
}
