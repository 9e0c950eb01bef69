import { createHash } from "node:crypto";
import {
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  rmSync,
  writeSync,
} from "node:fs";
import { copyFile } from "node:fs/promises";
import { inChunks, readBytes, type ZipBytes, type ZipFile } from "./zip-bytes.ts";

/** What a new zip is put together from: new bytes, and ranges of the old one. */
export type Piece = Uint8Array | { readonly offset: number; readonly length: number };

export function totalLength(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}

async function* contentOf(zip: ZipBytes, pieces: readonly Piece[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) {
    if (piece instanceof Uint8Array) yield piece;
    else yield* inChunks(zip, piece.offset, piece.length);
  }
}

/** SHA-256 in lower-case hexadecimal digits. */
export async function hashOf(zip: ZipBytes, pieces: readonly Piece[]): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of contentOf(zip, pieces)) hash.update(chunk);
  return hash.digest("hex");
}

export function inOne(zip: ZipBytes, pieces: readonly Piece[]): Buffer {
  const parts = pieces.map((piece) =>
    piece instanceof Uint8Array ? piece : readBytes(zip, piece.offset, piece.length),
  );
  return Buffer.concat(parts);
}

/**
 * Makes the file `to`, which only its owner may read, of what `make` gives; null leaves no file. The zip is copied there in the
 * meantime, and what is not the first of the pieces is cut off: the kernel copies, or shares the blocks where the file system
 * can. What the file system says is thrown: EEXIST when there is such a file, which then stays as it is. What was begun is
 * removed.
 */
export async function writeZip(
  zip: ZipFile,
  to: string,
  make: () => Promise<readonly Piece[] | null>,
): Promise<void> {
  const copying = copyFile(zip.path, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  const [copied, made] = await Promise.allSettled([copying, make()]);
  if (copied.status === "rejected") throw copied.reason;
  try {
    if (made.status === "rejected") throw made.reason;
    if (made.value === null) rmSync(to);
    else await replaceTail(zip, to, made.value);
  } catch (error) {
    rmSync(to, { force: true });
    throw error;
  }
}

async function replaceTail(zip: ZipFile, to: string, pieces: readonly Piece[]): Promise<void> {
  const [head, ...others] = pieces;
  const hasHead = head !== undefined && !(head instanceof Uint8Array) && head.offset === 0;
  // A copy has the mode of what it was copied from, which may be one that cannot be written to.
  chmodSync(to, 0o600);
  const file = openSync(to, "r+");
  try {
    const { size } = fstatSync(file);
    if (size !== zip.length) {
      throw new Error(
        `The zip had ${zip.length} bytes and its copy has ${size}: it changed while it was read.`,
      );
    }
    let position = hasHead ? head.length : 0;
    ftruncateSync(file, position);
    for await (const chunk of contentOf(zip, hasHead ? others : pieces)) {
      writeAll(file, chunk, position);
      position += chunk.length;
    }
  } finally {
    closeSync(file);
  }
}

function writeAll(file: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(file, bytes, done, bytes.length - done, position + done);
  }
}
