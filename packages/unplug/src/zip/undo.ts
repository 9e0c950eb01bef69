import { createHash } from "node:crypto";
import type { DirectoryEntry } from "./directory.ts";
import { contentOf, type Piece } from "./pieces.ts";
import type { ZipBytes } from "./zip-bytes.ts";

/** What the undo entry says in its comment; its content is the original's directory and all that comes after. */
export interface Undo {
  /** Bytes of the original. */
  readonly length: number;
  /** SHA-256 of the original, in lower-case hexadecimal digits. */
  readonly sha256: string;
  /** SHA-256 of everything that is not in the original, less the undo entry itself: it shows whether that is as it was left. */
  readonly seal: string;
}

export function undoComment({ length, sha256, seal }: Undo): string {
  return `undo 1 ${length} ${sha256} ${seal}`;
}

/** Null when there is no such comment: programs that pack anew drop it. */
export function readUndoComment({ record }: DirectoryEntry): Undo | null {
  const comment = record.toString("latin1", record.length - record.readUInt16LE(32));
  const [, length, sha256, seal] = /^undo 1 (\d{1,10}) ([0-9a-f]{64}) ([0-9a-f]{64})$/.exec(comment) ?? [];
  if (length === undefined || sha256 === undefined || seal === undefined) return null;
  return { length: Number(length), sha256, seal };
}

/** `sealed` is our entries, the directory less the undo's record, and the comment of the zip. */
export async function sealOf(zip: ZipBytes, sealed: readonly Piece[]): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of contentOf(zip, sealed)) hash.update(chunk);
  return hash.digest("hex");
}
