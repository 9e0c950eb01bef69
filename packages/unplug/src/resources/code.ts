import * as z from "zod";
import { bucketOf, withoutInterceptor } from "../carriers/code-part.ts";
import { codeOfHash, downloadCode, findCode, isImage } from "../carriers/function-code.ts";
import { progressOf } from "../carriers/function-settings.ts";
import { sha256Of } from "../carriers/interceptor-layer.ts";
import { codeId, MOST_ZIP_BYTES, readCodeId, stagedKey } from "../carriers/staging.ts";
import { unqualified } from "../contract/arns.ts";
import { AwsError } from "../contract/aws.ts";
import type { FunctionAnswer, FunctionConfiguration } from "../contract/aws-calls.ts";
import type { Edit } from "../contract/edit.ts";
import type { Io } from "../contract/io.ts";
import type { Ref } from "../contract/place.ts";
import { PartStays } from "../contract/refusal.ts";
import { defineResource, type Reading, type Seen } from "../contract/resource.ts";

const codeState = z.strictObject({
  /** CodeSha256: of the zip, in base64. */
  sha256: z.string(),
});

export type CodeState = z.infer<typeof codeState>;

/**
 * The code of a zip function; the id is its unqualified ARN, and behind it the bucket through which the code goes, when there
 * is one. No copy of anybody's code is kept: what is written is made of what is there, with our files added or taken out, and
 * must hash to what the edit says.
 *
 * Source: https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionCode.html
 */
export const code = defineResource<CodeState>({
  kind: "code",
  title: "function code",
  state: codeState,
  actions: {
    read: ["lambda:GetFunction", "code:Download"],
    write: ["lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration", "s3:PutObject"],
  },
  guarded: true,
  lookEveryMs: 2_000,
  arn: ({ id }) => unqualified(id),

  async *read(refs, io) {
    yield await Promise.all(
      refs.map(async (ref): Promise<Seen<CodeState>> => {
        const answer = await findCode(unqualified(ref.id), io);
        return answer === null ? { ref, found: false } : readingOf(ref, answer);
      }),
    );
  },

  async write(ref, to, seen, io) {
    if (to === null || seen.state === null) throw new Error("Code is neither made nor deleted here.");
    const { functionArn } = readCodeId(ref.id);
    const guard = {
      FunctionName: functionArn,
      ...(seen.revision === null ? {} : { RevisionId: seen.revision }),
    };
    // Nothing to change but the revision, which an update of nothing changes as well.
    const answer =
      to.sha256 === seen.state.sha256
        ? await io.aws.call("lambda:UpdateFunctionConfiguration", guard, io.signal)
        : await update(ref, to, guard, io);
    return { id: ref.id, revision: answer.RevisionId ?? null };
  },

  without(now, { before, after }) {
    return now !== null && before !== null && now.sha256 === after?.sha256 ? before : now;
  },

  discover: (functionArn, io) =>
    Promise.resolve([{ kind: "code", id: unqualified(functionArn), within: null, place: io.place }]),

  recognise: (ref, io) => ourPart(ref, null, io),

  copies: ({ ref, before }, io) => ourPart(ref, codeState.nullable().parse(before), io),
});

async function update(
  ref: Ref,
  { sha256 }: CodeState,
  guard: { readonly FunctionName: string; readonly RevisionId?: string },
  io: Io,
): Promise<FunctionConfiguration> {
  const place = readCodeId(ref.id);
  const { functionArn, bucket } = place;
  const make = () => codeOfHash(place, sha256, io).catch(notSent);
  if (bucket === null) {
    const input = { ...guard, ZipFile: await make() };
    return io.aws.call("lambda:UpdateFunctionCode", input, io.signal);
  }
  const Key = stagedKey({ functionArn, bucket, sha256 });
  const input = { ...guard, S3Bucket: bucket, S3Key: Key };
  try {
    return await io.aws.call("lambda:UpdateFunctionCode", input, io.signal);
  } catch (error) {
    if (!(error instanceof AwsError) || !error.message.includes("S3 Error Code")) throw error;
    const Body = await make();
    // Somebody took away the object, or the bucket: what must go back goes another way.
    if (Body.length <= MOST_ZIP_BYTES)
      return io.aws.call("lambda:UpdateFunctionCode", { ...guard, ZipFile: Body }, io.signal);
    // The object's own edit takes it out once more.
    await io.aws.call("s3:PutObject", { Bucket: bucket, Key, Body }, io.signal).catch(notSent);
    return io.aws.call("lambda:UpdateFunctionCode", input, io.signal);
  }
}

/** The edit that takes our part out of the code as it is now; none when there is none in it, or it is as it was `before`. */
async function ourPart(ref: Ref, before: CodeState | null, io: Io): Promise<readonly Edit[]> {
  const functionArn = unqualified(ref.id);
  const answer = await findCode(functionArn, io);
  const now = answer?.Configuration?.CodeSha256;
  if (answer?.Code?.Location === undefined || now === undefined || now === before?.sha256) return [];
  if (isImage(answer)) return [];
  const found = await downloadCode(answer, io);
  if ("problem" in found) throw new Error(found.problem);
  const taken = await withoutInterceptor(found.zip);
  if (taken === null) return [];
  if ("problem" in taken) throw new PartStays(`The code of ${functionArn}: ${taken.problem}`);
  // What goes through a bucket is staged by edits of its own, which a copy has not.
  const bucket = before === null ? await bucketOf(found.zip) : null;
  const id = codeId({ functionArn, bucket });
  return [{ ref: { ...ref, id }, before: { sha256: sha256Of(taken.zip) }, after: { sha256: now } }];
}

/** What goes wrong before the update says nothing of the update. */
function notSent(error: unknown): never {
  const { code, status } = error instanceof AwsError ? error : { code: "CodeNotMade", status: null };
  const message = error instanceof Error ? error.message : String(error);
  throw new AwsError("lambda:UpdateFunctionCode", { code, status, message, outcome: "unsent" }, error);
}

function readingOf(ref: Ref, { Configuration: found = {} }: FunctionAnswer): Reading<CodeState> {
  return {
    ref,
    found: true,
    state: { sha256: found.CodeSha256 ?? "" },
    ...progressOf(found),
  };
}
