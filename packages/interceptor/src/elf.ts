import type { ByteSource } from "./byte-source.ts";

/** The head of an ELF file, as far as it says how the file is started. Source: elf(5). */
export interface Elf {
  readonly bits: 32 | 64;
  readonly littleEndian: boolean;
  /** e_type: 2 is a program at a fixed address, 3 a program or a library at any. */
  readonly type: number;
  /** e_machine: 62 is x86-64, 183 is AArch64. */
  readonly machine: number;
  /** Where it starts; 0 is nowhere. */
  readonly entry: number;
  readonly segments: readonly Segment[];
  /** Empty where the file has none that can be read: it runs without them. */
  readonly sectionNames: readonly string[];
}

/** A part of the file that is mapped, or that says something to who maps it. */
export interface Segment {
  /** p_type: 1 is loaded, 2 is for the dynamic linker, 3 names it, 4 is notes. */
  readonly type: number;
  readonly writable: boolean;
  readonly offset: number;
  /** Where its first byte lies in memory. */
  readonly address: number;
  /** Of its bytes in the file. */
  readonly size: number;
}

interface Layout {
  readonly bits: 32 | 64;
  readonly littleEndian: boolean;
}

/** Linux takes no more program headers than 64 KiB. Source: load_elf_phdrs in fs/binfmt_elf.c. */
const maxHeaderBytes = 65_536;
const maxNameBytes = 1_048_576;
const longestName = 64;

/** Reads the head of an ELF file; null when the file is none, a string when it is a broken one, to be read after "it is". */
export function readElf(source: ByteSource): Elf | string | null {
  const identity = source.at(0, Math.min(16, source.size)) ?? Buffer.alloc(0);
  if (identity.toString("latin1", 0, 4) !== "\x7fELF") return null;
  const layout = layoutOf(identity);
  if (layout === null) return "a damaged ELF file";
  const bytes = source.at(0, layout.bits === 64 ? 64 : 52);
  if (bytes === null) return "a truncated ELF file";
  const head = reader(bytes, layout);
  const wide = layout.bits === 64;
  const segments = readSegments(source, layout, head);
  if (typeof segments === "string") return segments;
  return {
    ...layout,
    type: head.half(16),
    machine: head.half(18),
    entry: head.word(24),
    segments,
    sectionNames: readSectionNames(source, layout, {
      offset: head.word(wide ? 40 : 32),
      size: head.half(wide ? 58 : 46),
      count: head.half(wide ? 60 : 48),
      names: head.half(wide ? 62 : 50),
    }),
  };
}

function layoutOf(identity: Buffer): Layout | null {
  const [size, order] = [identity[4], identity[5]];
  if ((size !== 1 && size !== 2) || (order !== 1 && order !== 2)) return null;
  return { bits: size === 1 ? 32 : 64, littleEndian: order === 1 };
}

function readSegments(source: ByteSource, layout: Layout, head: Reader): Segment[] | string {
  const wide = layout.bits === 64;
  const size = wide ? 56 : 32;
  const count = head.half(wide ? 56 : 44);
  if (count === 0) return [];
  if (head.half(wide ? 54 : 42) !== size || count * size > maxHeaderBytes) return "a damaged ELF file";
  const table = source.at(head.word(wide ? 32 : 28), count * size);
  if (table === null) return "a truncated ELF file";
  return Array.from({ length: count }, (_, index) => {
    const entry = reader(table.subarray(index * size, (index + 1) * size), layout);
    return {
      type: entry.full(0),
      writable: (entry.full(wide ? 4 : 24) & 2) !== 0,
      offset: entry.word(wide ? 8 : 4),
      address: entry.word(wide ? 16 : 8),
      size: entry.word(wide ? 32 : 16),
    };
  });
}

interface SectionTable {
  readonly offset: number;
  readonly size: number;
  readonly count: number;
  readonly names: number;
}

function readSectionNames(source: ByteSource, layout: Layout, found: SectionTable): string[] {
  const { offset, size, count, names } = found;
  const wide = layout.bits === 64;
  const table = size === (wide ? 64 : 40) ? source.at(offset, count * size) : null;
  if (table === null || names >= count) return [];
  const entry = (index: number) => reader(table.subarray(index * size, (index + 1) * size), layout);
  const length = entry(names).word(wide ? 32 : 20);
  const strings = length <= maxNameBytes ? source.at(entry(names).word(wide ? 24 : 16), length) : null;
  if (strings === null) return [];
  return Array.from({ length: count }, (_, index) => {
    const at = entry(index).full(0);
    return strings.toString("latin1", at, at + longestName).split("\0", 1)[0] ?? "";
  });
}

interface Reader {
  half(offset: number): number;
  full(offset: number): number;
  /** As wide as an address. Above 2^53 it is not exact, and far beyond the end of any file. */
  word(offset: number): number;
}

function reader(bytes: Buffer, { bits, littleEndian }: Layout): Reader {
  const full = (offset: number) => (littleEndian ? bytes.readUInt32LE(offset) : bytes.readUInt32BE(offset));
  const long = (offset: number) =>
    littleEndian ? bytes.readBigUInt64LE(offset) : bytes.readBigUInt64BE(offset);
  return {
    half: (offset) => (littleEndian ? bytes.readUInt16LE(offset) : bytes.readUInt16BE(offset)),
    full,
    word: bits === 64 ? (offset) => Number(long(offset)) : full,
  };
}
