import type { MappingConfiguration } from "../contract/aws-calls.ts";

/** What Lambda can poll for a function. */
export interface EventSource {
  /** For people: "SQS". */
  readonly kind: string;
  /** For people: the queue's or stream's own name. */
  readonly name: string;
  /** Null for a self-managed Kafka cluster. */
  readonly arn: string | null;
  /**
   * How long polling may go on after `Disabled`, as far as is known.
   *
   * Source: "up to 90 s to stop and restart polling" (Lambda guide, Kafka starting positions); others by observation.
   */
  readonly stopMs: number;
  /** How long it keeps what nobody reads, where AWS fixes it; null: it must be read, or is not known. */
  readonly retentionMs: number | null;
}

interface Kind {
  readonly kind: string;
  readonly stopMs: number;
  readonly retentionMs: number | null;
  /** Of the ARN's resource part. */
  readonly name: (resource: string) => string;
}

const last = (resource: string): string => resource.split("/").at(-1) ?? resource;
const second = (resource: string): string => resource.split("/")[1] ?? resource;
const HOUR_MS = 3_600_000;

/** By the service in the source's ARN; DynamoDB keeps stream records for 24 hours, always. */
const kinds: Readonly<Record<string, Kind>> = {
  sqs: { kind: "SQS", stopMs: 60_000, retentionMs: null, name: (resource) => resource },
  kinesis: { kind: "Kinesis", stopMs: 90_000, retentionMs: null, name: second },
  dynamodb: { kind: "DynamoDB stream", stopMs: 90_000, retentionMs: 24 * HOUR_MS, name: second },
  kafka: { kind: "MSK", stopMs: 90_000, retentionMs: null, name: second },
  mq: {
    kind: "MQ",
    stopMs: 90_000,
    retentionMs: null,
    name: (resource) => resource.split(":")[1] ?? resource,
  },
  rds: {
    kind: "DocumentDB",
    stopMs: 90_000,
    retentionMs: null,
    name: (resource) => resource.split(":")[1] ?? last(resource),
  },
};

const selfManaged = { kind: "self-managed Kafka", stopMs: 90_000, retentionMs: null };

export function eventSourceOf(mapping: MappingConfiguration): EventSource {
  const arn = mapping.EventSourceArn ?? null;
  if (arn === null) return { ...selfManaged, name: (mapping.Topics ?? []).join(", ") || "cluster", arn };
  const [, , service = "", , , ...rest] = arn.split(":");
  const kind = kinds[service];
  if (kind === undefined)
    return {
      kind: service || "unknown source",
      name: rest.join(":"),
      arn,
      stopMs: 90_000,
      retentionMs: null,
    };
  return {
    kind: kind.kind,
    name: kind.name(rest.join(":")),
    arn,
    stopMs: kind.stopMs,
    retentionMs: kind.retentionMs,
  };
}

/** "4f1c2a3b… (SQS orders)". */
export function mappingTitle(mapping: MappingConfiguration): string {
  const { kind, name } = eventSourceOf(mapping);
  return `mapping ${(mapping.UUID ?? "").slice(0, 8)}… (${kind} ${name})`;
}

export function isFifo(source: EventSource): boolean {
  return source.kind === "SQS" && source.name.endsWith(".fifo");
}
