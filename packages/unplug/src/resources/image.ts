import * as z from "zod";
import { findCode } from "../carriers/function-code.ts";
import {
  deleteTagLine,
  type ImageAddress,
  imageReference,
  imageTag,
  isTagFor,
  possiblyOurs,
  pushedImageId,
  readImageUri,
  readPushedImageId,
  repositoryArn,
} from "../carriers/image-names.ts";
import { originOf, pushImage } from "../carriers/image-part.ts";
import { HeldImage, ImageUsers, refuseUsed } from "../carriers/image-users.ts";
import { readTold, TOLD_VARIABLE } from "../carriers/our-names.ts";
import { unqualified } from "../contract/arns.ts";
import { AwsError, isMissing } from "../contract/aws.ts";
import type { FunctionAnswer } from "../contract/aws-calls.ts";
import type { Edit } from "../contract/edit.ts";
import type { Io } from "../contract/io.ts";
import { equalJson } from "../contract/json.ts";
import type { Ref } from "../contract/place.ts";
import { defineResource, type Seen } from "../contract/resource.ts";

const tagState = z.strictObject({
  /** `REPOSITORY:TAG@DIGEST`. */
  image: z.string(),
});

type TagState = z.infer<typeof tagState>;

/**
 * An image that a run puts beside a function's own, under a tag of its own; the id is the function's ARN, and behind it
 * repository, tag and what the image is made of. It is only ever deleted by its tag: an image that has others stays.
 *
 * Source: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchDeleteImage.html
 */
export const image = defineResource<TagState>({
  kind: "image",
  title: "image that holds the interceptor",
  state: tagState,
  actions: {
    read: ["ecr:DescribeImages", "ecr:GetAuthorizationToken"],
    write: [
      "registry:GetManifest",
      "registry:GetBlob",
      "registry:FindFiles",
      "registry:PutBlob",
      "registry:PutManifest",
      "lambda:ListVersionsByFunction",
      "lambda:ListFunctions",
      "lambda:GetFunction",
      "ecr:BatchDeleteImage",
    ],
  },
  guarded: false,
  lookEveryMs: 60_000,
  arn: ({ id }, action) =>
    action.startsWith("lambda:") ? unqualified(id) : repositoryArn(readPushedImageId(id).address),

  async *read(refs, io) {
    // Whatever is deleted of these, who has it is looked for once.
    const users = new ImageUsers(io);
    yield await Promise.all(refs.map((ref) => readOne(ref, users, io)));
  },

  async write(ref, to, seen, io) {
    const made = { id: ref.id, revision: null };
    if (equalJson(seen.state, to)) return made;
    const { address, ...pushed } = readPushedImageId(ref.id);
    if (to !== null) {
      await pushImage({ ...pushed, address, digest: digestOf(to) }, io);
      return made;
    }
    const held = seen.held instanceof HeldImage ? seen.held : new HeldImage([], new ImageUsers(io));
    await refuseUsed({ ...pushed, address, digest: digestOf(seen.state) }, held, io);
    const { failures = [] } = await io.aws.call(
      "ecr:BatchDeleteImage",
      { ...repositoryOf(address), imageIds: [{ imageTag: pushed.tag }] },
      io.signal,
    );
    const [failure] = failures;
    if (failure === undefined || failure.failureCode === "ImageNotFound") return made;
    const { failureCode: code = "ImageNotDeleted", failureReason: message = "ECR gives no reason" } = failure;
    throw new AwsError("ecr:BatchDeleteImage", { code, status: 200, message, outcome: "refused" });
  },

  without: (now, { before, after }) => (equalJson(now, after) ? before : now),

  discover: (functionArn, io) =>
    Promise.resolve([{ kind: "image", id: unqualified(functionArn), within: null, place: io.place }]),

  async recognise(ref, io) {
    const answer = await findCode(ref.id, io);
    const address = answer === null ? null : possiblyOurs(answer, ref.place);
    const origin = address === null ? null : await originOf(address, io);
    if (answer === null || address === null || origin === null) return [];
    const { repositoryUri, digest } = address;
    const { uri, digest: from } = origin;
    const tags = await tagsOf(ref.id, answer, address, io);
    return tags.map((tag): Edit => {
      const id = pushedImageId({ functionArn: ref.id, repositoryUri, tag, from, uri, patch: null });
      const after = { image: imageReference(`${repositoryUri}:${tag}`, digest) };
      return { ref: { ...ref, id }, before: null, after, mayStay: true };
    });
  },
});

function digestOf(state: TagState | null): string {
  return readImageUri(state?.image ?? "")?.digest ?? "";
}

function repositoryOf({ registryId, repositoryName }: ImageAddress) {
  return { registryId, repositoryName };
}

/** Of the run that the marker names, while it is there, and of all that made the same for the function before. */
async function tagsOf(
  functionArn: string,
  { Configuration = {} }: FunctionAnswer,
  address: ImageAddress & { readonly digest: string },
  io: Io,
): Promise<readonly string[]> {
  const { run } = readTold(Configuration.Environment?.Variables?.[TOLD_VARIABLE] ?? "");
  const marked = run === null ? [] : [imageTag(run, functionArn)];
  const imageIds = [{ imageDigest: address.digest }];
  const input = { ...repositoryOf(address), imageIds };
  const { imageDetails = [] } = await io.aws.call("ecr:DescribeImages", input, io.signal);
  const there = imageDetails.flatMap(({ imageTags = [] }) => imageTags);
  return [...new Set([...marked, ...there.filter((tag) => isTagFor(functionArn, tag))])];
}

function pushedText(address: ImageAddress, tag: string): string {
  return `${address.repositoryName}:${tag} is pushed (${deleteTagLine(address, tag)} takes it away)`;
}

async function readOne(ref: Ref, users: ImageUsers, io: Io): Promise<Seen<TagState>> {
  const { address, tag } = readPushedImageId(ref.id);
  const there = { ref, found: true, revision: null, settled: true } as const;
  try {
    const input = { ...repositoryOf(address), imageIds: [{ imageTag: tag }] };
    const { imageDetails: [found] = [] } = await io.aws.call("ecr:DescribeImages", input, io.signal);
    const digest = found?.imageDigest;
    const image = `${address.repositoryUri}:${tag}`;
    const state = digest === undefined ? null : { image: imageReference(image, digest) };
    const held = new HeldImage(found?.imageTags ?? [], users);
    return { ...there, state, held, status: pushedText(address, tag) };
  } catch (error) {
    if (!isMissing(error)) throw error;
    const hasRepository = error instanceof AwsError && error.code === "ImageNotFoundException";
    return hasRepository ? { ...there, state: null, status: "not pushed" } : { ref, found: false };
  }
}
