/** What a shared object says to a dynamic linker, as far as the audit asks. Source: elf(5), the GNU hash section of ld.so. */
export interface Dynamic {
  readonly machine: number;
  readonly segments: readonly { readonly type: number; readonly flags: number }[];
  /** d_tag -> d_val of every entry; a tag that stands twice has its last value. */
  readonly tags: ReadonlyMap<number, number>;
  /** Those that other objects may see, or are to have. */
  readonly symbols: readonly Symbol[];
  /** r_type of every relocation. */
  readonly relocations: readonly number[];
}

export interface Symbol {
  readonly name: string;
  readonly isDefined: boolean;
  readonly isWeak: boolean;
}

interface Segment {
  readonly type: number;
  readonly flags: number;
  readonly offset: number;
  readonly address: number;
  readonly size: number;
}

const HASH = 4;
const STRTAB = 5;
const SYMTAB = 6;
const RELA = 7;
const RELASZ = 8;
const PLTRELSZ = 2;
const JMPREL = 23;
const GNU_HASH = 0x6ffffef5;
const LOCAL = 0;
const WEAK = 2;

/** Reads a 64-bit little-endian shared object. Throws when it has no dynamic section. */
export function readDynamic(file: Buffer): Dynamic {
  const segments = readSegments(file);
  const section = segments.find(({ type }) => type === 2);
  if (section === undefined) throw new Error("The object has no dynamic section.");
  const tags = new Map<number, number>();
  for (let at = section.offset; at < section.offset + section.size; at += 16) {
    const tag = long(file, at);
    if (tag === 0) break;
    tags.set(tag, long(file, at + 8));
  }
  const offsetOf = (tag: number) => {
    const address = tags.get(tag);
    return address === undefined ? null : fileOffset(segments, address);
  };
  const tables = [
    { at: offsetOf(RELA), size: tags.get(RELASZ) ?? 0 },
    { at: offsetOf(JMPREL), size: tags.get(PLTRELSZ) ?? 0 },
  ];
  const relocations = tables.flatMap(({ at, size }) =>
    at === null ? [] : Array.from({ length: size / 24 }, (_, i) => file.readUInt32LE(at + 24 * i + 8)),
  );
  const [hash, gnuHash] = [offsetOf(HASH), offsetOf(GNU_HASH)];
  const count = hash === null ? countByGnuHash(file, gnuHash ?? 0) : file.readUInt32LE(hash + 4);
  const [symbolsAt, textsAt] = [offsetOf(SYMTAB) ?? 0, offsetOf(STRTAB) ?? 0];
  const symbols = Array.from({ length: count }, (_, i) => symbolsAt + 24 * i)
    .filter((at) => file.readUInt8(at + 4) >> 4 !== LOCAL)
    .map((at) => readSymbol(file, at, textsAt));
  return { machine: file.readUInt16LE(18), segments, tags, symbols, relocations };
}

function readSegments(file: Buffer): Segment[] {
  const [start, size, count] = [long(file, 32), file.readUInt16LE(54), file.readUInt16LE(56)];
  return Array.from({ length: count }, (_, i) => {
    const at = start + size * i;
    return {
      type: file.readUInt32LE(at),
      flags: file.readUInt32LE(at + 4),
      offset: long(file, at + 8),
      address: long(file, at + 16),
      size: long(file, at + 32),
    };
  });
}

function fileOffset(segments: readonly Segment[], address: number): number {
  const here = segments.find(
    (segment) => segment.type === 1 && address >= segment.address && address - segment.address < segment.size,
  );
  if (here === undefined) throw new Error(`No segment is loaded at address ${address}.`);
  return address - here.address + here.offset;
}

/** The table says where each chain begins; the last symbol is the end of the last chain. */
function countByGnuHash(file: Buffer, at: number): number {
  const word = (index: number) => file.readUInt32LE(at + 4 * index);
  const [buckets, first, bloom] = [word(0), word(1), word(2)];
  const bucketsAt = 4 + 2 * bloom;
  let last = Math.max(...Array.from({ length: buckets }, (_, i) => word(bucketsAt + i)));
  if (last < first) return first;
  while ((word(bucketsAt + buckets + last - first) & 1) === 0) last++;
  return last + 1;
}

function readSymbol(file: Buffer, at: number, textsAt: number): Symbol {
  const start = textsAt + file.readUInt32LE(at);
  const name = file.toString("latin1", start, file.indexOf(0, start));
  return { name, isDefined: file.readUInt16LE(at + 6) !== 0, isWeak: file.readUInt8(at + 4) >> 4 === WEAK };
}

function long(file: Buffer, at: number): number {
  return Number(file.readBigUInt64LE(at));
}
