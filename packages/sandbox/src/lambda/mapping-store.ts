import { mappingArn, type Place } from "../arns.ts";
import type { Clock } from "../clock.ts";
import { isRecord } from "../input.ts";
import { isNamed, type SwitchSettings } from "../switches.ts";
import type { SourceKind, Timing } from "../timing.ts";
import { deliveryOf, type MappingDelivery } from "./mapping-delivery.ts";
import { asStreamMapping, type StreamMapping } from "./stream-mappings.ts";

export type MappingState =
  | "Creating"
  | "Enabling"
  | "Enabled"
  | "Disabling"
  | "Disabled"
  | "Updating"
  | "Deleting";

export interface StoredMapping {
  readonly place: Place;
  readonly uuid: string;
  readonly arn: string;
  readonly kind: SourceKind;
  /** Null for self-managed Kafka. */
  readonly sourceArn: string | null;
  functionArn: string;
  /** Everything else that Get shows. */
  members: Record<string, unknown>;
  state: MappingState;
  /** What the state becomes, and when; "gone" removes the mapping. Null: it stays. */
  transition: { to: "Enabled" | "Disabled" | "gone"; endsAt: number } | null;
  lastModifiedMs: number;
  /** From when on it polls; null: it does not. */
  pollsFrom: number | null;
  /** When polling ends; null: no end known. */
  pollsUntil: number | null;
  tags: Map<string, string>;
}

/** A mapping of an SQS queue that is really polling now. */
export interface PollingMapping extends MappingDelivery {
  readonly queueArn: string;
  /** Null: no limit was set by ScalingConfig. */
  readonly maximumConcurrency: number | null;
}

export interface MappingStore {
  find(place: Place, uuid: string): StoredMapping | undefined;
  of(place: Place): readonly StoredMapping[];
  add(mapping: StoredMapping): void;
  /** Ends what is due by now. */
  settle(): void;
  /** SQS mappings that poll at this time (ms); also those whose state says Disabled while pollers still run. */
  enabledSqs(now?: number): readonly PollingMapping[];
  /** The same of Kinesis streams and of tables' streams. */
  enabledStreams(now?: number): readonly StreamMapping[];
  /** Sets what a mapping shows of its last invocation; one that is gone is passed over. */
  setResult(mapping: Pick<StreamMapping, "uuid" | "region" | "account">, words: string): void;
}

/** Whether a mapping takes events now. */
function polls(mapping: StoredMapping, now: number): boolean {
  return (
    mapping.pollsFrom !== null &&
    now >= mapping.pollsFrom &&
    (mapping.pollsUntil === null || now < mapping.pollsUntil)
  );
}

function asPolling(mapping: StoredMapping): PollingMapping {
  const scaling = mapping.members["ScalingConfig"];
  const concurrency = isRecord(scaling) ? scaling["MaximumConcurrency"] : undefined;
  return {
    ...deliveryOf(mapping, 10),
    queueArn: mapping.sourceArn ?? "",
    maximumConcurrency: typeof concurrency === "number" ? concurrency : null,
  };
}

export interface MappingStoreParts {
  readonly clock: Clock;
  readonly timing: Timing;
  readonly switches: { get(): SwitchSettings };
  /** By ARN. */
  readonly all: Map<string, StoredMapping>;
}

export function createMappingStore({ clock, timing, switches, all }: MappingStoreParts): MappingStore {
  const settle = (mapping: StoredMapping, now: number): StoredMapping | undefined => {
    const { transition } = mapping;
    if (transition === null || now < transition.endsAt) return mapping;
    if (isNamed(switches.get().stuckMappings, mapping.uuid)) return mapping;
    mapping.transition = null;
    if (transition.to === "gone") {
      all.delete(mapping.arn);
      return undefined;
    }
    mapping.state = transition.to;
    mapping.lastModifiedMs = transition.endsAt;
    if (transition.to === "Enabled") {
      mapping.pollsFrom ??= transition.endsAt;
      mapping.pollsUntil = null;
    } else if (mapping.pollsFrom !== null && mapping.pollsUntil === null) {
      mapping.pollsUntil = transition.endsAt + timing.mapping[mapping.kind].pollStopLagMs;
    }
    return mapping;
  };
  const settledAll = (now: number): StoredMapping[] =>
    [...all.values()].flatMap((mapping) => settle(mapping, now) ?? []);
  return {
    find: (place, uuid) => {
      const mapping = all.get(mappingArn(place, uuid));
      return mapping && settle(mapping, clock.now());
    },
    of: (place) =>
      settledAll(clock.now()).filter(
        (m) => m.place.region === place.region && m.place.account === place.account,
      ),
    add: (mapping) => {
      all.set(mapping.arn, mapping);
    },
    settle: () => {
      settledAll(clock.now());
    },
    enabledSqs: (now = clock.now()) =>
      settledAll(now)
        .filter((mapping) => mapping.kind === "sqs" && polls(mapping, now))
        .map(asPolling),
    enabledStreams: (now = clock.now()) =>
      settledAll(now)
        .filter(({ kind }) => kind === "kinesis" || kind === "dynamodb")
        .filter((mapping) => polls(mapping, now))
        .map(asStreamMapping),
    setResult: ({ uuid, region, account }, words) => {
      const mapping = all.get(mappingArn({ region, account }, uuid));
      if (mapping !== undefined) mapping.members["LastProcessingResult"] = words;
    },
  };
}
