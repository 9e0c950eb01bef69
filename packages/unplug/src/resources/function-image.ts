import * as z from "zod";
import { findCode } from "../carriers/function-code.ts";
import { progressOf } from "../carriers/function-settings.ts";
import {
  functionImageId,
  imageReference,
  possiblyOurs,
  readImageUri,
  repositoryArn,
  repositoryOfFunctionImage,
} from "../carriers/image-names.ts";
import { originOf } from "../carriers/image-part.ts";
import { unqualified } from "../contract/arns.ts";
import { AwsError, isThrottled, isUnreadable } from "../contract/aws.ts";
import type { FunctionAnswer } from "../contract/aws-calls.ts";
import type { Io } from "../contract/io.ts";
import { equalJson } from "../contract/json.ts";
import type { Ref } from "../contract/place.ts";
import { defineResource, type Reading, type Seen } from "../contract/resource.ts";

const imageState = z.strictObject({
  /** `REPOSITORY:TAG@DIGEST`: as it was given to the function, and what it resolved to then; without a tag where none was given. */
  image: z.string(),
});

type ImageState = z.infer<typeof imageState>;

/**
 * The image of a function; the id is its unqualified ARN, and behind it the repository, when it is known. A tag may have moved since the function got it: what goes back then is
 * the digest that it had, and the other name is drift.
 *
 * Source: https://docs.aws.amazon.com/lambda/latest/api/API_FunctionCodeLocation.html (ImageUri, ResolvedImageUri)
 */
export const functionImage = defineResource<ImageState>({
  kind: "function-image",
  title: "function's container image",
  state: imageState,
  actions: {
    read: ["lambda:GetFunction"],
    write: [
      "lambda:UpdateFunctionCode",
      "lambda:UpdateFunctionConfiguration",
      "registry:GetManifest",
      "registry:GetBlob",
    ],
  },
  guarded: true,
  lookEveryMs: 2_000,
  arn({ id }, action) {
    const repository = repositoryOfFunctionImage(id);
    return action.startsWith("registry:") && repository !== null
      ? repositoryArn(repository)
      : unqualified(id);
  },

  async *read(refs, io) {
    yield await Promise.all(
      refs.map(async (ref): Promise<Seen<ImageState>> => {
        const answer = await findCode(unqualified(ref.id), io);
        return answer === null ? { ref, found: false } : readingOf(ref, answer);
      }),
    );
  },

  async write(ref, to, seen, io) {
    if (to === null || seen.state === null) throw new Error("A function is neither made nor deleted here.");
    const FunctionName = unqualified(ref.id);
    const guard = { FunctionName, ...(seen.revision === null ? {} : { RevisionId: seen.revision }) };
    // Nothing to change but the revision, which an update of nothing changes as well.
    const answer = equalJson(seen.state, to)
      ? await io.aws.call("lambda:UpdateFunctionConfiguration", guard, io.signal)
      : await io.aws.call(
          "lambda:UpdateFunctionCode",
          { ...guard, ImageUri: await nameOf(to.image, io) },
          io.signal,
        );
    return { id: ref.id, revision: answer.RevisionId ?? null };
  },

  // By whatever name somebody has given it since: what it means is ours.
  without: (now, { before, after }) => (now !== null && meansSame(now, after) ? before : now),

  discover: (functionArn, io) =>
    Promise.resolve([
      { kind: "function-image", id: unqualified(functionArn), within: null, place: io.place },
    ]),

  async recognise(ref, io) {
    const answer = await findCode(unqualified(ref.id), io);
    const now = answer === null ? null : stateOf(answer);
    const address = answer === null ? null : possiblyOurs(answer, ref.place);
    // It tells itself what it was made of.
    const origin = address === null ? null : await originOf(address, io);
    if (now === null || origin === null) return [];
    const id = address === null ? ref.id : functionImageId(unqualified(ref.id), address.repositoryUri);
    const before = { image: imageReference(origin.uri, origin.digest) };
    return [{ ref: { ...ref, id }, before, after: now }];
  },
});

function meansSame(one: ImageState, other: ImageState | null): boolean {
  const digest = readImageUri(one.image)?.digest ?? null;
  return equalJson(one, other) || (digest !== null && digest === readImageUri(other?.image ?? "")?.digest);
}

/** The name with the tag while it still means the digest, else the digest; so also for who may not ask, or reaches no registry. */
async function nameOf(image: string, io: Io): Promise<string> {
  const address = readImageUri(image);
  if (address === null) throw new Error(`${image} names no image in ECR.`);
  const { registryId, repositoryName, repositoryUri, tag, digest } = address;
  const byDigest = `${repositoryUri}@${digest}`;
  if (tag === null) return byDigest;
  const input = { registryId, repositoryName, reference: tag };
  const is = await io.aws.call("registry:GetManifest", input, io.signal).catch(unlessBusy);
  return is?.digest === digest ? `${repositoryUri}:${tag}` : byDigest;
}

/** Who was only told to come later has not been told what the tag means. */
function unlessBusy(error: unknown): null {
  const isBusy = error instanceof AwsError && (error.status ?? 0) >= 500 && !isUnreadable(error);
  if (isThrottled(error) || isBusy) throw error;
  return null;
}

function stateOf({ Code = {} }: FunctionAnswer): ImageState | null {
  const { ImageUri: uri, ResolvedImageUri: resolved } = Code;
  const digest = resolved === undefined ? undefined : readImageUri(resolved)?.digest;
  if (uri === undefined || digest === undefined || digest === null) return null;
  return { image: imageReference(uri, digest) };
}

function readingOf(ref: Ref, answer: FunctionAnswer): Reading<ImageState> {
  const { Configuration: found = {} } = answer;
  return {
    ref,
    found: true,
    state: stateOf(answer),
    ...progressOf(found),
  };
}
