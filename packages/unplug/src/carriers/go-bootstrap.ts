import { isPatchedGo, patchGo, readProgram, unpatchGo } from "@unplug/interceptor";
import { ourPartOf } from "../zip/index.ts";
import type { Architecture, GoProgram } from "./interceptor.ts";
import { CODE_FOLDER } from "./our-names.ts";

/** What an OS-only runtime starts. */
export const BOOTSTRAP = "bootstrap";

/** Unpacked, AWS takes no more of a whole zip; what is longer is no program that runs there. */
const MOST_BYTES = 262_144_000;

export interface Bootstrap {
  readonly content: Uint8Array;
  /** Its content is where it leads to. */
  readonly isLink: boolean;
}

/** The program that an OS-only runtime starts out of a zip; null where the zip has none, or cannot be read. */
export async function bootstrapIn(zip: Uint8Array): Promise<Bootstrap | null> {
  return (await contentOf(zip, [BOOTSTRAP]))[0] ?? null;
}

/** Those of the named files that a zip has and that can be read; of several by one name the last, as unpacking leaves it. */
export async function contentOf(
  zip: Uint8Array,
  names: readonly string[],
): Promise<readonly (Bootstrap & { readonly name: string })[]> {
  const found = await ourPartOf(zip, { folder: CODE_FOLDER, outside: names, mostBytes: MOST_BYTES });
  const files = "problem" in found ? [] : (found.part?.files ?? []);
  return names.flatMap((wanted) => {
    const { name, content = null, isLink } = files.findLast((file) => file.name === wanted) ?? {};
    return name === undefined || content === null ? [] : [{ name, content, isLink: isLink === true }];
  });
}

/** Whether there is Go code in it. */
export function isGo(content: Uint8Array): boolean {
  const program = readProgram(content);
  return program.kind === "elf" && program.go !== null;
}

/** Whether it has a hook of ours in it. */
export const isPatched: (content: Uint8Array) => boolean = isPatchedGo;

/** Whether a patched program says how it was before. */
export function saysItsOriginal(content: Uint8Array): boolean {
  return unpatchGo(content) !== null;
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
