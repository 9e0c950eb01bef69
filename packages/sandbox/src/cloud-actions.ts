import type { CallContext, Handler, Handlers } from "./caller.ts";
import type { After, Clock } from "./clock.ts";
import { itemHandlers } from "./dynamodb/items.ts";
import type { TableStore } from "./dynamodb/table-store.ts";
import { tableStreamHandlers } from "./dynamodb/table-streams.ts";
import { tableHandlers } from "./dynamodb/tables.ts";
import type { CloudRegistry } from "./ecr/cloud-registry.ts";
import type { Authority } from "./iam/authority.ts";
import { iamHandlers } from "./iam/iam.ts";
import type { IamState } from "./iam/iam-state.ts";
import type { Ids } from "./ids.ts";
import type { Input } from "./input.ts";
import { recordHandlers } from "./kinesis/records.ts";
import type { StreamStore } from "./kinesis/stream-store.ts";
import { streamHandlers } from "./kinesis/streams.ts";
import { accountHandlers } from "./lambda/account-settings.ts";
import { aliasHandlers } from "./lambda/aliases.ts";
import type { CodeLinks } from "./lambda/code-links.ts";
import { codeSigningHandlers } from "./lambda/code-signing.ts";
import type { CodeSigningStore } from "./lambda/code-signing-store.ts";
import { concurrencyHandlers } from "./lambda/concurrency.ts";
import { eventInvokeHandlers } from "./lambda/event-invoke-configs.ts";
import type { FunctionStore } from "./lambda/function-store.ts";
import { urlHandlers } from "./lambda/function-urls.ts";
import { functionHandlers } from "./lambda/functions.ts";
import { invocationHandlers } from "./lambda/invocations.ts";
import { layerPolicyHandlers } from "./lambda/layer-policy.ts";
import type { LayerStore } from "./lambda/layer-store.ts";
import { layerHandlers } from "./lambda/layers.ts";
import type { MappingStore } from "./lambda/mapping-store.ts";
import { mappingHandlers } from "./lambda/mappings.ts";
import { policyHandlers } from "./lambda/policy.ts";
import { provisionedHandlers } from "./lambda/provisioned-concurrency.ts";
import { recursionHandlers } from "./lambda/recursion-config.ts";
import { runtimeManagementHandlers } from "./lambda/runtime-management.ts";
import { tagHandlers } from "./lambda/tags.ts";
import { urlInvocationHandlers } from "./lambda/url-invocations.ts";
import { versionHandlers } from "./lambda/versions.ts";
import type { LogStore } from "./logs/log-store.ts";
import { logHandlers } from "./logs/logs.ts";
import type { AlarmStore } from "./metrics/alarm-store.ts";
import { alarmHandlers } from "./metrics/alarms.ts";
import { cloudWatchHandlers } from "./metrics/cloudwatch.ts";
import type { MetricStore } from "./metrics/metric-store.ts";
import type { Invoke } from "./runtime-port.ts";
import type { BucketStore } from "./s3/bucket-store.ts";
import { bucketHandlers } from "./s3/buckets.ts";
import { objectListHandlers } from "./s3/object-lists.ts";
import { objectHandlers } from "./s3/objects.ts";
import { uploadHandlers } from "./s3/uploads.ts";
import { messageHandlers } from "./sqs/messages.ts";
import type { QueueStore } from "./sqs/queue-store.ts";
import { queueHandlers } from "./sqs/queues.ts";
import type { FetchJson } from "./sts/fetch-json.ts";
import type { Identities } from "./sts/identities.ts";
import { stsHandlers } from "./sts/sts.ts";
import type { SwitchEffects } from "./switches.ts";
import type { Timing } from "./timing.ts";

/** Everything that the operations of one cloud share. */
export interface CloudParts {
  readonly functions: FunctionStore;
  readonly layers: LayerStore;
  readonly codeSigning: CodeSigningStore;
  readonly mappings: MappingStore;
  readonly queues: QueueStore;
  readonly buckets: BucketStore;
  readonly streams: StreamStore;
  readonly tables: TableStore;
  readonly metrics: MetricStore;
  readonly alarms: AlarmStore;
  readonly logs: LogStore;
  readonly identities: Identities;
  readonly iam: IamState;
  readonly tagsOf: (arn: string) => Readonly<Record<string, string>>;
  readonly authority: Authority;
  readonly fetchJson: FetchJson;
  readonly links: CodeLinks;
  readonly registry: CloudRegistry;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly after: After;
  readonly timing: Timing;
  readonly switches: SwitchEffects;
  readonly invoke: Invoke | undefined;
  readonly metricsDelayMs: number;
  /** To be called when what the cloud holds may have changed. */
  readonly changed: () => void;
  /** True once the cloud is closed. */
  readonly closed: () => boolean;
}

/** Operations that look and change nothing, by name. */
const reading =
  /^[a-z0-9]+:(Get|List|Describe|Head|Filter|BatchGetImage|BatchCheck|InitiateLayer|UploadLayer)/;

/** Tells of each call that may have changed something, also when it failed: its work may be done all the same. */
function told([action, handler]: [string, Handler], changed: () => void): [string, Handler] {
  if (reading.test(action) || action === "lambda:Invoke") return [action, handler];
  return [
    action,
    async (input, context) => {
      try {
        return await handler(input, context);
      } finally {
        changed();
      }
    },
  ];
}

function prefixed(service: string, ...tables: readonly Handlers[]): [string, Handler][] {
  return tables.flatMap((table) =>
    Object.entries(table).map(([name, handler]): [string, Handler] => [`${service}:${name}`, handler]),
  );
}

function tagsMayBeListed(authority: Authority): (arn: string, context: CallContext) => boolean {
  return (resource, context) => authority.permits({ action: "lambda:ListTags", resource }, context);
}

function s3Handlers(parts: CloudParts): readonly Handlers[] {
  return [bucketHandlers(parts), objectHandlers(parts), objectListHandlers(parts), uploadHandlers(parts)];
}

/** All operations, by `service:Operation`. */
export function cloudActions(parts: CloudParts): ReadonlyMap<string, Handler> {
  const { registry, authority } = parts;
  const sources = {
    queueExists: parts.queues.exists,
    streamExists: (arn: string) => parts.streams.find(arn) !== undefined,
    tableStreamExists: (arn: string) => parts.tables.byStream(arn) !== undefined,
  };
  const messages = messageHandlers(parts);
  const sendTo = async (arn: string, message: Input, context: CallContext): Promise<boolean> => {
    const queue = parts.queues.byArn(arn);
    if (queue === undefined) return false;
    await messages["SendMessage"]?.({ ...message, QueueUrl: parts.queues.url(queue) }, context);
    parts.changed();
    return true;
  };
  const invocations = invocationHandlers({ ...parts, sendTo });
  const all = [
    ...prefixed(
      "lambda",
      functionHandlers({ ...parts, images: registry.images, mayListTags: tagsMayBeListed(authority) }),
      versionHandlers(parts),
      aliasHandlers(parts),
      provisionedHandlers(parts),
      eventInvokeHandlers(parts),
      urlHandlers(parts),
      codeSigningHandlers(parts),
      runtimeManagementHandlers(parts),
      recursionHandlers(parts),
      accountHandlers(parts),
      mappingHandlers({ ...parts, ...sources }),
      tagHandlers(parts),
      concurrencyHandlers(parts),
      policyHandlers(parts),
      invocations,
      urlInvocationHandlers({ ...parts, invocations }),
      layerHandlers(parts),
      layerPolicyHandlers(parts),
    ),
    ...prefixed("ecr", registry.handlers),
    ...prefixed("sqs", queueHandlers(parts), messages),
    ...prefixed("s3", ...s3Handlers(parts)),
    ...prefixed("kinesis", streamHandlers(parts), recordHandlers(parts)),
    ...prefixed("dynamodb", tableHandlers(parts), itemHandlers(parts)),
    ...prefixed("dynamodbstreams", tableStreamHandlers(parts)),
    ...prefixed("sts", stsHandlers(parts)),
    ...prefixed("iam", iamHandlers(parts)),
    ...prefixed(
      "cloudwatch",
      cloudWatchHandlers({ ...parts, delayMs: parts.metricsDelayMs, refresh: parts.queues.touchAll }),
      alarmHandlers(parts),
    ),
    ...prefixed("logs", logHandlers(parts)),
  ];
  return new Map(all.map((action) => told(action, parts.changed)));
}
