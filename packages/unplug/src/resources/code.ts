import * as z from "zod";
import { withInterceptor, withoutInterceptor } from "../carriers/code-part.ts";
import { architectureOf, downloadCode } from "../carriers/function-code.ts";
import { sha256Of } from "../carriers/interceptor-layer.ts";
import { unqualified } from "../contract/arns.ts";
import { AwsError, isMissing } from "../contract/aws.ts";
import type { FunctionAnswer } from "../contract/aws-calls.ts";
import type { Edit } from "../contract/edit.ts";
import type { Io } from "../contract/io.ts";
import type { Ref } from "../contract/place.ts";
import { defineResource, type Reading, type Seen } from "../contract/resource.ts";

const codeState = z.strictObject({
  /** CodeSha256: of the zip, in base64. */
  sha256: z.string(),
});

export type CodeState = z.infer<typeof codeState>;

/**
 * The code of a zip function; the id is its unqualified ARN. No copy of anybody's code is kept: what is written is made of
 * what is there, with our files added or taken out, and must hash to what the edit says.
 *
 * Source: https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionCode.html
 */
export const code = defineResource<CodeState>({
  kind: "code",
  title: "function code",
  state: codeState,
  actions: {
    read: ["lambda:GetFunction", "code:Download"],
    write: ["lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration"],
  },
  guarded: true,
  lookEveryMs: 2_000,
  arn: ({ id }) => id,

  async *read(refs, io) {
    yield await Promise.all(
      refs.map(async (ref): Promise<Seen<CodeState>> => {
        const answer = await find(ref, io);
        return answer === null ? { ref, found: false } : readingOf(ref, answer);
      }),
    );
  },

  async write(ref, to, seen, io) {
    if (to === null || seen.state === null) throw new Error("Code is neither made nor deleted here.");
    const guard = seen.revision === null ? {} : { RevisionId: seen.revision };
    // Nothing to change but the revision, which an update of nothing changes as well.
    if (to.sha256 === seen.state.sha256) {
      const input = { FunctionName: ref.id, ...guard };
      const answer = await io.aws.call("lambda:UpdateFunctionConfiguration", input, io.signal);
      return { id: ref.id, revision: answer.RevisionId ?? null };
    }
    const ZipFile = await made(ref, to, io).catch(notSent);
    const input = { FunctionName: ref.id, ZipFile, ...guard };
    const answer = await io.aws.call("lambda:UpdateFunctionCode", input, io.signal);
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

/** The edit that takes our part out of the code as it is now; none when there is none in it, or it is as it was `before`. */
async function ourPart(ref: Ref, before: CodeState | null, io: Io): Promise<readonly Edit[]> {
  const answer = await find(ref, io);
  const now = answer?.Configuration?.CodeSha256;
  if (answer?.Code?.Location === undefined || now === undefined || now === before?.sha256) return [];
  if (isImage(answer)) return [];
  const taken = await withoutInterceptor(await download(answer, io));
  if (taken === null) return [];
  if ("problem" in taken) throw new Error(taken.problem);
  return [{ ref, before: { sha256: sha256Of(taken.zip) }, after: { sha256: now } }];
}

/** What goes wrong before the upload says nothing of the upload. */
function notSent(error: unknown): never {
  const { code, status } = error instanceof AwsError ? error : { code: "CodeNotMade", status: null };
  const message = error instanceof Error ? error.message : String(error);
  throw new AwsError("lambda:UpdateFunctionCode", { code, status, message, outcome: "unsent" }, error);
}

/** The zip to upload. For a plan, which is made from a recorder, nothing is there to make it of. */
async function made(ref: Ref, to: CodeState, io: Io): Promise<Uint8Array> {
  const answer = await find(ref, io);
  // AWS never leaves it out; a plan's recorder does.
  if (answer !== null && answer.Configuration === undefined) return new Uint8Array();
  if (answer?.Code?.Location === undefined) throw new Error(`AWS gives no link to the code of ${ref.id}.`);
  const now = await download(answer, io);
  const taken = await withoutInterceptor(now);
  for (const candidate of [taken, await withInterceptor(now, architectureOf(answer))]) {
    if (candidate !== null && "zip" in candidate && sha256Of(candidate.zip) === to.sha256)
      return candidate.zip;
  }
  throw new Error(
    `The code of ${ref.id} cannot be made what it shall be (CodeSha256 ${to.sha256}): it is not the code that was read before.`,
  );
}

async function download(answer: FunctionAnswer, io: Io): Promise<Uint8Array> {
  const found = await downloadCode(answer, io);
  if ("problem" in found) throw new Error(found.problem);
  return found.zip;
}

async function find(ref: Ref, io: Io): Promise<FunctionAnswer | null> {
  try {
    return await io.aws.call("lambda:GetFunction", { FunctionName: ref.id }, io.signal);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

function isImage({ Configuration }: FunctionAnswer): boolean {
  return Configuration?.PackageType === "Image";
}

function readingOf(ref: Ref, { Configuration: found = {} }: FunctionAnswer): Reading<CodeState> {
  const status = found.LastUpdateStatus ?? "Successful";
  const reason = found.LastUpdateStatusReason ?? "AWS gives no reason";
  return {
    ref,
    found: true,
    state: { sha256: found.CodeSha256 ?? "" },
    revision: found.RevisionId ?? null,
    settled: status !== "InProgress",
    status,
    ...(status === "Failed" ? { failed: reason } : {}),
  };
}
