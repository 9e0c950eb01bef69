import type { ByteReader } from "./byte-reader.ts";
import { ImageProblem } from "./image-problem.ts";
import { BLOCK, readHeader, readPax, type TarHeader } from "./tar-header.ts";

export interface TarEntry {
  /** As it is written, whatever it begins with. */
  readonly name: string;
  readonly kind: "file" | "symbolic-link" | "hard-link" | "folder" | "other";
  readonly target: string;
  readonly mode: number;
  /** Of a file's content. */
  readonly size: number;
  /** To be read before the next entry is asked for, or not at all. */
  content(): AsyncGenerator<Uint8Array>;
}

/** What is heeded of an entry's description: a layer may say as much else as it likes. */
const HEEDED = /^(path|linkpath|size|GNU\.sparse\.(name|major|map))$/;

/** What describes an entry and is longer than this is refused. */
const MOST_WORDS = 1_048_576;

/** The entries of a tar archive as they come: ustar, pax, GNU's and the oldest. Throws ImageProblem. */
export async function* tarEntries(bytes: ByteReader): AsyncGenerator<TarEntry> {
  const global = new Map<string, string>();
  let said = new Map<string, string>();
  for (;;) {
    const block = await bytes.take(BLOCK);
    const header = block === null ? null : readHeader(block);
    if (header === null) return;
    if (/^[xgLK]$/.test(header.type)) {
      for (const [key, value] of await words(bytes, header)) {
        if (HEEDED.test(key)) (header.type === "g" ? global : said).set(key, value);
      }
      continue;
    }
    if (header.type === "S") await skipSparseHeaders(bytes, header);
    const about = new Map([...global, ...said]);
    said = new Map();
    const size = sizeOf(header, about);
    const name = about.get("GNU.sparse.name") ?? about.get("path") ?? header.name;
    let left = true;
    yield {
      name,
      kind: kindOf(header.type, name, about),
      target: about.get("linkpath") ?? header.target,
      mode: header.mode & 0o7777,
      size,
      content: () => {
        left = false;
        return bytes.pass(size);
      },
    };
    await bytes.skip((left ? size : 0) + padding(size));
  }
}

function padding(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}

/** What stands before an entry for it. GNU writes what is too long for its header as a file of its own. */
async function words(bytes: ByteReader, { type, size }: TarHeader): Promise<ReadonlyMap<string, string>> {
  if (size > MOST_WORDS) {
    throw new ImageProblem(
      `The layer describes an entry in ${size} bytes; no more than ${MOST_WORDS} are read.`,
    );
  }
  const content = (await bytes.take(size)) ?? Buffer.alloc(0);
  await bytes.skip(padding(size));
  if (type === "x" || type === "g") return readPax(content);
  const end = content.indexOf(0);
  return new Map([[type === "L" ? "path" : "linkpath", content.toString("utf8", 0, end < 0 ? size : end)]]);
}

/** A link has no content, whatever its header says. */
function sizeOf({ type, size }: TarHeader, about: ReadonlyMap<string, string>): number {
  if (/^[1-6]$/.test(type)) return 0;
  const told = about.get("size");
  if (told === undefined) return size;
  if (/^\d{1,15}$/.test(told)) return Number(told);
  throw new ImageProblem("The layer is a damaged tar archive: the size of an entry is no number.");
}

function kindOf(type: string, name: string, about: ReadonlyMap<string, string>): TarEntry["kind"] {
  if (type === "1") return "hard-link";
  if (type === "2") return "symbolic-link";
  if (type === "5") return "folder";
  if (!/^[0\0 7]$/.test(type)) return "other";
  // Of a sparse file only what is not empty is there.
  if (about.has("GNU.sparse.major") || about.has("GNU.sparse.map")) return "other";
  return name.endsWith("/") ? "folder" : "file";
}

async function skipSparseHeaders(bytes: ByteReader, header: TarHeader): Promise<void> {
  for (let more = header.isExtended; more; ) {
    const block = await bytes.take(BLOCK);
    if (block === null) throw new ImageProblem("The layer ends in the middle of an entry.");
    more = block[504] === 1;
  }
}
