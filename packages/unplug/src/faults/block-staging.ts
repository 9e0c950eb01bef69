import { bucketName, codeId, stagedId, stagedPath } from "../carriers/staging.ts";
import { AwsError, isDenied, isMissing } from "../contract/aws.ts";
import type { Edit } from "../contract/edit.ts";
import type { Io } from "../contract/io.ts";
import type { Ref } from "../contract/place.ts";
import { optionalText } from "../contract/tunables.ts";
import type { Carrier } from "./block-carrier.ts";

/** The tunable that leads code to Lambda through S3. */
export const stagingTunables = {
  STAGING_BUCKET: optionalText(
    "Bucket of the function's region through which changed code goes; more than 52,428,800 bytes go no other way",
  ).refine(
    (value) => value === "" || bucketName.safeParse(value).success,
    "must be the name of a bucket, without s3:// and without a path",
  ),
};

/** Why a bucket cannot be used; null when it can be listed: whether it takes an object only an object tells. */
export async function whyNoBucket(bucket: string, io: Io): Promise<string | null> {
  const name = `STAGING_BUCKET ${bucket}`;
  try {
    await io.aws.call("s3:ListObjectsV2", { Bucket: bucket, Prefix: "unplug/", MaxKeys: 1 }, io.signal);
    return null;
  } catch (error) {
    if (isMissing(error)) return `${name} does not exist`;
    if (isDenied(error)) return `${name} may not be listed (s3:ListBucket), or is somebody else's`;
    if (!isElsewhere(error)) throw error;
    return `${name} is in another region, and Lambda takes code from its own only, which is ${io.place.region}`;
  }
}

/** Source: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html, and what its endpoints say of other regions' signatures. */
function isElsewhere(error: unknown): boolean {
  return (
    error instanceof AwsError &&
    /^(PermanentRedirect|AuthorizationHeaderMalformed|IllegalLocationConstraintException)$/.test(error.code)
  );
}

/**
 * The edits of the code. What goes through a bucket is put there first, the original too: the way back needs no upload then.
 * The objects go once the code is as it was.
 */
export function codeEdits(ref: Ref, carrier: Extract<Carrier, { kind: "code" }>): readonly Edit[] {
  const { before, after, staged } = carrier;
  const functionArn = ref.id;
  const edit: Edit = {
    ref: { ...ref, kind: "code", id: codeId({ functionArn, bucket: staged?.bucket ?? null }) },
    before: { sha256: before },
    after: { sha256: after },
  };
  if (staged === null) return [edit];
  const object = (sha256: string, bytes: number): Edit => {
    const code = { functionArn, bucket: staged.bucket, sha256 };
    return {
      ref: { ...ref, kind: "staged-object", id: stagedId(code) },
      before: null,
      after: { object: stagedPath(code), bytes },
      mayStay: true,
    };
  };
  return [object(before, staged.beforeBytes), object(after, staged.afterBytes), edit];
}
