import { createHash } from "node:crypto";
import type { Architecture } from "./architecture.ts";
import { type GoElf, loadsOf, PROGRAM_HEADER_BYTES } from "./go-elf.ts";
import { hookMagic } from "./go-hook.ts";
import { type GoSite, replaced } from "./go-site.ts";

/**
 * What stands right behind the hook in the file, and is not mapped: how the program was before.
 *
 *     "UNPLUGU1", SHA-256 and length of the original, how many bytes this takes, how many parts follow
 *     for each part: where it is, its length, and its bytes as they were
 */
const magic = Buffer.from("UNPLUGU1", "latin1");
const headBytes = 56;

/** A part of the original that the patch writes to. */
export interface Replaced {
  readonly offset: number;
  readonly length: number;
}

/** All that a patch writes to, but for what it appends; none overlaps another. */
export function replacedParts(
  { headersAt }: GoElf,
  { lines, site, architecture }: { lines: number; site: GoSite; architecture: Architecture },
): readonly Replaced[] {
  return [
    // Where the table of sections is, and how many lines that of segments has.
    { offset: 40, length: 8 },
    { offset: 56, length: 2 },
    { offset: headersAt, length: lines * PROGRAM_HEADER_BYTES },
    { offset: site.offset, length: replaced[architecture].bytes },
  ];
}

/** How long it is, before it is made. */
export function undoBytes(parts: readonly Replaced[]): number {
  return parts.reduce((sum, { length }) => sum + 8 + length, headBytes);
}

export function makeUndo(original: Buffer, sha256: Buffer, parts: readonly Replaced[]): Buffer {
  const head = Buffer.alloc(headBytes);
  magic.copy(head);
  sha256.copy(head, 8);
  head.writeUInt32LE(original.length, 40);
  head.writeUInt32LE(undoBytes(parts), 44);
  head.writeUInt32LE(parts.length, 48);
  const kept = parts.map(({ offset, length }) => {
    const place = Buffer.alloc(8);
    place.writeUInt32LE(offset, 0);
    place.writeUInt32LE(length, 4);
    return Buffer.concat([place, original.subarray(offset, offset + length)]);
  });
  return Buffer.concat([head, ...kept]);
}

export function sha256Of(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}

/** Behind a hook that ends here. */
export function undoAt(hookEnd: number): number {
  return Math.ceil(hookEnd / 8) * 8;
}

/** The original out of a program with a hook in it; null where the program does not say it, or somebody has changed it since. */
export function originalIn(patched: Buffer, elf: GoElf): Buffer | null {
  const undo = undoIn(patched, elf);
  if (undo === null) return null;
  const length = undo.readUInt32LE(40);
  if (length > patched.length) return null;
  const original = Buffer.from(patched.subarray(0, length));
  let at = headBytes;
  for (let left = undo.readUInt32LE(48); left > 0; left--) {
    if (at + 8 > undo.length) return null;
    const [to, bytes] = [undo.readUInt32LE(at), undo.readUInt32LE(at + 4)];
    if (at + 8 + bytes > undo.length || to + bytes > length) return null;
    undo.copy(original, to, at + 8, at + 8 + bytes);
    at += 8 + bytes;
  }
  return sha256Of(original).equals(undo.subarray(8, 40)) ? original : null;
}

function undoIn(patched: Buffer, elf: GoElf): Buffer | null {
  const hook = loadsOf(elf).find(({ offset }) => isHookAt(patched, offset));
  if (hook === undefined) return null;
  const at = undoAt(hook.offset + hook.fileBytes);
  if (at + headBytes > patched.length || !patched.subarray(at, at + magic.length).equals(magic)) return null;
  const end = at + patched.readUInt32LE(at + 44);
  // What somebody has put behind it would be lost.
  if (patched.length > Math.max(end, elf.end)) return null;
  return end <= patched.length && end >= at + headBytes ? patched.subarray(at, end) : null;
}

/** Whether a hook is mapped from here. */
export function isHookAt(file: Buffer, offset: number): boolean {
  return file.subarray(offset, offset + hookMagic.length).equals(hookMagic);
}
