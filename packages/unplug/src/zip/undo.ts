import type { DirectoryEntry } from "./directory.ts";

/** As much as an undo can be, and more than 65,534 entries with names of usual length make. */
export const LONGEST_UNDO = 33 * 1024 * 1024;

/**
 * What the undo entry says in its comment; its content is the original's directory and all that comes after, and before that
 * what of the entries is not where it was, as `writeSplices` has it, if anything.
 */
export interface Undo {
  /** Bytes of the original. */
  readonly length: number;
  /** SHA-256 of the original, in lower-case hexadecimal digits. */
  readonly sha256: string;
  /** SHA-256 of everything that is not in the original, less the undo entry itself (what is spliced in, our entries, the records, the comment): it shows whether that is as it was left. */
  readonly seal: string;
  /** The content begins with splices. */
  readonly hasSplices: boolean;
}

export function undoComment({ length, sha256, seal, hasSplices }: Undo): string {
  return `undo ${hasSplices ? 2 : 1} ${length} ${sha256} ${seal}`;
}

/** Null when there is no such comment: programs that pack anew drop it. */
export function readUndoComment({ record }: DirectoryEntry): Undo | null {
  const comment = record.toString("latin1", record.length - record.readUInt16LE(32));
  const [, form, length, sha256, seal] =
    /^undo ([12]) (\d{1,10}) ([0-9a-f]{64}) ([0-9a-f]{64})$/.exec(comment) ?? [];
  if (length === undefined || sha256 === undefined || seal === undefined) return null;
  return { length: Number(length), sha256, seal, hasSplices: form === "2" };
}
