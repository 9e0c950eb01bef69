import type { StoredTable } from "./dynamodb/table-store.ts";
import type { Repository } from "./ecr/repository-store.ts";
import type { IamState } from "./iam/iam-state.ts";
import type { StoredStream } from "./kinesis/stream-store.ts";
import type { CodeSigningConfig } from "./lambda/code-signing-store.ts";
import type { StoredFunction } from "./lambda/function-store.ts";
import type { StoredLayer } from "./lambda/layer-store.ts";
import type { StoredMapping } from "./lambda/mapping-store.ts";
import type { StoredAlarm } from "./metrics/alarm-store.ts";
import type { Bucket } from "./s3/bucket-store.ts";
import type { Queue } from "./sqs/queue.ts";
import type { Identity } from "./sts/identities.ts";

/**
 * What a cloud holds and a data folder keeps. The stores work on these maps; all that is in them but the queues is plain:
 * no closures, no classes. What is measured (metrics, logs, calls) is not part of it.
 */
export interface CloudState extends IamState {
  /** By ARN, as everything that does not say otherwise. */
  readonly functions: Map<string, StoredFunction>;
  readonly layers: Map<string, StoredLayer>;
  readonly codeSigning: Map<string, CodeSigningConfig>;
  readonly mappings: Map<string, StoredMapping>;
  readonly queues: Map<string, Queue>;
  /** When a queue that is not there was deleted, in ms. */
  readonly deletedQueues: Map<string, number>;
  readonly streams: Map<string, StoredStream>;
  readonly tables: Map<string, StoredTable>;
  readonly alarms: Map<string, StoredAlarm>;
  /** Of container images. */
  readonly repositories: Map<string, Repository>;
  /** By name. */
  readonly buckets: Map<string, Bucket>;
  /** By access key. */
  readonly sessions: Map<string, Identity>;
  readonly roleIds: Map<string, string>;
}

export function emptyState(): CloudState {
  return {
    functions: new Map(),
    layers: new Map(),
    codeSigning: new Map(),
    mappings: new Map(),
    queues: new Map(),
    deletedQueues: new Map(),
    streams: new Map(),
    tables: new Map(),
    alarms: new Map(),
    repositories: new Map(),
    buckets: new Map(),
    sessions: new Map(),
    roleIds: new Map(),
    principals: new Map(),
    groups: new Map(),
    managedPolicies: new Map(),
    accessKeys: new Map(),
    oidcProviders: new Map(),
  };
}
