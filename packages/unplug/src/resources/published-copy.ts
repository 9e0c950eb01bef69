import * as z from "zod";
import { readTold, TOLD_VARIABLE } from "../carriers/our-names.ts";
import { isMissing } from "../contract/aws.ts";
import type { Io } from "../contract/io.ts";
import { equalJson } from "../contract/json.ts";
import type { Ref } from "../contract/place.ts";
import { Refusal } from "../contract/refusal.ts";
import { defineResource, type Seen } from "../contract/resource.ts";

const copyState = z.strictObject({
  /** What the interceptor in it is told. */
  told: z.string(),
});

type CopyState = z.infer<typeof copyState>;

/**
 * A version that somebody else published of a function while a fault was in it: no version can be changed, and this one is
 * theirs. It is only read and told. The id is its qualified ARN.
 *
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html
 */
export const publishedCopy = defineResource<CopyState>({
  kind: "published-copy",
  title: "version that was published with the fault in it",
  state: copyState,
  actions: { read: ["lambda:GetFunction"], write: [] },
  guarded: false,
  lookEveryMs: 60_000,
  arn: ({ id }) => id,

  async *read(refs, io) {
    yield await Promise.all(refs.map((ref) => readOne(ref, io)));
  },

  write: ({ id }, _to, seen) => Promise.reject(theirs(id, seen.state?.told ?? "")),

  without: (now, { before, after }) => (equalJson(now, after) ? before : now),
});

function theirs(id: string, told: string): Refusal {
  const [, , , region = "", , , name = "", version = ""] = id.split(":");
  const { until } = readTold(told);
  const end = until === null ? "" : ` It blocks nothing from ${new Date(until).toISOString()} on.`;
  return new Refusal(
    `Somebody published version ${version} of ${name} while the fault was in, and it carries the fault.${end}`,
    [],
    `It is theirs, and is not deleted here: publish another and move aliases to it, then aws lambda delete-function --region ${region} --function-name ${name} --qualifier ${version}`,
  );
}

async function readOne(ref: Ref, io: Io): Promise<Seen<CopyState>> {
  try {
    const input = { FunctionName: ref.id };
    const { Configuration: found = {} } = await io.aws.call("lambda:GetFunction", input, io.signal);
    const told = found.Environment?.Variables?.[TOLD_VARIABLE];
    const state = told === undefined ? null : { told };
    return { ref, found: true, state, revision: null, settled: true, status: "published" };
  } catch (error) {
    if (isMissing(error)) return { ref, found: false };
    throw error;
  }
}
