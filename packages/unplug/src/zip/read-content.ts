import { crc32, inflateRawSync } from "node:zlib";
import { contentOffset, type DirectoryEntry, quoted } from "./directory.ts";
import { readBytes, type ZipBytes } from "./zip-bytes.ts";
import { type ZipProblem, zipProblem } from "./zip-problem.ts";

/** The content of an entry whose lengths are bearable: no more is read, nor inflated, than the entry says. */
export async function readContent(
  zip: ZipBytes,
  entry: DirectoryEntry,
  directoryOffset: number,
): Promise<Buffer | { readonly problem: ZipProblem }> {
  const offset = contentOffset(zip, entry, directoryOffset);
  if (typeof offset !== "number") return offset;
  const data = readBytes(zip, offset, entry.compressedLength);
  const content = unpacked(entry, data);
  if (content?.length === entry.length && crc32(content) === entry.crc) return content;
  return zipProblem(
    "broken-entry",
    `The entry ${quoted(entry.name)} is broken: ${entry.length} bytes with the checksum ${entry.crc.toString(16)} were expected in it.`,
  );
}

function unpacked({ method, length }: DirectoryEntry, data: Buffer): Buffer | null {
  if (method === 0) return data;
  if (method !== 8) return null;
  // What is broken, or longer than it says, makes zlib fail: in both cases the content is not what was promised.
  try {
    return inflateRawSync(data, { maxOutputLength: Math.max(1, length) });
  } catch {
    return null;
  }
}
