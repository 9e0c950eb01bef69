import { patchGo, readProgram } from "@unplug/interceptor";
import { ourPartOf } from "../zip/index.ts";
import type { Architecture, GoProgram } from "./interceptor.ts";
import { CODE_FOLDER } from "./our-names.ts";

/** What an OS-only runtime starts. */
export const BOOTSTRAP = "bootstrap";

/** Where the original stands while ours has its place: whoever packs the zip anew keeps it. */
export const OWN_BOOTSTRAP = `${CODE_FOLDER}bootstrap`;

/** Unpacked, AWS takes no more of a whole zip; what is longer is no program that runs there. */
const MOST_BYTES = 262_144_000;

export interface Bootstrap {
  readonly content: Uint8Array;
  /** Permission bits; 0 where the zip was not made on Unix. */
  readonly mode: number;
}

/** The program that an OS-only runtime starts out of a zip; null where the zip has none, or cannot be read. */
export async function bootstrapIn(zip: Uint8Array): Promise<Bootstrap | null> {
  const wanted = { folder: CODE_FOLDER, outside: [BOOTSTRAP], mostBytes: MOST_BYTES };
  const found = await ourPartOf(zip, wanted);
  const file = "problem" in found ? null : found.part?.files.find(({ name }) => name === BOOTSTRAP);
  if (file?.content === undefined || file.content === null) return null;
  return { content: file.content, mode: file.mode };
}

/** Whether there is Go code in it. */
export function isGo(content: Uint8Array): boolean {
  const program = readProgram(content);
  return program.kind === "elf" && program.go !== null;
}

export interface PatchedBootstrap {
  readonly bytes: Uint8Array;
  readonly go: GoProgram;
}

/** The program with the hook in it; null where it is no Go program, which a patch is not for. */
export function patchedBootstrap(
  content: Uint8Array,
  architecture: Architecture,
): PatchedBootstrap | { readonly problem: string } | null {
  if (!isGo(content)) return null;
  const patched = patchGo(content, architecture);
  if ("problem" in patched) return patched;
  const { bytes, go } = patched;
  const { version, cgo, asksLibc } = go;
  return {
    bytes,
    go: { version: version ?? "of an unknown version", preloads: cgo === "dynamic", asksLibc },
  };
}
