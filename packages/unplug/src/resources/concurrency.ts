import * as z from "zod";
import { isMissing } from "../contract/aws.ts";
import type { Io } from "../contract/io.ts";
import type { Ref } from "../contract/place.ts";
import { defineResource, type Seen } from "../contract/resource.ts";

const concurrencyState = z.strictObject({ reserved: z.int().min(0) });

type ConcurrencyState = z.infer<typeof concurrencyState>;

/**
 * A function's reserved concurrency; the id is the function's unqualified ARN. Null: it has none, which is not zero.
 *
 * Source: https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionConcurrency.html
 */
export const concurrency = defineResource<ConcurrencyState>({
  kind: "concurrency",
  title: "reserved concurrency",
  state: concurrencyState,
  actions: {
    read: ["lambda:GetFunctionConcurrency"],
    write: ["lambda:PutFunctionConcurrency", "lambda:DeleteFunctionConcurrency"],
  },
  guarded: false,
  lookEveryMs: 5_000,
  arn: ({ id }) => id,

  async *read(refs, io) {
    yield await Promise.all(refs.map((ref) => readOne(ref, io)));
  },

  async write(ref, to, seen, io) {
    // Where there is none it changes nothing, and tells whether what is put in may be taken out.
    if (to === null || seen.state === null)
      await io.aws.call("lambda:DeleteFunctionConcurrency", { FunctionName: ref.id }, io.signal);
    if (to !== null) {
      const input = { FunctionName: ref.id, ReservedConcurrentExecutions: to.reserved };
      await io.aws.call("lambda:PutFunctionConcurrency", input, io.signal);
    }
    return { id: ref.id, revision: null };
  },

  without: (now, { before, after }) => (now?.reserved === after?.reserved ? before : now),
});

async function readOne(ref: Ref, io: Io): Promise<Seen<ConcurrencyState>> {
  try {
    const { ReservedConcurrentExecutions: reserved } = await io.aws.call(
      "lambda:GetFunctionConcurrency",
      { FunctionName: ref.id },
      io.signal,
    );
    const status = reserved === undefined ? "none" : String(reserved);
    return {
      ref,
      found: true,
      state: reserved === undefined ? null : { reserved },
      revision: null,
      settled: true,
      status,
    };
  } catch (error) {
    if (isMissing(error)) return { ref, found: false };
    throw error;
  }
}
