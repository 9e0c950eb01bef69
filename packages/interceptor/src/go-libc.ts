import type { ByteSource } from "./byte-source.ts";
import type { Elf } from "./elf.ts";

/** What of C a Go program has in it: nothing, a libc that is linked into it, or one that a dynamic linker loads. */
export type Cgo = "none" | "static" | "dynamic";

/** A Go program as far as it depends on libc. */
export interface GoLibc {
  readonly cgo: Cgo;
  /** It has, or may have, libc's `getaddrinfo`, whose answers are not seen by a patch: `netdns=go` in GODEBUG keeps Go from it. */
  readonly asksLibc: boolean;
}

const PT_INTERP = 3;
const PT_DYNAMIC = 2;
const NEEDED = 1;
const STRINGS = 5;
const STRINGS_BYTES = 10;
const mostBytes = 16_777_216;

/** Reads how a Go program depends on libc, by what its dynamic linker is told; without one, by its first instruction. */
export function goLibc(source: ByteSource, elf: Elf): GoLibc {
  const hasLoader = elf.segments.some(({ type }) => type === PT_INTERP);
  if (!hasLoader) {
    const cgo = startsAsGo(source, elf) ? "none" : "static";
    // No name tells what of a libc is linked into it.
    return { cgo, asksLibc: cgo === "static" };
  }
  const tags = dynamicTags(source, elf);
  if (!tags.has(NEEDED)) return { cgo: "none", asksLibc: false };
  const names = bytesAt(source, elf, tags.get(STRINGS), Math.min(tags.get(STRINGS_BYTES) ?? 0, mostBytes));
  // A linker may have put the name at the end of a longer one.
  return { cgo: "dynamic", asksLibc: names?.includes("getaddrinfo\0", 0, "latin1") === true };
}

function dynamicTags(source: ByteSource, { segments }: Elf): ReadonlyMap<number, number> {
  const segment = segments.find(({ type }) => type === PT_DYNAMIC);
  const bytes = segment === undefined ? null : source.at(segment.offset, Math.min(segment.size, 65_536));
  const tags = new Map<number, number>();
  for (let at = 0; bytes !== null && at + 16 <= bytes.length; at += 16) {
    const tag = Number(bytes.readBigUInt64LE(at));
    if (tag === 0) break;
    tags.set(tag, Number(bytes.readBigUInt64LE(at + 8)));
  }
  return tags;
}

/** Go's own linker begins with a jump to the runtime; with a libc in it, a program begins with that one's `_start`. */
function startsAsGo(source: ByteSource, elf: Elf): boolean {
  const first = bytesAt(source, elf, elf.entry, 4)?.readUInt32LE(0) ?? 0;
  if (elf.machine === 62) return (first & 0xff) === 0xe9;
  // `b`, or `ldr x0, [sp]` before Go 1.20.
  return first >>> 26 === 5 || first === 0xf94003e0;
}

function bytesAt(
  source: ByteSource,
  { segments }: Elf,
  address: number | undefined,
  length: number,
): Buffer | null {
  if (address === undefined) return null;
  const segment = segments.find(
    (one) => one.type === 1 && address >= one.address && address + length <= one.address + one.size,
  );
  return segment === undefined ? null : source.at(address - segment.address + segment.offset, length);
}
