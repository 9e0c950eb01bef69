import { interceptorFor, isPatchedGo, unpatchGo } from "@unplug/interceptor";
import { appendToZip, ourPartOf, programNames, takeOut, withoutOurPart } from "../zip/index.ts";
import { BOOTSTRAP, bootstrapIn, contentOf, patchedBootstrap } from "./go-bootstrap.ts";
import type { Architecture, GoProgram } from "./interceptor.ts";
import { CODE_FOLDER } from "./our-names.ts";
import { bucketName } from "./staging.ts";
import { programIn } from "./zip-program.ts";

/** Names the bucket through which the zip came. */
const BUCKET_FILE = `${CODE_FOLDER}bucket`;

/** The runtimes that start a program of the function's own. */
export function isOsOnly(runtime: string): boolean {
  return runtime.startsWith("provided");
}

/** Of what a zip is made with the interceptor in it. */
export interface CodeFor {
  readonly architecture: Architecture;
  /** As AWS has it; OS-only runtimes start a program of the zip. */
  readonly runtime: string;
  /** A script may name its program by it. */
  readonly handler: string;
  /** Through which the zip goes; null: in the call itself. */
  readonly bucket: string | null;
}

export interface CodeWith {
  readonly zip: Uint8Array;
  /** What is patched in it, and its name in the zip; null: nothing is. */
  readonly go: GoProgram | null;
  readonly patch: string | null;
}

/**
 * The zip with the interceptor added; every byte of its files stays as it is. A Go program that an OS-only runtime comes to start is
 * patched in its place, and says itself how it was. With a bucket, which is how a machine that knows nothing of the run finds it.
 */
export async function withInterceptor(
  zip: Uint8Array,
  { architecture, runtime, handler, bucket }: CodeFor,
): Promise<CodeWith | { readonly problem: string }> {
  const found = isOsOnly(runtime) ? await programIn(zip, handler) : null;
  const program = found === null ? null : (found.started ?? { name: BOOTSTRAP, ...found.bootstrap });
  const patched = program === null ? null : patchedBootstrap(program.content, architecture);
  if (patched !== null && "problem" in patched) return patched;
  const { bytes: object } = interceptorFor(architecture);
  const files = [
    ...(patched?.go.preloads === false
      ? []
      : [{ name: `${CODE_FOLDER}interceptor.so`, content: object, mode: 0o755 }]),
    ...(bucket === null ? [] : [{ name: BUCKET_FILE, content: Buffer.from(bucket), mode: 0o644 }]),
  ];
  const replaced =
    program === null || patched === null
      ? {}
      : { replaced: { name: program.name, content: patched.bytes, before: program.content } };
  const made = await appendToZip(zip, { folder: CODE_FOLDER, files, ...replaced });
  if ("problem" in made) return { problem: made.problem.text };
  const isPatched = program !== null && patched !== null;
  if (isPatched && !(await comesBack(made.zip, zip))) return { problem: NOT_BACK };
  return { zip: made.zip, go: patched?.go ?? null, patch: isPatched ? program.name : null };
}

const NOT_BACK = "the zip with its program patched does not give back the one that is there";

/** Tried before anything is changed, with what a restore does. */
async function comesBack(made: Uint8Array, zip: Uint8Array): Promise<boolean> {
  const taken = await takeOut(made, CODE_FOLDER);
  return !("problem" in taken) && taken.original !== null && Buffer.compare(taken.original.zip, zip) === 0;
}

/**
 * The zip as it was, byte by byte; where somebody has packed it anew since, theirs less our files, with the programs that were
 * patched as they were. Null: nothing of ours is in it.
 */
export async function withoutInterceptor(
  zip: Uint8Array,
): Promise<{ readonly zip: Uint8Array } | { readonly problem: string } | null> {
  const taken = carriesOurs(zip) ? await takeOut(zip, CODE_FOLDER) : { original: null };
  if ("original" in taken && taken.original !== null) return taken.original;
  const hasUndo = "problem" in taken;
  if (hasUndo && taken.problem.code !== "changed") return { problem: taken.problem.text };
  const replaced = await patchedIn(zip);
  if ("problem" in replaced) return replaced;
  if (!hasUndo && replaced.programs.length === 0) return null;
  const rest = await withoutOurPart(zip, { folder: CODE_FOLDER, replaced: replaced.programs });
  if ("problem" in rest) return { problem: rest.problem.text };
  return rest.zip === null ? null : { zip: rest.zip };
}

/** Programs of a zip with a hook of ours in them, as they were before: also where somebody has left out what begins with a dot. */
async function patchedIn(
  zip: Uint8Array,
): Promise<
  | { readonly programs: readonly { readonly name: string; readonly content: Uint8Array }[] }
  | { readonly problem: string }
> {
  // Only where a bootstrap is in the zip something of the zip was ever patched.
  if ((await bootstrapIn(zip)) === null) return { programs: [] };
  const programs: { name: string; content: Uint8Array }[] = [];
  for (const name of await programNames(zip)) {
    const [file] = await contentOf(zip, [name]);
    if (file === undefined || !isPatchedGo(file.content)) continue;
    const content = unpatchGo(file.content);
    if (content === null) return { problem: `Its program ${name} ${CHANGED_PROGRAM}` };
    programs.push({ name, content });
  }
  return { programs };
}

const CHANGED_PROGRAM =
  "is patched, and somebody has changed it since, so that it does not say any more how it was. Without our variables it does nothing of ours. Deploy the function's own code.";

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
