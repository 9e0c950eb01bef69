import * as z from "zod";
import { bucketOf, withoutInterceptor } from "../carriers/code-part.ts";
import { codeOfHash, downloadCode, findCode, isImage } from "../carriers/function-code.ts";
import { sha256Of } from "../carriers/interceptor-layer.ts";
import { readStagedId, stagedFolder, stagedId, stagedPath } from "../carriers/staging.ts";
import { unqualified } from "../contract/arns.ts";
import { isMissing } from "../contract/aws.ts";
import type { Edit } from "../contract/edit.ts";
import type { Io } from "../contract/io.ts";
import { equalJson } from "../contract/json.ts";
import type { Ref } from "../contract/place.ts";
import { defineResource, type Seen } from "../contract/resource.ts";

const objectState = z.strictObject({
  /** Bucket and key, as people read them: the key says what is in it. */
  object: z.string(),
  bytes: z.number(),
});

type ObjectState = z.infer<typeof objectState>;

/**
 * A zip in a bucket, from where Lambda takes it when it is too large for a call; the id is the function's ARN, and behind it
 * the bucket and a key that names function and content. Null: it is not there.
 *
 * It is read from the list of the bucket: an answer to HEAD has no body, so that a "no" is told from a proxy's by nothing.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
 */
export const stagedObject = defineResource<ObjectState>({
  kind: "staged-object",
  title: "code on its way, in a bucket",
  state: objectState,
  actions: {
    // Lambda takes the object with the permission of who tells it to.
    read: ["s3:ListObjectsV2", "s3:HeadObject"],
    write: ["lambda:GetFunction", "code:Download", "s3:PutObject", "s3:DeleteObject"],
  },
  guarded: false,
  lookEveryMs: 60_000,

  arn({ id }, action) {
    const { functionArn, bucket } = readStagedId(id);
    if (!action.startsWith("s3:")) return functionArn;
    const [, partition = "aws"] = functionArn.split(":");
    // The next deployment has other keys, and needs no other policy.
    const path = action === "s3:ListObjectsV2" ? bucket : `${bucket}/${stagedFolder(functionArn)}*`;
    return `arn:${partition}:s3:::${path}`;
  },

  async *read(refs, io) {
    yield await Promise.all(refs.map((ref) => readOne(ref, io)));
  },

  async write(ref, to, seen, io) {
    const { bucket: Bucket, key: Key, ...staged } = readStagedId(ref.id);
    const made = { id: ref.id, revision: null };
    if (to === null) {
      if (seen.state !== null) await io.aws.call("s3:DeleteObject", { Bucket, Key }, io.signal);
      return made;
    }
    // Left by a run that was not permitted to delete it: the key says that it is the very same.
    if (equalJson(seen.state, to)) return made;
    const Body = await codeOfHash({ ...staged, bucket: Bucket }, staged.sha256, io);
    await io.aws.call("s3:PutObject", { Bucket, Key, Body }, io.signal);
    return made;
  },

  without: (now, { before, after }) => (equalJson(now, after) ? before : now),

  discover: (functionArn, io) =>
    Promise.resolve([{ kind: "staged-object", id: unqualified(functionArn), within: null, place: io.place }]),

  /** Of the code that is in the function, and of what it is made of: also before it is there, since a restore may need it. */
  async recognise(ref, io) {
    const answer = await findCode(ref.id, io);
    if (answer?.Code?.Location === undefined || isImage(answer)) return [];
    const found = await downloadCode(answer, io);
    const now = "problem" in found ? null : found.zip;
    const bucket = now === null ? null : await bucketOf(now);
    if (now === null || bucket === null) return [];
    const taken = await withoutInterceptor(now);
    // What cannot be taken apart is told by the code itself.
    const before = taken === null || "problem" in taken ? [] : [taken.zip];
    return [...before, now].map((zip): Edit => {
      const staged = { functionArn: ref.id, bucket, sha256: sha256Of(zip) };
      const after = { object: stagedPath(staged), bytes: zip.length };
      return { ref: { ...ref, id: stagedId(staged) }, before: null, after, mayStay: true };
    });
  },
});

async function readOne(ref: Ref, io: Io): Promise<Seen<ObjectState>> {
  const { key: Key, ...staged } = readStagedId(ref.id);
  const { bucket: Bucket } = staged;
  const object = stagedPath(staged);
  const seen = { ref, found: true, revision: null, settled: true, status: object } as const;
  try {
    const input = { Bucket, Prefix: Key, MaxKeys: 1 };
    const { Contents = [] } = await io.aws.call("s3:ListObjectsV2", input, io.signal);
    const one = Contents.find((found) => found.Key === Key);
    return { ...seen, state: one === undefined ? null : { object, bytes: one.Size ?? 0 } };
  } catch (error) {
    if (isMissing(error)) return { ref, found: false };
    throw error;
  }
}
