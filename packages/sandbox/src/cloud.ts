import { ApiError } from "./api-error.ts";
import {
  type CallRecord,
  createCallRecord,
  type RecordedCall,
  type WritableCallRecord,
} from "./call-record.ts";
import type { CallContext, Caller, Handler } from "./caller.ts";
import { type After, afterRealTime, type Clock } from "./clock.ts";
import { cloudActions } from "./cloud-actions.ts";
import { type CloudState, emptyState } from "./cloud-state.ts";
import { createTableStore } from "./dynamodb/table-store.ts";
import type { BlobStore } from "./ecr/blob-store.ts";
import { type CloudRegistry, createCloudRegistry } from "./ecr/cloud-registry.ts";
import { type Authority, createAuthority } from "./iam/authority.ts";
import { lookUps } from "./iam/look-ups.ts";
import { createIds, type Ids, systemRandom } from "./ids.ts";
import type { Input } from "./input.ts";
import { createStreamStore } from "./kinesis/stream-store.ts";
import { createCodeLinks } from "./lambda/code-links.ts";
import { createCodeSigningStore } from "./lambda/code-signing-store.ts";
import { createFunctionStore, type FunctionStore } from "./lambda/function-store.ts";
import { createLayerStore } from "./lambda/layer-store.ts";
import { createMappingStore, type MappingStore } from "./lambda/mapping-store.ts";
import type { StreamPlace } from "./lambda/stream-mappings.ts";
import { createLogStore, type LogStore } from "./logs/log-store.ts";
import { mappingStream } from "./mapping-stream.ts";
import { createAlarmStore } from "./metrics/alarm-store.ts";
import { exporterPage } from "./metrics/exporter-page.ts";
import { createMetricStore, type MetricStore } from "./metrics/metric-store.ts";
import type { Invoke } from "./runtime-port.ts";
import { createBucketStore } from "./s3/bucket-store.ts";
import { createQueueStore, type QueueStore } from "./sqs/queue-store.ts";
import type { StreamReader } from "./stream-reader.ts";
import { type FetchJson, fetchJson } from "./sts/fetch-json.ts";
import { createIdentities, type Identities } from "./sts/identities.ts";
import { createSwitches, type SwitchEffects, type Switches } from "./switches.ts";
import { type Timing, timings } from "./timing.ts";

export type { Caller } from "./caller.ts";

export interface CloudOptions {
  readonly clock: Clock;
  /** Default "000000000000". */
  readonly account?: string;
  /** Default: `timings.fast`. */
  readonly timing?: Timing;
  /** In [0, 1); makes the ids. Default: the system's generator. */
  readonly random?: () => number;
  /** Runs functions; without it Invoke answers ServiceException. */
  readonly invoke?: Invoke;
  /** Base URL of the HTTP front, without a slash at the end, for queue URLs and code locations. */
  readonly endpoint?: () => string;
  /** Metrics younger than this are not shown. Default 0. */
  readonly metricsDelayMs?: number;
  /** What it holds to begin with; it is changed in place. Default: nothing. */
  readonly state?: CloudState;
  /** Called when `state` may have changed. */
  readonly changed?: () => void;
  /** Asks an OIDC provider for a document. Default: over the network. */
  readonly fetchJson?: FetchJson;
  /** Where layers of container images are. Default: in memory. */
  readonly blobs?: BlobStore;
  /** URL of a registry that holds the images in place of this cloud; a login in it goes into its tokens. */
  readonly registry?: string;
  /** Waits, for long polls and the latency switch. Default: real time. */
  readonly after?: After;
}

/** A cloud in memory. Its states are computed from the clock when they are read. */
export interface Cloud {
  /**
   * Does one operation. `action` is `service:Operation` (services: lambda, ecr, sqs, s3, sts, iam, kinesis, dynamodb,
   * dynamodbstreams, cloudwatch, logs); input and output are the API's JSON shapes, with dates as epoch seconds and bytes as Buffer. Throws ApiError.
   */
  call(action: string, input: Readonly<Record<string, unknown>>, caller: Caller): Promise<unknown>;
  readonly record: CallRecord;
  readonly switches: Switches;
  readonly functions: FunctionStore;
  readonly mappings: MappingStore;
  readonly queues: QueueStore;
  readonly metrics: MetricStore;
  readonly logs: LogStore;
  readonly clock: Clock;
  readonly registry: CloudRegistry;
  /** The zip behind a path of a code location; undefined when it is unknown or has expired. */
  codeAt(path: string): Buffer | undefined;
  /** The page that Prometheus reads. */
  metricsPage(periodMs?: number): string;
  /** The stream that a mapping reads; null when it is not there. */
  stream(mapping: StreamPlace): StreamReader | null;
  /** Ends long polls; later ones answer at once. */
  close(): void;
}

function unknownAction(action: string): ApiError {
  return new ApiError(
    400,
    "UnknownOperationException",
    `The operation ${action} is not part of this cloud.`,
    { type: null },
  );
}

function outcomeOf(error: unknown): string {
  if (!(error instanceof ApiError)) return "InternalFailure";
  return error.answered ? error.code : "lost";
}

interface CallParts {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly identities: Identities;
  readonly switches: SwitchEffects;
  readonly actions: ReadonlyMap<string, Handler>;
  readonly after: After;
  readonly record: WritableCallRecord;
  readonly authority: Authority;
}

function contextOf({ clock, ids, identities }: CallParts, caller: Caller): CallContext {
  const now = clock.now();
  const identity = identities.of(caller, now);
  return {
    now,
    region: caller.region,
    account: identity.account,
    caller,
    requestId: caller.requestId ?? ids.uuid(),
    identityArn: identity.arn,
    identity,
  };
}

function handlerOf(parts: CallParts, action: string): Handler {
  const handler = parts.actions.get(action);
  if (handler === undefined) throw unknownAction(action);
  return handler;
}

/** Waits as long as the switches want, also when they change their mind meanwhile. */
async function latency({ switches, clock, after }: CallParts, action: string): Promise<void> {
  const began = clock.now();
  for (let left = switches.latency(action); left > 0; left = began + switches.latency(action) - clock.now()) {
    await new Promise<void>((resolve) => {
      const cancel = after(left, done);
      const unwatch = switches.onChange(done);
      function done(): void {
        cancel();
        unwatch();
        resolve();
      }
    });
  }
}

interface GivenCall {
  readonly action: string;
  readonly input: Input;
  readonly caller: Caller;
}

/** A call with all that the switches do to it, and IAM. */
async function switched(
  parts: CallParts,
  { action, input, caller }: GivenCall,
  recorded: RecordedCall,
): Promise<unknown> {
  const { switches, authority } = parts;
  await latency(parts, action);
  switches.before(action);
  const handler = handlerOf(parts, action);
  const context = contextOf(parts, caller);
  const needs = authority.needs(action, input, context);
  recorded.principal = context.identityArn;
  recorded.permissions = needs.map((need) => ({ action: need.action, resource: need.resource }));
  authority.check(action, input, context, needs);
  const answer = await handler(input, context);
  switches.after(action);
  return answer;
}

function callsOf(parts: CallParts): Cloud["call"] {
  return async (action, input, caller) => {
    if (caller.internal === true) return handlerOf(parts, action)(input, contextOf(parts, caller));
    const { region, accessKey = null, userAgent = null } = caller;
    const at = parts.clock.now();
    const recorded = parts.record.begin({ at, action, region, accessKey, userAgent, input });
    try {
      const answer = await switched(parts, { action, input, caller }, recorded);
      recorded.outcome = "ok";
      return answer;
    } catch (error) {
      recorded.outcome = outcomeOf(error);
      throw error;
    }
  };
}

interface StoreParts {
  readonly clock: Clock;
  readonly account: string;
  readonly timing: Timing;
  readonly switches: Switches;
  readonly random: () => number;
  readonly metrics: MetricStore;
  readonly endpoint: () => string;
  readonly metricsDelayMs: number;
}

/** The stores of everything that is in the state. */
function storesOf(state: CloudState, parts: StoreParts) {
  const queues = createQueueStore({ ...parts, queues: state.queues, deleted: state.deletedQueues });
  return {
    functions: createFunctionStore({ ...parts, all: state.functions }),
    layers: createLayerStore(state.layers),
    codeSigning: createCodeSigningStore(state.codeSigning),
    mappings: createMappingStore({ ...parts, all: state.mappings }),
    queues,
    alarms: createAlarmStore({
      alarms: state.alarms,
      metrics: parts.metrics,
      delayMs: parts.metricsDelayMs,
      refresh: queues.touchAll,
    }),
    buckets: createBucketStore(state.buckets),
    streams: createStreamStore(state.streams),
    tables: createTableStore(state.tables),
    identities: createIdentities({ account: parts.account, ...state }),
  };
}

export function createCloud(options: CloudOptions): Cloud {
  const { clock, account = "000000000000", timing = timings.fast, after = afterRealTime } = options;
  const { metricsDelayMs = 0, invoke, changed = () => undefined, state = emptyState() } = options;
  const { endpoint = () => "http://127.0.0.1" } = options;
  let isClosed = false;
  const random = options.random ?? systemRandom();
  const ids = createIds(random);
  const switches = createSwitches(clock, () => {
    stores.functions.settle();
    stores.mappings.settle();
  });
  const record = createCallRecord();
  const metrics = createMetricStore();
  const logs = createLogStore(() => clock.now());
  const common = { clock, account, timing, switches, random, metrics, endpoint, metricsDelayMs };
  const stores = storesOf(state, common);
  const { functions, mappings, queues, identities } = stores;
  const links = createCodeLinks(endpoint);
  const { blobs, registry: url } = options;
  const registry = createCloudRegistry({ ...state, blobs, registry: url, endpoint, ids, clock });
  const looks = lookUps(stores);
  const authority = createAuthority({ ...looks, state, denied: switches.denied });
  const actions = cloudActions({
    ...stores,
    ...common,
    registry,
    iam: state,
    tagsOf: looks.tagsOf,
    authority,
    fetchJson: options.fetchJson ?? fetchJson,
    logs,
    links,
    ids,
    after,
    invoke,
    changed,
    closed: () => isClosed,
  });
  const call = callsOf({ clock, ids, identities, switches, actions, after, record, authority });
  return {
    call,
    record,
    switches,
    functions,
    mappings,
    queues,
    metrics,
    logs,
    clock,
    metricsPage: (periodMs) =>
      exporterPage({ metrics, clock, account, delayMs: metricsDelayMs, refresh: queues.touchAll }, periodMs),
    registry,
    codeAt: (path) => links.read(path, clock.now()),
    stream: (mapping) => mappingStream(stores, mapping),
    close: () => {
      isClosed = true;
      queues.wakeAll();
    },
  };
}
