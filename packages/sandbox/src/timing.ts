/** Where a mapping takes its events from. */
export type SourceKind = "sqs" | "kinesis" | "dynamodb" | "kafka" | "mq" | "documentdb";

/** Milliseconds that the transitions of one kind of mapping take. */
export interface MappingTiming {
  readonly create: number;
  readonly enable: number;
  readonly disable: number;
  readonly update: number;
  readonly delete: number;
  /** How long polling goes on after the state says Disabled. */
  readonly pollStopLagMs: number;
}

/** Milliseconds that the transitions of the cloud take. */
export interface Timing {
  readonly functionCreate: number;
  readonly functionUpdate: number;
  /** How much longer an update takes for a function in a VPC. */
  readonly networkUpdate: number;
  /** How much longer it takes with an image that the function did not have before. */
  readonly imageOptimisation: number;
  /** How long the name of a deleted queue cannot be used again. */
  readonly queueNameReuseMs: number;
  /** Until provisioned concurrency is ready. */
  readonly provisionedConcurrency: number;
  /** Until the first retry of a failed event; the second one waits twice as long. */
  readonly eventRetry: number;
  readonly mapping: Readonly<Record<SourceKind, MappingTiming>>;
}

function mappingTiming(step: number, remove: number, pollStopLagMs: number): MappingTiming {
  return { create: step, enable: step, disable: step, update: step, delete: remove, pollStopLagMs };
}

function sameForAll(timing: MappingTiming): Readonly<Record<SourceKind, MappingTiming>> {
  return { sqs: timing, kinesis: timing, dynamodb: timing, kafka: timing, mq: timing, documentdb: timing };
}

export type TimingName = "aws" | "fast" | "none";

/**
 * The named tables: `aws` (as slow as the real one), `fast` (about 1 s and 2 s), `none` (at once).
 * Source: durations of recorded test runs against AWS; no service page gives them, so `aws` is an estimate per source.
 */
export const timings: Readonly<Record<TimingName, Timing>> = {
  aws: {
    functionCreate: 2000,
    functionUpdate: 1500,
    networkUpdate: 60_000,
    imageOptimisation: 10_000,
    queueNameReuseMs: 60_000,
    provisionedConcurrency: 60_000,
    eventRetry: 60_000,
    mapping: {
      sqs: mappingTiming(30_000, 20_000, 10_000),
      kinesis: mappingTiming(30_000, 20_000, 60_000),
      dynamodb: mappingTiming(20_000, 10_000, 60_000),
      kafka: mappingTiming(90_000, 60_000, 60_000),
      mq: mappingTiming(60_000, 60_000, 30_000),
      documentdb: mappingTiming(60_000, 60_000, 30_000),
    },
  },
  fast: {
    functionCreate: 1000,
    functionUpdate: 1000,
    networkUpdate: 2000,
    imageOptimisation: 500,
    queueNameReuseMs: 60_000,
    provisionedConcurrency: 2000,
    eventRetry: 1000,
    mapping: sameForAll(mappingTiming(2000, 1000, 0)),
  },
  none: {
    functionCreate: 0,
    functionUpdate: 0,
    networkUpdate: 0,
    imageOptimisation: 0,
    queueNameReuseMs: 0,
    provisionedConcurrency: 0,
    eventRetry: 0,
    mapping: sameForAll(mappingTiming(0, 0, 0)),
  },
};
