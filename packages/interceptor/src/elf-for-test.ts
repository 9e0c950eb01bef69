/** A segment or a section of a made-up ELF file. */
interface Part {
  readonly type?: number;
  readonly flags?: number;
  readonly name?: string;
  readonly bytes: Buffer;
}

/** A made-up ELF file; what is left out is a static x86-64 program without sections. */
export interface ElfParts {
  readonly bits?: 32 | 64;
  readonly littleEndian?: boolean;
  readonly type?: number;
  readonly machine?: number;
  readonly entry?: number;
  /** Their own bytes; a PT_LOAD segment of no bytes comes before them. */
  readonly segments?: readonly Part[];
  readonly sections?: readonly Part[];
}

export const PT_LOAD = 1;
const PT_INTERP = 3;
export const PT_NOTE = 4;
export const WRITABLE = 6;

/** Writes the file byte by byte as elf(5) says, apart from the code that reads it. */
export function makeElf({ bits = 64, littleEndian = true, ...parts }: ElfParts = {}): Buffer {
  const wide = bits === 64;
  const [headBytes, segmentBytes, sectionBytes] = wide ? [64, 56, 64] : [52, 32, 40];
  const segments: readonly Part[] = [
    { type: PT_LOAD, flags: 5, bytes: Buffer.alloc(0) },
    ...(parts.segments ?? []),
  ];
  const sections = withNames(parts.sections ?? []);
  const segmentsAt = headBytes;
  const sectionsAt = segmentsAt + segments.length * segmentBytes;
  const bodyAt = align(sectionsAt + sections.length * sectionBytes);
  const bodies = [...segments, ...sections].map(({ bytes }) =>
    Buffer.concat([bytes, Buffer.alloc(-bytes.length & 15)]),
  );
  const file = Buffer.concat([Buffer.alloc(bodyAt), ...bodies]);
  const offsets = bodies.map((_, index) => bodyAt + sum(bodies.slice(0, index).map(({ length }) => length)));
  const put = writer(file, wide, littleEndian);
  file.set([0x7f, 0x45, 0x4c, 0x46, wide ? 2 : 1, littleEndian ? 1 : 2, 1]);
  put.fields(16, [
    [2, parts.type ?? 2],
    [2, parts.machine ?? 62],
    [4, 1],
    ["word", parts.entry ?? 0x1000],
    ["word", segmentsAt],
    ["word", sections.length === 0 ? 0 : sectionsAt],
    [4, 0],
    ...[headBytes, segmentBytes, segments.length, sectionBytes].map((value): Field => [2, value]),
    [2, sections.length],
    [2, Math.max(0, sections.length - 1)],
  ]);
  segments.forEach(({ type = PT_LOAD, flags = 4, bytes }, index) => {
    const offset = offsets[index] ?? 0;
    const sizes: Field[] = [
      ["word", bytes.length],
      ["word", bytes.length],
    ];
    put.fields(segmentsAt + index * segmentBytes, [
      [4, type],
      ...(wide ? [[4, flags] satisfies Field] : []),
      ["word", offset],
      ["word", 0x1000],
      ["word", 0x1000],
      ...sizes,
      ...(wide ? [] : [[4, flags] satisfies Field]),
      ["word", 16],
    ]);
  });
  sections.forEach(({ nameAt, bytes }, index) => {
    put.fields(sectionsAt + index * sectionBytes, [
      [4, nameAt],
      [4, 1],
      ["word", 0],
      ["word", 0],
      ["word", offsets[segments.length + index] ?? 0],
      ["word", bytes.length],
    ]);
  });
  return file;
}

/** The segment that makes a program dynamic. */
export function interp(path: string): Part {
  return { type: PT_INTERP, bytes: Buffer.from(`${path}\0`) };
}

type Field = readonly [size: 2 | 4 | "word", value: number];

function writer(file: Buffer, wide: boolean, littleEndian: boolean) {
  return {
    fields(at: number, fields: readonly Field[]): void {
      let offset = at;
      for (const [size, value] of fields) {
        const length = size === "word" ? (wide ? 8 : 4) : size;
        const bytes = Buffer.alloc(8);
        bytes.writeBigUInt64LE(BigInt(value));
        const part = bytes.subarray(0, length);
        file.set(littleEndian ? part : part.toReversed(), offset);
        offset += length;
      }
    },
  };
}

/** The sections, and the one with their names behind them. */
function withNames(sections: readonly Part[]): (Part & { nameAt: number })[] {
  if (sections.length === 0) return [];
  const names = [...sections, { name: ".shstrtab" }].map(({ name }) => `${name ?? ""}\0`);
  const table = { bytes: Buffer.from(`\0${names.join("")}`) };
  return [...sections, table].map((section, index) => ({
    ...section,
    nameAt: 1 + sum(names.slice(0, index).map(({ length }) => length)),
  }));
}

function align(offset: number): number {
  return Math.ceil(offset / 16) * 16;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
