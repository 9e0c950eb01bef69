import * as z from "zod";
import { isMissing } from "../contract/aws.ts";
import type { FunctionConfiguration, FunctionSettings } from "../contract/aws-calls.ts";
import type { Io } from "../contract/io.ts";
import type { Ref } from "../contract/place.ts";
import { defineResource, type Seen } from "../contract/resource.ts";

/** The settings of a function that hold no secret. Null: a container image has none of it. */
const configurationState = z.strictObject({
  memoryMib: z.number(),
  timeoutSeconds: z.number(),
  handler: z.string().nullable(),
  role: z.string(),
  runtime: z.string().nullable(),
  description: z.string(),
  storageMib: z.number().nullable(),
  layers: z.array(z.string()).readonly(),
});

export type ConfigurationState = z.infer<typeof configurationState>;

/**
 * A function's configuration; the id is its unqualified ARN.
 *
 * RevisionId changes with the update and again when it has become effective, so it only guards the next write.
 *
 * Source: https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionConfiguration.html
 */
export const configuration = defineResource<ConfigurationState>({
  kind: "configuration",
  title: "function configuration",
  state: configurationState,
  actions: { read: ["lambda:GetFunction"], write: ["lambda:UpdateFunctionConfiguration"] },
  guarded: true,
  lookEveryMs: 2_000,
  arn: ({ id }) => id,

  async *read(refs, io) {
    yield await Promise.all(refs.map((ref) => readOne(ref, io)));
  },

  async write(ref, to, seen, io) {
    if (to === null) throw new Error("A function is not deleted here.");
    const input = { FunctionName: ref.id, ...guard(seen.revision), ...changes(seen.state, to) };
    const answer = await io.aws.call("lambda:UpdateFunctionConfiguration", input, io.signal);
    return { id: ref.id, revision: answer.RevisionId ?? null };
  },

  without(now, { before, after }) {
    if (now === null || before === null || after === null) return now;
    return {
      memoryMib: pick(now.memoryMib, before.memoryMib, after.memoryMib),
      timeoutSeconds: pick(now.timeoutSeconds, before.timeoutSeconds, after.timeoutSeconds),
      handler: pick(now.handler, before.handler, after.handler),
      role: pick(now.role, before.role, after.role),
      runtime: pick(now.runtime, before.runtime, after.runtime),
      description: pick(now.description, before.description, after.description),
      storageMib: pick(now.storageMib, before.storageMib, after.storageMib),
      layers: pickLayers(now.layers, before.layers, after.layers),
    };
  },
});

/** Back to `before` only where `after` is still there and was ours to begin with. */
function pick<T>(now: T, before: T, after: T): T {
  return now === after && after !== before ? before : now;
}

/** Layer by layer: ours go, those that we took come back, foreign ones stay. Order counts, where it can be known. */
function pickLayers(
  now: readonly string[],
  before: readonly string[],
  after: readonly string[],
): readonly string[] {
  if (sameList(now, after)) return before;
  const ours = after.filter((layer) => !before.includes(layer));
  const taken = before.filter((layer) => !after.includes(layer) && !now.includes(layer));
  return [...now.filter((layer) => !ours.includes(layer)), ...taken];
}

async function readOne(ref: Ref, io: Io): Promise<Seen<ConfigurationState>> {
  try {
    const { Configuration: found = {} } = await io.aws.call(
      "lambda:GetFunction",
      { FunctionName: ref.id },
      io.signal,
    );
    const status = found.LastUpdateStatus ?? "Successful";
    const reason = found.LastUpdateStatusReason ?? "AWS gives no reason";
    return {
      ref,
      found: true,
      state: stateOf(found),
      revision: found.RevisionId ?? null,
      settled: status !== "InProgress",
      status,
      ...(status === "Failed" ? { failed: reason } : {}),
    };
  } catch (error) {
    if (isMissing(error)) return { ref, found: false };
    throw error;
  }
}

function stateOf(found: FunctionConfiguration): ConfigurationState {
  return {
    memoryMib: found.MemorySize ?? 0,
    timeoutSeconds: found.Timeout ?? 0,
    handler: found.Handler ?? null,
    role: found.Role ?? "",
    runtime: found.Runtime ?? null,
    description: found.Description ?? "",
    storageMib: found.EphemeralStorage?.Size ?? null,
    layers: (found.Layers ?? []).flatMap(({ Arn }) => (Arn === undefined ? [] : [Arn])),
  };
}

/** Members that are left out stay as they are, so only what differs is sent. */
function changes(now: ConfigurationState | null, to: ConfigurationState): Partial<FunctionSettings> {
  return {
    ...(now?.memoryMib === to.memoryMib ? {} : { MemorySize: to.memoryMib }),
    ...(now?.timeoutSeconds === to.timeoutSeconds ? {} : { Timeout: to.timeoutSeconds }),
    ...(now?.handler === to.handler || to.handler === null ? {} : { Handler: to.handler }),
    ...(now?.role === to.role ? {} : { Role: to.role }),
    ...(now?.runtime === to.runtime || to.runtime === null ? {} : { Runtime: to.runtime }),
    ...(now?.description === to.description ? {} : { Description: to.description }),
    ...(now?.storageMib === to.storageMib || to.storageMib === null
      ? {}
      : { EphemeralStorage: { Size: to.storageMib } }),
    ...(sameList(now?.layers ?? [], to.layers) ? {} : { Layers: to.layers }),
  };
}

function guard(revision: string | null): { RevisionId?: string } {
  return revision === null ? {} : { RevisionId: revision };
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i]);
}
