import { constants, inflateRawSync } from "node:zlib";
import { contentOffset, type DirectoryEntry, entriesOf, readDirectory } from "./directory.ts";
import { pathOf } from "./our-names.ts";
import { readBytes, type ZipBytes, zipInMemory } from "./zip-bytes.ts";

const ELF = Buffer.from("\x7fELF", "latin1");
/** Packed, what so many bytes begin with shows the first four. */
const SOME_BYTES = 4096;

/** The files of a zip that begin as a program of Linux does; of each no more than its beginning is unpacked. */
export async function programNames(bytes: Uint8Array): Promise<readonly string[]> {
  const zip = zipInMemory(bytes);
  const directory = readDirectory(zip);
  if ("problem" in directory) return [];
  const { directoryOffset } = directory.end;
  return entriesOf(directory).flatMap((entry) =>
    isProgram(zip, entry, directoryOffset) ? [pathOf(entry.name)] : [],
  );
}

function isProgram(zip: ZipBytes, entry: DirectoryEntry, directoryOffset: number): boolean {
  const offset = entry.length < ELF.length ? null : contentOffset(zip, entry, directoryOffset);
  if (typeof offset !== "number") return false;
  const packed = readBytes(zip, offset, Math.min(entry.compressedLength, SOME_BYTES));
  return beginningOf(entry, packed).subarray(0, ELF.length).equals(ELF);
}

function beginningOf({ method }: DirectoryEntry, packed: Buffer): Buffer {
  if (method === 0) return packed;
  try {
    return inflateRawSync(packed, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return Buffer.alloc(0);
  }
}
