/** One entry of a tar, in the order of the archive. Its content has to be read before the next one is asked for, or is skipped. */
export interface TarEntry {
  /** As it is written. */
  readonly path: string;
  readonly kind: "file" | "folder" | "symbolic-link" | "hard-link" | "other";
  /** Permission bits with setuid, setgid and sticky. */
  readonly mode: number;
  /** Seconds since the epoch. */
  readonly modified: number;
  readonly size: number;
  /** Of a link; else empty. */
  readonly target: string;
  content(): AsyncIterable<Buffer>;
}

const blockBytes = 512;
/** Of a long name or of pax members: what is longer is no name. */
const longestName = 1_048_576;

/** Bytes in pieces of any size, to be read in pieces of a wanted size. */
class Pieces {
  readonly #from: AsyncIterator<unknown>;
  #held: Buffer = Buffer.alloc(0);

  constructor(from: AsyncIterable<unknown>) {
    this.#from = from[Symbol.asyncIterator]();
  }

  async #next(): Promise<Buffer | null> {
    if (this.#held.length > 0) {
      const held = this.#held;
      this.#held = Buffer.alloc(0);
      return held;
    }
    const { done, value } = await this.#from.next();
    if (done === true) return null;
    return Buffer.isBuffer(value) ? value : Buffer.from(String(value));
  }

  /** Exactly so many bytes, in pieces. Throws when there are fewer. */
  async *take(bytes: number): AsyncGenerator<Buffer> {
    for (let left = bytes; left > 0; ) {
      const piece = await this.#next();
      if (piece === null) throw new Error("The tar ends in the middle of an entry.");
      const part = piece.subarray(0, left);
      this.#held = piece.subarray(part.length);
      left -= part.length;
      yield part;
    }
  }

  /** Null at the end. */
  async block(): Promise<Buffer | null> {
    const first = await this.#next();
    if (first === null) return null;
    this.#held = first;
    return await this.all(blockBytes);
  }

  async all(bytes: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for await (const part of this.take(bytes)) parts.push(part);
    return Buffer.concat(parts);
  }
}

function textAt(block: Buffer, start: number, length: number): string {
  const field = block.subarray(start, start + length);
  const end = field.indexOf(0);
  return field.subarray(0, end < 0 ? length : end).toString("utf8");
}

/** Octal digits, or a binary number where they would not suffice. Source: tar(5), "Numeric extensions". */
function numberAt(block: Buffer, start: number, length: number): number {
  if ((block[start] ?? 0) >= 0x80) return Number(block.readBigUInt64BE(start + length - 8));
  return Number.parseInt(textAt(block, start, length).trim() || "0", 8);
}

/** Source: tar(5), "Pax interchange format": `LENGTH NAME=VALUE\n`. */
function paxMembers(bytes: Buffer): Map<string, string> {
  const members = new Map<string, string>();
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const length = Number(bytes.subarray(at, space).toString());
    if (space < 0 || !Number.isInteger(length) || length <= 0) break;
    const [name = "", ...value] = bytes
      .subarray(space + 1, at + length - 1)
      .toString("utf8")
      .split("=");
    members.set(name, value.join("="));
    at += length;
  }
  return members;
}

const kinds: Readonly<Record<string, TarEntry["kind"]>> = {
  "0": "file",
  "": "file",
  "7": "file",
  "1": "hard-link",
  "2": "symbolic-link",
  "5": "folder",
};

function entryOf(block: Buffer, more: ReadonlyMap<string, string>): Omit<TarEntry, "content"> {
  const isUstar = textAt(block, 257, 5) === "ustar" && block[263] !== 0x20;
  const prefix = isUstar ? textAt(block, 345, 155) : "";
  const short = textAt(block, 0, 100);
  const path = more.get("path") ?? (prefix === "" ? short : `${prefix}/${short}`);
  const kind = kinds[textAt(block, 156, 1)] ?? "other";
  const size = Number(more.get("size") ?? numberAt(block, 124, 12));
  return {
    path,
    // Old ones mark folders by a slash alone.
    kind: kind === "file" && path.endsWith("/") ? "folder" : kind,
    mode: numberAt(block, 100, 8) & 0o7777,
    modified: Number(more.get("mtime") ?? numberAt(block, 136, 12)),
    size: kind === "file" || kind === "other" ? size : 0,
    target: more.get("linkpath") ?? textAt(block, 157, 100),
  };
}

/** Reads a tar: ustar, GNU's and pax' long names and sizes. Throws for what is cut off or no tar. */
export async function* tarEntries(from: AsyncIterable<unknown>): AsyncGenerator<TarEntry> {
  const pieces = new Pieces(from);
  let more = new Map<string, string>();
  for (;;) {
    const block = await pieces.block();
    if (block === null || block.every((byte) => byte === 0)) return;
    checkSum(block);
    const type = textAt(block, 156, 1);
    const size = numberAt(block, 124, 12);
    const padding = (length: number): number => (blockBytes - (length % blockBytes)) % blockBytes;
    if ("LKxg".includes(type) && type !== "") {
      if (!(size <= longestName)) throw new Error(`The tar has a name of ${size} bytes.`);
      const bytes = await pieces.all(size);
      await pieces.all(padding(size));
      const text = bytes.toString("utf8").replace(/\0+$/, "");
      if (type === "L") more.set("path", text);
      if (type === "K") more.set("linkpath", text);
      if (type === "x") more = new Map([...more, ...paxMembers(bytes)]);
      continue;
    }
    const entry = entryOf(block, more);
    if (!Number.isSafeInteger(entry.size) || entry.size < 0)
      throw new Error(`The tar has an entry of ${entry.size} bytes.`);
    more = new Map();
    const content = pieces.take(entry.size);
    yield { ...entry, content: () => content };
    for await (const _skipped of content);
    await pieces.all(padding(entry.size));
  }
}

function checkSum(block: Buffer): void {
  const wanted = numberAt(block, 148, 8);
  let sum = 8 * 0x20;
  for (const [at, byte] of block.entries()) if (at < 148 || at >= 156) sum += byte;
  if (sum !== wanted) throw new Error("This is no tar: the checksum of an entry is wrong.");
}
