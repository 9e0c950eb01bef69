import { entriesOf, readDirectory } from "./directory.ts";
import { zipInMemory } from "./zip-bytes.ts";

/** How many bytes all files of a zip have together, as its directory says; null when that cannot be read. */
export function unpackedLength(bytes: Uint8Array): number | null {
  const directory = readDirectory(zipInMemory(bytes));
  if ("problem" in directory) return null;
  return entriesOf(directory).reduce((sum, { length }) => sum + length, 0);
}
