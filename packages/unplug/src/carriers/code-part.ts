import { type Architecture, interceptorFor } from "@unplug/interceptor";
import { appendToZip, ourPartOf, takeOut, withoutOurPart } from "../zip/index.ts";
import { CODE_FOLDER } from "./our-names.ts";
import { bucketName } from "./staging.ts";

/** Names the bucket through which the zip came. */
const BUCKET_FILE = `${CODE_FOLDER}bucket`;

/**
 * The zip with the interceptor added; every byte of its files stays where it is. With a bucket, which is how a machine that
 * knows nothing of the run finds it.
 */
export async function withInterceptor(
  zip: Uint8Array,
  architecture: Architecture,
  bucket: string | null = null,
): Promise<{ readonly zip: Uint8Array } | { readonly problem: string }> {
  const { bytes: content } = interceptorFor(architecture);
  const files = [
    { name: `${CODE_FOLDER}interceptor.so`, content, mode: 0o755 },
    ...(bucket === null ? [] : [{ name: BUCKET_FILE, content: Buffer.from(bucket), mode: 0o644 }]),
  ];
  const made = await appendToZip(zip, { folder: CODE_FOLDER, files });
  return "problem" in made ? { problem: made.problem.text } : made;
}

/**
 * The zip as it was, byte by byte; where somebody has packed it anew since, theirs less our files. Null: nothing of ours
 * is in it.
 */
export async function withoutInterceptor(
  zip: Uint8Array,
): Promise<{ readonly zip: Uint8Array } | { readonly problem: string } | null> {
  if (!carriesOurs(zip)) return null;
  const taken = await takeOut(zip, CODE_FOLDER);
  if (!("problem" in taken)) return taken.original;
  if (taken.problem.code !== "changed") return { problem: taken.problem.text };
  const rest = await withoutOurPart(zip, { folder: CODE_FOLDER });
  if ("problem" in rest) return { problem: rest.problem.text };
  return rest.zip === null ? null : { zip: rest.zip };
}

/** The bucket through which the zip came; null when it says none. */
export async function bucketOf(zip: Uint8Array): Promise<string | null> {
  if (!carriesOurs(zip)) return null;
  const found = await ourPartOf(zip, { folder: CODE_FOLDER, mostBytes: 1024 });
  const files = "problem" in found ? [] : (found.part?.files ?? []);
  const content = files.find(({ name }) => name === BUCKET_FILE)?.content?.toString() ?? "";
  return bucketName.safeParse(content).data ?? null;
}

/** Also of zips that cannot be taken apart, and into which we never go. */
function carriesOurs({ buffer, byteOffset, length }: Uint8Array): boolean {
  return Buffer.from(buffer, byteOffset, length).includes(CODE_FOLDER);
}
