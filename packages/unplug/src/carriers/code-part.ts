import { type Architecture, interceptorFor } from "@unplug/interceptor";
import { appendToZip, takeOut, withoutOurPart } from "../zip/index.ts";
import { CODE_FOLDER } from "./our-names.ts";

/** The zip with the interceptor added; every byte of its files stays where it is. */
export async function withInterceptor(
  zip: Uint8Array,
  architecture: Architecture,
): Promise<{ readonly zip: Uint8Array } | { readonly problem: string }> {
  const { bytes: content } = interceptorFor(architecture);
  const files = [{ name: `${CODE_FOLDER}interceptor.so`, content, mode: 0o755 }];
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
  // Also of zips that cannot be taken apart, and into which we never go.
  if (!Buffer.from(zip.buffer, zip.byteOffset, zip.length).includes(CODE_FOLDER)) return null;
  const taken = await takeOut(zip, CODE_FOLDER);
  if (!("problem" in taken)) return taken.original;
  if (taken.problem.code !== "changed") return { problem: taken.problem.text };
  const rest = await withoutOurPart(zip, { folder: CODE_FOLDER });
  if ("problem" in rest) return { problem: rest.problem.text };
  return rest.zip === null ? null : { zip: rest.zip };
}
