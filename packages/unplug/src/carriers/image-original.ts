import { AwsError, isMissing } from "../contract/aws.ts";
import type { Io } from "../contract/io.ts";
import { configWithout, ImageProblem, manifestWithout } from "../image/index.ts";
import { type ImageAddress, shortDigest } from "./image-names.ts";
import { digestOf, readSource, type SourceImage } from "./image-part.ts";

interface OriginalImage {
  /** Of the manifest. */
  readonly digest: string;
  readonly manifest: Buffer;
  readonly config: { readonly digest: string; readonly body: Buffer };
}

/** Source: the distribution specification: a manifest has 4 MiB at most; a config is read up to there. */
const MOST_BYTES = 4_194_304;

type Ours = Pick<SourceImage, "mediaType" | "manifestBytes" | "configBytes">;

/**
 * The image that ours was made of, byte by byte, as far as it is not in the layers, which ours has as well: by taking away again
 * what `imageWith` had put to it. Whether it is that very image is told by its digest alone. Null where ours was not made so.
 */
export function originalIn({ mediaType, manifestBytes, configBytes }: Ours): OriginalImage | null {
  // What is longer is read back by nobody, and taken by no registry.
  if (Math.max(configBytes.length, manifestBytes.length) > MOST_BYTES) return null;
  try {
    const body = configWithout(configBytes);
    const config = { digest: digestOf(body), body };
    const manifest = manifestWithout(manifestBytes, mediaType, {
      digest: config.digest,
      size: body.length,
    });
    return { digest: digestOf(manifest), manifest, config };
  } catch (error) {
    if (error instanceof ImageProblem) return null;
    throw error;
  }
}

export interface LostImage {
  /** The image that is not in the registry any more. */
  readonly address: ImageAddress & { readonly digest: string };
  /** The digest of ours, which the function has. */
  readonly ours: string;
  /** The tag that it is given with it; null: none. */
  readonly tag: string | null;
}

/**
 * Puts an image that somebody deleted into its repository again, out of ours, which has all of its layers. False where ours is not
 * made of it. Throws AwsError `ImageNotFoundException` where ours is gone as well.
 */
export async function putOriginal({ address, ours, tag }: LostImage, io: Io): Promise<boolean> {
  const { registryId, repositoryName, digest } = address;
  const repository = { registryId, repositoryName };
  const source = await readSource({ ...repository, digest: ours }, io).catch((error: unknown) => {
    throw isMissing(error) ? bothGone(address, ours) : error;
  });
  // For a plan, which is made from a recorder, there is nothing to take away from.
  const made = source === null ? NOTHING : originalIn(source);
  if (made === null || (source !== null && made.digest !== digest)) return false;
  if (source !== null) await io.beside?.(toldOf({ repositoryName, digest, tag }));
  await io.aws.call("registry:PutBlob", { ...repository, ...made.config }, io.signal);
  const mediaType = source?.mediaType ?? "";
  const input = { ...repository, reference: tag ?? digest, manifest: made.manifest, mediaType };
  await io.aws.call("registry:PutManifest", input, io.signal);
  return source !== null;
}

interface Told {
  readonly repositoryName: string;
  readonly digest: string;
  readonly tag: string | null;
}

/** True as soon as it is tried. */
function toldOf({ repositoryName, digest, tag }: Told): string {
  const how = tag === null ? "without a tag" : `with its tag ${tag}`;
  return `the image ${shortDigest(digest)} had been deleted from ${repositoryName} and had to be put there again, ${how}`;
}

const NOTHING: OriginalImage = {
  digest: "",
  manifest: Buffer.alloc(0),
  config: { digest: "", body: Buffer.alloc(0) },
};

function bothGone({ repositoryUri, digest }: LostImage["address"], ours: string): AwsError {
  return new AwsError("registry:GetManifest", {
    code: "ImageNotFoundException",
    status: 404,
    outcome: "refused",
    message:
      `${repositoryUri} has neither the function's own image ${digest} any more, nor ${ours}, which was made of it and from which it ` +
      "could be put there again. Push the very same image once more (docker push, or ECR's replication: its digest must be that one) and " +
      "restore again; or give the function another image.",
  });
}
