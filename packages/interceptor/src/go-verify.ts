import {
  type GoElf,
  loadsOf,
  PROGRAM_HEADER_BYTES,
  type ProgramHeader,
  PT_LOAD,
  PT_PHDR,
  readGoElf,
} from "./go-elf.ts";
import { type GoHook, hookMagic, machines } from "./go-hook.ts";
import { findGoSites, type GoSite, replaced } from "./go-site.ts";
import { makeUndo, replacedParts, sha256Of, undoAt } from "./go-undo.ts";

/** Two readings of what should be one program, before the hook was put in and after. */
interface Pair {
  readonly original: Buffer;
  readonly patched: Buffer;
  readonly before: GoElf;
  readonly after: GoElf;
  readonly hook: GoHook;
}

/**
 * Reads a patched program again and says what is wrong with it; null for nothing.
 *
 * It has to be the original but for the place of its system calls, its tables and what is appended; and that has to be the hook.
 */
export function verifyGoPatch(
  original: Buffer,
  patched: Buffer,
  hook: GoHook,
  sha256 = sha256Of(original),
): string | null {
  const [before, after] = [readGoElf(original), readGoElf(patched)];
  if (typeof before === "string") return `the original is ${before}`;
  if (typeof after === "string") return `the patched program is ${after}`;
  const pair = { original, patched, before, after, hook };
  const sites = findGoSites(original, before, hook.architecture);
  const site = sites[0];
  if (site === undefined || sites.length !== 1) return `the original has ${sites.length} places to patch`;
  return whereHookIsWrong(pair, site) ?? whereTablesDiffer(pair) ?? whereBytesDiffer(pair, site, sha256);
}

function whereHookIsWrong({ patched, before, after, hook }: Pair, site: GoSite): string | null {
  const found = loadsOf(after).filter(({ offset }) => patched.subarray(offset, offset + 8).equals(hookMagic));
  const segment = found[0];
  if (segment === undefined || found.length !== 1) return `${found.length} segments are hooks`;
  const { page } = machines[hook.architecture];
  const { offset, address, fileBytes, flags } = segment;
  const line = [5, offset, address, address, hook.bytes.length, hook.bytes.length, page];
  if (flags !== 5 || !fieldsOf(patched, after, segment).every((field, i) => field === line[i])) {
    return "the hook is mapped otherwise";
  }
  if ((address - offset) % page !== 0) return "the hook's address does not agree with its place in the file";
  const [backAt, backEnd] = [hook.wayBack, hook.wayBack + (hook.architecture === "arm64" ? 8 : 4)];
  const bytes = patched.subarray(offset, offset + fileBytes);
  const isReleased = [
    [0, backAt],
    [backEnd, fileBytes],
  ].every(([from, to]) => bytes.subarray(from, to).equals(hook.bytes.subarray(from, to)));
  if (!isReleased) return "the hook is not the released one";
  const back = site.address + replaced[hook.architecture].backAt;
  if (addressAfter(bytes, address, hook) !== back) return "the hook does not lead back behind the call";
  if (jumpAt(patched, site, hook) !== address + hook.entry) return "the program does not lead to the hook";
  return whereMemoryIsWrong({ before, after, hook }, address - hook.distance);
}

/** The hook's variables: in the last segment, behind all that it had, in no page with the hook. */
function whereMemoryIsWrong(
  { before, after, hook }: Pick<Pair, "before" | "after" | "hook">,
  from: number,
): string | null {
  const [was, is] = [loadsOf(before).at(-1), loadsOf(after).at(-2)];
  if (was === undefined || is === undefined) return "a segment is missing";
  const { page } = machines[hook.architecture];
  const to = from + hook.memory;
  const hasRoom = was.address + was.memoryBytes <= from && to <= is.address + is.memoryBytes;
  if (!hasRoom || (is.flags & 3) !== 2) return "the hook's variables have no memory";
  const end = Math.ceil((is.address + is.memoryBytes) / page) * page;
  const start = Math.floor((from + hook.distance) / page) * page;
  return end <= start ? null : "the hook shares a page with what may be written to";
}

/** Where the hook goes on to when it has ended. */
function addressAfter(bytes: Buffer, address: number, { architecture, wayBack }: GoHook): number {
  if (architecture === "arm64") return address + wayBack + Number(bytes.readBigInt64LE(wayBack));
  return address + wayBack + 4 + bytes.readInt32LE(wayBack);
}

/** Where the program goes instead of making its system call; null when that is no jump. */
function jumpAt(patched: Buffer, { offset, address }: GoSite, { architecture }: GoHook): number | null {
  if (architecture === "arm64") {
    const word = patched.readUInt32LE(offset);
    return word >>> 26 === 5 ? address + ((word << 6) >> 4) : null;
  }
  const isJump = patched[offset] === 0xe9 && patched.toString("hex", offset + 5, offset + 8) === "909090";
  return isJump ? address + 5 + patched.readInt32LE(offset + 1) : null;
}

/** What a run does not need: nothing, a mark of PaX, a note. */
const mayGo = [0, 0x65041580, 4];

/** Every line of the table is there as it was, but for one that may go, the hook's, the last segment's length and the table's own. */
function whereTablesDiffer({ original, patched, before, after, hook }: Pair): string | null {
  const ours = after.headers.findLast(({ type }) => type === PT_LOAD);
  const memoryEnd = (ours?.address ?? 0) - hook.distance + hook.memory;
  const last = before.headers.findLast(({ type }) => type === PT_LOAD);
  const was = before.headers.map((header, i) => {
    const line = Buffer.from(lineOf(original, before, i));
    if (header === last) line.writeBigUInt64LE(BigInt(memoryEnd - header.address), 40);
    if (header.type === PT_PHDR && after.headers.length > before.headers.length) {
      for (const at of [32, 40])
        line.writeBigUInt64LE(BigInt(after.headers.length * PROGRAM_HEADER_BYTES), at);
    }
    return line.toString("hex");
  });
  const is = after.headers.flatMap((header, i) =>
    header === ours ? [] : [lineOf(patched, after, i).toString("hex")],
  );
  const first = was.findIndex((line, i) => line !== is[i]);
  const gone = is.length < was.length ? before.headers[first]?.type : 0;
  const expected = is.length < was.length ? was.toSpliced(first, 1) : was;
  const fits = gone !== undefined && mayGo.includes(gone) && expected.join() === is.join();
  return fits ? null : "the table of segments is another one";
}

function lineOf(file: Buffer, { headersAt }: GoElf, index: number): Buffer {
  return file.subarray(
    headersAt + index * PROGRAM_HEADER_BYTES,
    headersAt + (index + 1) * PROGRAM_HEADER_BYTES,
  );
}

/** The flags, and then the 64-bit fields from the offset to the alignment. */
function fieldsOf(file: Buffer, elf: GoElf, header: ProgramHeader): number[] {
  const line = lineOf(file, elf, elf.headers.indexOf(header));
  return [line.readUInt32LE(4), ...[8, 16, 24, 32, 40, 48].map((at) => Number(line.readBigUInt64LE(at)))];
}

/** Outside of what may differ, and in what is appended. */
function whereBytesDiffer(
  { original, patched, before, after, hook }: Pair,
  site: GoSite,
  sha256: Buffer,
): string | null {
  const hasMoved = before.sectionsAt !== after.sectionsAt;
  const hasGrown = before.headers.length < after.headers.length;
  const { architecture } = hook;
  const parts = replacedParts(before, { lines: after.headers.length, site, architecture });
  const mayDiffer = parts
    .filter(({ offset }) => (offset === 40 ? hasMoved : offset !== 56 || hasGrown))
    .toSorted((one, other) => one.offset - other.offset);
  let at = 0;
  for (const { offset, length } of [...mayDiffer, { offset: original.length, length: 0 }]) {
    if (!original.subarray(at, offset).equals(patched.subarray(at, offset)))
      return `it differs between ${at} and ${offset}`;
    at = offset + length;
  }
  if (before.headersAt !== after.headersAt) return "the table of segments has moved";
  const [was, is] = [sectionsOf(original, before), sectionsOf(patched, after)];
  if (!was.equals(is)) return "the table of sections is another one";
  const hookAt = loadsOf(after).at(-1)?.offset ?? 0;
  const hookEnd = hookAt + hook.bytes.length;
  const undo = makeUndo(original, sha256, parts);
  const undoEnd = undoAt(hookEnd) + undo.length;
  if (!patched.subarray(undoAt(hookEnd), undoEnd).equals(undo)) return "it does not say how it was before";
  const end = hasMoved ? after.end : undoEnd;
  const behind = patched.subarray(undoEnd, hasMoved ? after.sectionsAt : end);
  const gaps = [
    ...patched.subarray(original.length, hookAt),
    ...patched.subarray(hookEnd, undoAt(hookEnd)),
    ...behind,
  ];
  const isAll = gaps.length < 64 + 8 + 8 && gaps.every((byte) => byte === 0) && patched.length === end;
  return isAll ? null : "more than the hook is appended";
}

function sectionsOf(file: Buffer, { sectionsAt, sectionsBytes }: GoElf): Buffer {
  return file.subarray(sectionsAt, sectionsAt + sectionsBytes);
}
