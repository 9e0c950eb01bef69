import { interceptorFor, isPatchedGo } from "@unplug/interceptor";
import { appendToZip, type OurNames, ourPartOf, takeOut, withoutOurPart } from "../zip/index.ts";
import { BOOTSTRAP, type Bootstrap, bootstrapIn, OWN_BOOTSTRAP, patchedBootstrap } from "./go-bootstrap.ts";
import type { Architecture, GoProgram } from "./interceptor.ts";
import { CODE_FOLDER } from "./our-names.ts";
import { bucketName } from "./staging.ts";

/** Names the bucket through which the zip came. */
const BUCKET_FILE = `${CODE_FOLDER}bucket`;

const OWN_BOOTSTRAP_MOVE = { from: BOOTSTRAP, to: OWN_BOOTSTRAP };

/** The runtimes that start a program of the function's own. */
export function isOsOnly(runtime: string): boolean {
  return runtime.startsWith("provided");
}

/** Of what a zip is made with the interceptor in it. */
export interface CodeFor {
  readonly architecture: Architecture;
  /** As AWS has it; OS-only runtimes start a program of the zip. */
  readonly runtime: string;
  /** Through which the zip goes; null: in the call itself. */
  readonly bucket: string | null;
}

/**
 * The zip with the interceptor added; every byte of its files stays where it is. A Go program that an OS-only runtime starts
 * is patched: its original gets a name in our folder. With a bucket, which is how a machine that knows nothing of the run finds it.
 */
export async function withInterceptor(
  zip: Uint8Array,
  { architecture, runtime, bucket }: CodeFor,
): Promise<{ readonly zip: Uint8Array; readonly go: GoProgram | null } | { readonly problem: string }> {
  const bootstrap = isOsOnly(runtime) ? await bootstrapIn(zip) : null;
  const patched = bootstrap === null ? null : patchedBootstrap(bootstrap.content, architecture);
  if (patched !== null && "problem" in patched) return patched;
  const { bytes: object } = interceptorFor(architecture);
  const files = [
    ...(patched === null ? [] : [{ name: BOOTSTRAP, content: patched.bytes, mode: modeOf(bootstrap) }]),
    ...(patched?.go.preloads === false
      ? []
      : [{ name: `${CODE_FOLDER}interceptor.so`, content: object, mode: 0o755 }]),
    ...(bucket === null ? [] : [{ name: BUCKET_FILE, content: Buffer.from(bucket), mode: 0o644 }]),
  ];
  const moves = patched === null ? [] : [OWN_BOOTSTRAP_MOVE];
  const made = await appendToZip(zip, { folder: CODE_FOLDER, files, moves });
  if ("problem" in made) return { problem: made.problem.text };
  return { zip: made.zip, go: patched?.go ?? null };
}

/** A zip of Windows has no modes, and Lambda starts what is in it all the same. */
function modeOf(bootstrap: Bootstrap | null): number {
  const mode = bootstrap?.mode ?? 0;
  return mode === 0 ? 0o755 : mode;
}

/**
 * The zip as it was, byte by byte; where somebody has packed it anew since, theirs less our files. Null: nothing of ours
 * is in it.
 */
export async function withoutInterceptor(
  zip: Uint8Array,
): Promise<{ readonly zip: Uint8Array } | { readonly problem: string } | null> {
  if (!carriesOurs(zip)) return (await isPatched(zip)) ? WITHOUT_ORIGINAL : null;
  const taken = await takeOut(zip, CODE_FOLDER);
  if (!("problem" in taken)) return taken.original;
  if (taken.problem.code !== "changed") return { problem: taken.problem.text };
  const rest = await withoutOurPart(zip, await ourNamesIn(zip));
  if ("problem" in rest) return { problem: rest.problem.text };
  if (rest.zip === null) return null;
  return (await isPatched(rest.zip)) ? WITHOUT_ORIGINAL : { zip: rest.zip };
}

/** Whoever packs all files anew by `*` leaves out what begins with a dot. */
const WITHOUT_ORIGINAL = {
  problem: `Its program ${BOOTSTRAP} is patched, and the original, ${OWN_BOOTSTRAP}, is not in the zip any more: somebody has packed it anew without. Without our variables it does nothing of ours. Deploy the function's own code.`,
};

async function isPatched(zip: Uint8Array): Promise<boolean> {
  const bootstrap = await bootstrapIn(zip);
  return bootstrap !== null && isPatchedGo(bootstrap.content);
}

/**
 * What is ours in a zip that somebody has packed anew. The original of a program goes back only where ours is in its place: another
 * one there is newer than both.
 */
async function ourNamesIn(zip: Uint8Array): Promise<OurNames> {
  const found = await ourPartOf(zip, { folder: CODE_FOLDER, mostBytes: 0 });
  const names = "problem" in found ? [] : (found.part?.files ?? []).map(({ name }) => name);
  const isOursThere = names.includes(OWN_BOOTSTRAP) && (await isPatched(zip));
  if (!isOursThere) return { folder: CODE_FOLDER };
  return { folder: CODE_FOLDER, outside: [BOOTSTRAP], moves: [OWN_BOOTSTRAP_MOVE] };
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
