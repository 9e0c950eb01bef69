import { type GoElf, loadsOf, PROGRAM_HEADER_BYTES, type ProgramHeader, PT_LOAD, PT_PHDR } from "./go-elf.ts";
import { type GoHook, machines } from "./go-hook.ts";
import type { GoSite } from "./go-site.ts";
import { type Replaced, replacedParts, undoAt, undoBytes } from "./go-undo.ts";

/** Where the hook and its variables come to lie. */
export interface Placement {
  /** Of the variables: behind all that the program itself has in its last segment. */
  readonly memoryAddress: number;
  /** What the last segment takes in memory with them. */
  readonly memoryBytes: number;
  readonly hookAddress: number;
  readonly hookOffset: number;
  /** Of what says how the program was before. */
  readonly undoOffset: number;
  readonly replaced: readonly Replaced[];
  /** Of the moved table of sections; null where it stays. */
  readonly sectionsAt: number | null;
  /** Of the whole file. */
  readonly fileBytes: number;
  readonly headers: Headers;
}

/** The table of what is mapped gets a line more. */
type Headers =
  /** In place of one that says nothing, or nothing that a run needs. */
  | { readonly kind: "reused"; readonly index: number }
  /** Behind the last one. */
  | { readonly kind: "grown" };

const PT_NULL = 0;
const PT_NOTE = 4;
const PT_PAX_FLAGS = 0x65041580;

/**
 * Finds room in a program for a hook; a string says why there is none, after "it".
 *
 * The distance between the hook and its variables is fixed, and an address in memory and an offset in the file have to agree within a
 * page: the variables are put where that comes true, so that the file needs no padding.
 */
export function placeHook(
  file: Buffer,
  { elf, hook, site }: { elf: GoElf; hook: GoHook; site: GoSite },
): Placement | string {
  const last = loadsOf(elf).at(-1);
  if (last === undefined || (last.flags & 2) === 0 || (last.flags & 1) !== 0) {
    return "has no writable segment at its end, behind which the hook's variables could lie";
  }
  const headers = slotFor(file, elf);
  if (headers === null) return "has no room for one more program header";
  const { page } = machines[hook.architecture];
  const hookOffset = align(file.length, 64);
  const end = align(last.address + last.memoryBytes, 64);
  const memoryAddress = end + modulo(hookOffset - hook.distance - end, page);
  const lines = elf.headers.length + (headers.kind === "grown" ? 1 : 0);
  const parts = replacedParts(elf, { lines, site, architecture: hook.architecture });
  const undoOffset = undoAt(hookOffset + hook.bytes.length);
  const undoEnd = undoOffset + undoBytes(parts);
  const isInTheWay = headers.kind === "grown" && overlaps(behindHeaders(elf), tableOf(elf));
  const sectionsAt = isInTheWay ? align(undoEnd, 8) : null;
  return {
    memoryAddress,
    memoryBytes: memoryAddress + hook.memory - last.address,
    hookAddress: memoryAddress + hook.distance,
    hookOffset,
    undoOffset,
    replaced: parts,
    sectionsAt,
    fileBytes: sectionsAt === null ? undoEnd : sectionsAt + elf.sectionsBytes,
    headers,
  };
}

/** Writes the tables and the hook; `to` is the program, longer by what is appended. */
export function writeHook(
  to: Buffer,
  { elf, hook, placement }: { elf: GoElf; hook: GoHook; placement: Placement },
): void {
  if (placement.sectionsAt !== null) {
    to.copy(to, placement.sectionsAt, elf.sectionsAt, elf.sectionsAt + elf.sectionsBytes);
    to.writeBigUInt64LE(BigInt(placement.sectionsAt), 40);
  }
  const entries = elf.headers.map((header, index) => ({
    header,
    bytes: Buffer.from(headerBytes(to, elf, index)),
    index,
  }));
  const last = entries.findLast(({ header }) => header.type === PT_LOAD);
  last?.bytes.writeBigUInt64LE(BigInt(placement.memoryBytes), 40);
  const { headers } = placement;
  const kept = headers.kind === "reused" ? entries.filter(({ index }) => index !== headers.index) : entries;
  // Ascending: the kernel takes the last one for the end of what it maps.
  const at = kept.findLastIndex(({ header }) => header.type === PT_LOAD) + 1;
  const lines: readonly Buffer[] = kept.map(({ bytes }) => bytes);
  const table = lines.toSpliced(at, 0, hookHeader(hook, placement));
  if (headers.kind === "grown") {
    for (const { header, bytes } of kept) if (header.type === PT_PHDR) growTable(bytes, table.length);
    to.writeUInt16LE(table.length, 56);
  }
  Buffer.concat(table).copy(to, elf.headersAt);
  hook.bytes.copy(to, placement.hookOffset);
}

function growTable(bytes: Buffer, count: number): void {
  for (const at of [32, 40]) bytes.writeBigUInt64LE(BigInt(count * PROGRAM_HEADER_BYTES), at);
}

/** Readable and executable, and as long in memory as in the file. */
function hookHeader({ bytes, architecture }: GoHook, { hookOffset, hookAddress }: Placement): Buffer {
  const header = Buffer.alloc(PROGRAM_HEADER_BYTES);
  header.writeUInt32LE(PT_LOAD, 0);
  header.writeUInt32LE(5, 4);
  const fields = [
    hookOffset,
    hookAddress,
    hookAddress,
    bytes.length,
    bytes.length,
    machines[architecture].page,
  ];
  for (const [index, field] of fields.entries()) header.writeBigUInt64LE(BigInt(field), 8 + index * 8);
  return header;
}

function headerBytes(file: Buffer, { headersAt }: GoElf, index: number): Buffer {
  const at = headersAt + index * PROGRAM_HEADER_BYTES;
  return file.subarray(at, at + PROGRAM_HEADER_BYTES);
}

function slotFor(file: Buffer, elf: GoElf): Headers | null {
  for (const type of [PT_NULL, PT_PAX_FLAGS, PT_NOTE]) {
    const index = elf.headers.findIndex((header) => header.type === type);
    if (index >= 0) return { kind: "reused", index };
  }
  return mayGrow(file, elf) ? { kind: "grown" } : null;
}

/** Go's linker leaves room behind the table, for its own sections first. Without a table of sections nobody knows what lies there. */
function mayGrow(file: Buffer, elf: GoElf): boolean {
  const wanted = behindHeaders(elf);
  if (elf.sections.length === 0 || elf.headers.length === 0xffff) return false;
  const isMapped = loadsOf(elf).some(
    ({ offset, fileBytes }) => offset <= elf.headersAt && wanted.end <= offset + fileBytes,
  );
  const others = elf.headers.filter(({ type }) => type !== PT_LOAD && type !== PT_PHDR).map(partOf);
  const taken = [
    ...others,
    ...elf.sections.map(({ offset, bytes }) => ({ start: offset, end: offset + bytes })),
  ];
  if (!isMapped || taken.some((part) => overlaps(part, wanted))) return false;
  const table = tableOf(elf);
  for (let at = wanted.start; at < wanted.end; at++) {
    if (file[at] !== 0 && (at < table.start || at >= table.end)) return false;
  }
  return true;
}

interface Part {
  readonly start: number;
  readonly end: number;
}

function behindHeaders({ headersAt, headers }: GoElf): Part {
  const start = headersAt + headers.length * PROGRAM_HEADER_BYTES;
  return { start, end: start + PROGRAM_HEADER_BYTES };
}

function tableOf({ sectionsAt, sectionsBytes }: GoElf): Part {
  return { start: sectionsAt, end: sectionsAt + sectionsBytes };
}

function partOf({ offset, fileBytes }: ProgramHeader): Part {
  return { start: offset, end: offset + fileBytes };
}

function overlaps(one: Part, other: Part): boolean {
  return one.start < other.end && other.start < one.end;
}

function align(value: number, to: number): number {
  return Math.ceil(value / to) * to;
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}
