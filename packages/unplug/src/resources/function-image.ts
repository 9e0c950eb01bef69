import * as z from "zod";
import { findCode } from "../carriers/function-code.ts";
import { progressOf } from "../carriers/function-settings.ts";
import {
  functionImageId,
  type ImageAddress,
  imageReference,
  isNamedFunctionImage,
  possiblyOurs,
  readImageUri,
  repositoryArn,
  repositoryOfFunctionImage,
  shortDigest,
} from "../carriers/image-names.ts";
import { putOriginal } from "../carriers/image-original.ts";
import { type ImageOrigin, originOf } from "../carriers/image-part.ts";
import { unqualified } from "../contract/arns.ts";
import { AwsError, isMissing, isThrottled, isUnreadable } from "../contract/aws.ts";
import type { FunctionAnswer } from "../contract/aws-calls.ts";
import type { Made } from "../contract/edit.ts";
import type { Io } from "../contract/io.ts";
import { equalJson } from "../contract/json.ts";
import type { Ref } from "../contract/place.ts";
import { Refusal } from "../contract/refusal.ts";
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
      "registry:PutBlob",
      "registry:PutManifest",
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
    if (!equalJson(seen.state, to)) return await update({ ref, to, now: seen.state }, guard, io);
    const answer = await io.aws.call("lambda:UpdateFunctionConfiguration", guard, io.signal);
    return { id: ref.id, revision: answer.RevisionId ?? null };
  },

  // By whatever name somebody has given it since: what it means is ours.
  without: (now, { before, after }) => (now !== null && meansSame(now, after) ? before : now),

  async drifted({ before }, now, io) {
    const [was, is] = [readImageUri(before?.image ?? ""), readImageUri(now?.image ?? "")];
    if (was?.tag == null || was.digest === null || is == null || is.digest === null) return null;
    if (is.digest !== was.digest) {
      // Whether the tag was moved under our own update, or somebody gave it to the function: so much is true.
      const isSame = is.tag === was.tag && is.repositoryUri === was.repositoryUri;
      return isSame
        ? `its tag ${was.tag} was moved to another image (${shortDigest(is.digest)}), which it has now; it had ${shortDigest(was.digest)}`
        : null;
    }
    if (is.tag !== null) return null;
    const { tag, digest } = was;
    const means = await meaning(was, tag, io);
    const own = `it has the very image that it had, by its digest (${shortDigest(digest)})`;
    if (means === null) return `what its tag ${tag} means could not be asked; ${own}`;
    if (means === digest) return `its tag ${tag} names that image now; ${own}`;
    const words = means === NOTHING ? "nothing any more" : `another image now (${shortDigest(means)})`;
    return `its tag ${tag} names ${words}; ${own}`;
  },

  discover: (functionArn, io) =>
    Promise.resolve([
      { kind: "function-image", id: unqualified(functionArn), within: null, place: io.place },
    ]),

  async recognise(ref, io) {
    const answer = await findCode(unqualified(ref.id), io);
    const now = answer === null ? null : stateOf(answer);
    const address = answer === null ? null : possiblyOurs(answer, ref.place);
    // It tells itself what it was made of.
    const origin = address === null ? null : await toldOrigin(address, io);
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

/** Of an image that nobody can read any more it is not known whether it is ours, and that is no "no". */
async function toldOrigin(
  address: ImageAddress & { readonly digest: string },
  io: Io,
): Promise<ImageOrigin | null> {
  return await originOf(address, io).catch((error: unknown) => {
    if (!isMissing(error)) throw error;
    throw new Refusal(
      `its image, ${address.repositoryUri}@${address.digest}, is not in the registry any more, so whether a run put it there cannot be told; give the function the image that it shall have, or push that very one again`,
    );
  });
}

interface Update {
  readonly ref: Ref;
  readonly to: ImageState;
  readonly now: ImageState;
}

/** What may be deleted may be so between a look at it and the update. */
async function update(
  asked: Update,
  guard: { readonly FunctionName: string },
  io: Io,
  isSecond = false,
): Promise<Made> {
  const { name: ImageUri, isUnasked } = await nameOf(asked, io);
  try {
    const answer = await io.aws.call("lambda:UpdateFunctionCode", { ...guard, ImageUri }, io.signal);
    const revision = answer.RevisionId ?? null;
    const told = movedMeanwhile(asked, answer.CodeSha256);
    return { id: asked.ref.id, revision, ...(told === null ? {} : { told }) };
  } catch (error) {
    if (!isNoSuchImage(error)) throw error;
    if (!isSecond) return await update(asked, guard, io, true);
    throw isUnasked ? unasked(error, asked.to) : error;
  }
}

/**
 * No registry compares a tag for Lambda, so what it names may have changed between the look at it and the update. Null where the
 * function has what it was given, or still answers with what it had.
 */
function movedMeanwhile({ to, now }: Update, codeSha256 = ""): string | null {
  const [wanted, had] = [readImageUri(to.image), readImageUri(now.image)];
  const is = `sha256:${codeSha256}`;
  // Who gave a digest has that.
  if (codeSha256 === "" || wanted?.tag == null || wanted.digest === null) return null;
  if (is === wanted.digest || is === had?.digest) return null;
  return `the tag ${wanted.tag} was moved while the image was put back: the function has what it names now (${shortDigest(is)}), and not the image that it had (${shortDigest(wanted.digest)})`;
}

/** Lambda's own word does not say what to do. */
function unasked(error: AwsError, { image }: ImageState): AwsError {
  const { code, status, outcome, message } = error;
  const advice =
    `The registry could not be asked for ${image}, so it was not put there again: permit ecr:GetAuthorizationToken and ecr:BatchGetImage ` +
    "(unplug policy lambda-block-tcp-connection prints all that is needed), see that the registry can be reached from here, and restore " +
    "again; or push the very same image once more (its digest must be that one); or give the function another image.";
  return new AwsError(error.action, { code, status, outcome, message: `${message} ${advice}` }, error);
}

/** Source: recorded answers of Lambda: "Source image URI does not exist. Provide a valid source image." */
function isNoSuchImage(error: unknown): error is AwsError {
  return (
    error instanceof AwsError &&
    error.code === "InvalidParameterValueException" &&
    error.message.startsWith("Source image ")
  );
}

/**
 * The name with the tag while it still means the digest, else the digest; so also for who may not ask, or reaches no registry.
 * What the registry does not have any more is put there again out of what the function has now: with its tag where that was its
 * own and nobody has it.
 */
async function nameOf({ ref, to, now }: Update, io: Io): Promise<Named> {
  const address = readImageUri(to.image);
  if (address?.digest == null) throw new Error(`${to.image} names no image in ECR.`);
  const { repositoryUri, tag, digest } = address;
  const byTag = { name: `${repositoryUri}:${tag}`, isUnasked: false };
  const byDigest = { name: `${repositoryUri}@${digest}`, isUnasked: false };
  const means = tag === null ? null : await meaning(address, tag, io);
  if (tag !== null && means === digest) return byTag;
  const is = await meaning(address, digest, io);
  if (is !== NOTHING) return { ...byDigest, isUnasked: is === null };
  const given = means === NOTHING && isNamedFunctionImage(ref.id) ? tag : null;
  const ours = readImageUri(now.image)?.digest ?? "";
  const isPut = await putOriginal({ address: { ...address, digest }, ours, tag: given }, io);
  return isPut && given !== null ? byTag : byDigest;
}

/** What a function is updated to. */
interface Named {
  readonly name: string;
  /** The registry did not say whether it has the digest. */
  readonly isUnasked: boolean;
}

/** The registry has nothing of that name. */
const NOTHING = "";

/** The digest that a tag or digest means; null where that could not be asked. */
async function meaning(
  { registryId, repositoryName }: ImageAddress,
  reference: string,
  io: Io,
): Promise<string | null> {
  const input = { registryId, repositoryName, reference };
  const is = await io.aws.call("registry:GetManifest", input, io.signal).catch((error: unknown) => {
    if (isMissing(error)) return { digest: NOTHING };
    return unlessBusy(error);
  });
  // A recorder answers nothing, and all that may come is to be recorded.
  return is === null ? null : (is.digest ?? NOTHING);
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
