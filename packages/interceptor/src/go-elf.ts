/** A line of the table of what is mapped. Source: elf(5). */
export interface ProgramHeader {
  readonly type: number;
  /** 1 executable, 2 writable, 4 readable. */
  readonly flags: number;
  readonly offset: number;
  readonly address: number;
  readonly fileBytes: number;
  readonly memoryBytes: number;
}

/** The tables of a 64-bit little-endian program, as far as they are rewritten. */
export interface GoElf {
  readonly machine: number;
  readonly headersAt: number;
  readonly headers: readonly ProgramHeader[];
  /** The table of sections; a program runs without. */
  readonly sectionsAt: number;
  readonly sectionsBytes: number;
  /** Of those that have bytes in the file. */
  readonly sections: readonly { readonly offset: number; readonly bytes: number }[];
  /** Where the last of all that the tables speak of ends. */
  readonly end: number;
}

export const PT_LOAD = 1;
export const PT_PHDR = 6;
export const PROGRAM_HEADER_BYTES = 56;
const SECTION_HEADER_BYTES = 64;
const SHT_NULL = 0;
const SHT_NOBITS = 8;
const elfHeaderBytes = 64;
/** User space ends before. */
const lastAddress = 2 ** 47;

/** Reads the tables; a string when they cannot be, to be read after "it is". `file` begins as a 64-bit little-endian ELF file does. */
export function readGoElf(file: Buffer): GoElf | string {
  if (file.length < elfHeaderBytes) return "a truncated ELF file";
  const headersAt = long(file, 32);
  const count = file.readUInt16LE(56);
  if (count === 0 || file.readUInt16LE(54) !== PROGRAM_HEADER_BYTES) return "a damaged ELF file";
  if (headersAt < elfHeaderBytes || headersAt % 8 !== 0) return "a damaged ELF file";
  const headersEnd = headersAt + count * PROGRAM_HEADER_BYTES;
  if (headersEnd > file.length) return "a truncated ELF file";
  const headers = Array.from({ length: count }, (_, i) =>
    readHeader(file, headersAt + i * PROGRAM_HEADER_BYTES),
  );
  const wrong = whatIsWrong(file, headers);
  if (wrong !== null) return wrong;
  const table = readSections(file);
  if (typeof table === "string") return table;
  const ends = [...headers.filter(inFile).map(({ offset, fileBytes }) => offset + fileBytes), ...table.ends];
  const end = ends.reduce((last, one) => Math.max(last, one), headersEnd);
  if (end > file.length) return "a truncated ELF file";
  const { sectionsAt, sectionsBytes, sections } = table;
  return { machine: file.readUInt16LE(18), headersAt, headers, sectionsAt, sectionsBytes, sections, end };
}

/** What is loaded, in the order of the table. */
export function loadsOf({ headers }: Pick<GoElf, "headers">): readonly ProgramHeader[] {
  return headers.filter(({ type }) => type === PT_LOAD);
}

function inFile({ fileBytes }: ProgramHeader): boolean {
  return fileBytes > 0;
}

function readHeader(file: Buffer, at: number): ProgramHeader {
  return {
    type: file.readUInt32LE(at),
    flags: file.readUInt32LE(at + 4),
    offset: long(file, at + 8),
    address: long(file, at + 16),
    fileBytes: long(file, at + 32),
    memoryBytes: long(file, at + 40),
  };
}

/** Of what is loaded: as the kernel takes it, and ascending, as the standard wants it. */
function whatIsWrong(file: Buffer, headers: readonly ProgramHeader[]): string | null {
  let before = 0;
  const loads = loadsOf({ headers });
  if (loads.length === 0) return "a damaged ELF file";
  for (const { offset, address, fileBytes, memoryBytes } of loads) {
    if (offset + fileBytes > file.length) return "a truncated ELF file";
    if (fileBytes > memoryBytes || address < before || (address - offset) % 4096 !== 0)
      return "a damaged ELF file";
    before = address + memoryBytes;
    if (before > lastAddress) return "a damaged ELF file";
  }
  // Each loads bytes of its own but for shared pages; a table that loads the same again and again would be searched so often.
  const loaded = loads.reduce((sum, { fileBytes }) => sum + fileBytes, 0);
  if (loaded > 2 * file.length) return "a damaged ELF file";
  return null;
}

interface SectionTable extends Pick<GoElf, "sectionsAt" | "sectionsBytes" | "sections"> {
  readonly ends: readonly number[];
}

function readSections(file: Buffer): SectionTable | string {
  const [sectionsAt, size, count] = [long(file, 40), file.readUInt16LE(58), file.readUInt16LE(60)];
  if (sectionsAt === 0 || count === 0) return { sectionsAt: 0, sectionsBytes: 0, sections: [], ends: [] };
  if (size !== SECTION_HEADER_BYTES) return "a damaged ELF file";
  const sectionsBytes = count * SECTION_HEADER_BYTES;
  if (sectionsAt + sectionsBytes > file.length) return "a truncated ELF file";
  const sections: { offset: number; bytes: number }[] = [];
  for (let at = sectionsAt; at < sectionsAt + sectionsBytes; at += SECTION_HEADER_BYTES) {
    const type = file.readUInt32LE(at + 4);
    if (type === SHT_NULL || type === SHT_NOBITS) continue;
    sections.push({ offset: long(file, at + 24), bytes: long(file, at + 32) });
  }
  const ends = sections.map(({ offset, bytes }) => offset + bytes);
  return { sectionsAt, sectionsBytes, sections, ends: [...ends, sectionsAt + sectionsBytes] };
}

/** Above 2^53 it is not exact, and far beyond all that is compared with it. */
function long(file: Buffer, at: number): number {
  return Number(file.readBigUInt64LE(at));
}
