import * as z from "zod";
import { mappingArn } from "../contract/arns.ts";
import { isMissing } from "../contract/aws.ts";
import type { MappingConfiguration } from "../contract/aws-calls.ts";
import type { Edit } from "../contract/edit.ts";
import type { Io } from "../contract/io.ts";
import { equalJson } from "../contract/json.ts";
import type { Ref } from "../contract/place.ts";
import { defineResource, type Reading, type Seen } from "../contract/resource.ts";

/** What can be set on an event source mapping, less what only KMS can read (filters) or a secret names. */
const mappingState = z.strictObject({
  enabled: z.boolean(),
  functionArn: z.string(),
  batchSize: z.number().nullable(),
  batchingWindowSeconds: z.number().nullable(),
  parallelizationFactor: z.number().nullable(),
  maximumRecordAgeSeconds: z.number().nullable(),
  maximumRetryAttempts: z.number().nullable(),
  bisectsBatchOnError: z.boolean().nullable(),
  tumblingWindowSeconds: z.number().nullable(),
  responseTypes: z.array(z.string()).readonly(),
  maximumConcurrency: z.number().nullable(),
  pollers: z.strictObject({ minimum: z.number().nullable(), maximum: z.number().nullable() }).nullable(),
  onFailure: z.string().nullable(),
});

export type MappingState = z.infer<typeof mappingState>;

/** The marker's tags, as the sibling resource writes them. */
const RUN_TAG = "unplug:run";

/**
 * An event source mapping, by UUID.
 *
 * AWS has no compare-and-set on mappings and counts every call against 15 requests a second, so many are read by page.
 *
 * Source: https://docs.aws.amazon.com/lambda/latest/api/API_UpdateEventSourceMapping.html
 */
export const mapping = defineResource<MappingState>({
  kind: "mapping",
  title: "event source mapping",
  state: mappingState,
  actions: {
    read: ["lambda:ListEventSourceMappings", "lambda:GetEventSourceMapping"],
    write: ["lambda:UpdateEventSourceMapping"],
  },
  guarded: false,
  lookEveryMs: 10_000,

  arn: ({ id, place }) => mappingArn(id, place),

  async *read(refs, io) {
    for (const [functionArn, mine] of byFunction(refs)) {
      // A page costs one request, and so does a Get.
      if (functionArn !== null && mine.size > 1) yield* readByPage(functionArn, mine, io);
      if (mine.size > 0) yield await readOneByOne(mine, io);
    }
  },

  async write(ref, to, seen, io) {
    if (to === null || seen.state === null) throw new Error("A mapping is neither made nor deleted here.");
    if (!equalJson({ ...to, enabled: seen.state.enabled }, seen.state))
      throw new Error("Only Enabled is written here.");
    const answer = await io.aws.call(
      "lambda:UpdateEventSourceMapping",
      { UUID: ref.id, Enabled: to.enabled },
      io.signal,
    );
    return { id: answer.UUID ?? ref.id, revision: null };
  },

  without(now, { before, after }) {
    if (now === null || before === null || after === null) return now;
    return { ...now, enabled: now.enabled === after.enabled ? before.enabled : now.enabled };
  },

  async discover(functionArn, io) {
    const found: Ref[] = [];
    for await (const page of pages(functionArn, io)) {
      for (const { UUID } of page)
        if (UUID !== undefined)
          found.push({ kind: "mapping", id: UUID, within: functionArn, place: io.place });
    }
    return found;
  },

  async recognise(ref, io) {
    const found = await io.aws.call("lambda:GetEventSourceMapping", { UUID: ref.id }, io.signal);
    const { Tags = {} } = await io.aws.call(
      "lambda:ListTags",
      { Resource: found.EventSourceMappingArn ?? mappingArn(ref.id, ref.place) },
      io.signal,
    );
    const ours = Object.fromEntries(Object.entries(Tags).filter(([key]) => key.startsWith("unplug:")));
    if (!(RUN_TAG in ours)) return [];
    const state = stateOf(found);
    const marker: Edit = { ref: { ...ref, kind: "mapping-tags" }, before: null, after: ours, optional: true };
    return [marker, armed(ref, state)];
  },

  onWord: (ref, now) => (now === null || now.enabled ? null : armed(ref, now)),
});

function armed(ref: Ref, now: MappingState): Edit<MappingState> {
  return { ref, before: { ...now, enabled: true }, after: { ...now, enabled: false }, arms: true };
}

function byFunction(refs: readonly Ref[]): ReadonlyMap<string | null, Map<string, Ref>> {
  const found = new Map<string | null, Map<string, Ref>>();
  for (const ref of refs) {
    const mine = found.get(ref.within) ?? new Map<string, Ref>();
    found.set(ref.within, mine.set(ref.id, ref));
  }
  return found;
}

/** Takes out of `mine` what it finds; mappings on an alias may not be listed under the bare name and stay in. */
async function* readByPage(
  functionArn: string,
  mine: Map<string, Ref>,
  io: Io,
): AsyncIterable<readonly Seen<MappingState>[]> {
  try {
    for await (const page of pages(functionArn, io)) {
      const seen = page.flatMap((found) => {
        const ref = mine.get(found.UUID ?? "");
        mine.delete(found.UUID ?? "");
        return ref === undefined ? [] : [readingOf(ref, found)];
      });
      if (seen.length > 0) yield seen;
      if (mine.size === 0) return;
    }
  } catch (error) {
    // The function is gone, which says nothing of its mappings: they outlive it.
    if (!isMissing(error)) throw error;
  }
}

async function* pages(functionArn: string, io: Io): AsyncIterable<readonly MappingConfiguration[]> {
  let marker: string | undefined;
  do {
    const input = {
      FunctionName: functionArn,
      MaxItems: 100,
      ...(marker === undefined ? {} : { Marker: marker }),
    };
    const page = await io.aws.call("lambda:ListEventSourceMappings", input, io.signal);
    yield page.EventSourceMappings ?? [];
    marker = page.NextMarker === "" ? undefined : page.NextMarker;
  } while (marker !== undefined);
}

async function readOneByOne(refs: ReadonlyMap<string, Ref>, io: Io): Promise<readonly Seen<MappingState>[]> {
  return Promise.all(
    [...refs.values()].map(async (ref): Promise<Seen<MappingState>> => {
      try {
        return readingOf(ref, await io.aws.call("lambda:GetEventSourceMapping", { UUID: ref.id }, io.signal));
      } catch (error) {
        if (isMissing(error)) return { ref, found: false };
        throw error;
      }
    }),
  );
}

function readingOf(ref: Ref, found: MappingConfiguration): Reading<MappingState> {
  const status = found.State ?? "unknown";
  return {
    ref,
    found: true,
    state: stateOf(found),
    revision: null,
    settled: status === "Enabled" || status === "Disabled",
    status,
  };
}

function stateOf(found: MappingConfiguration): MappingState {
  const pollers = found.ProvisionedPollerConfig;
  return {
    enabled: isOn(found.State ?? ""),
    functionArn: found.FunctionArn ?? "",
    batchSize: found.BatchSize ?? null,
    batchingWindowSeconds: found.MaximumBatchingWindowInSeconds ?? null,
    parallelizationFactor: found.ParallelizationFactor ?? null,
    maximumRecordAgeSeconds: found.MaximumRecordAgeInSeconds ?? null,
    maximumRetryAttempts: found.MaximumRetryAttempts ?? null,
    bisectsBatchOnError: found.BisectBatchOnFunctionError ?? null,
    tumblingWindowSeconds: found.TumblingWindowInSeconds ?? null,
    responseTypes: found.FunctionResponseTypes ?? [],
    maximumConcurrency: found.ScalingConfig?.MaximumConcurrency ?? null,
    pollers:
      pollers === undefined
        ? null
        : { minimum: pollers.MinimumPollers ?? null, maximum: pollers.MaximumPollers ?? null },
    onFailure: found.DestinationConfig?.OnFailure?.Destination ?? null,
  };
}

/** `Updating` says nothing of on or off; a mapping is updated while it is on far more often. */
function isOn(state: string): boolean {
  return state !== "Disabled" && state !== "Disabling" && state !== "Deleting";
}
