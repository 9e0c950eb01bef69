import type { Architecture } from "./architecture.ts";
import { type GoElf, loadsOf, readGoElf } from "./go-elf.ts";
import { type GoHook, goHookFor } from "./go-hook.ts";
import { placeHook, writeHook } from "./go-segment.ts";
import { findGoSites, type GoSite, replaced } from "./go-site.ts";
import { isHookAt, makeUndo, originalIn, sha256Of } from "./go-undo.ts";
import { verifyGoPatch } from "./go-verify.ts";
import { type GoProgram, type Program, readProgram } from "./program.ts";
import { tierOf } from "./reach.ts";

/** A Go program with the hook in it. The same program always becomes the same bytes. */
export interface PatchedGo {
  readonly bytes: Buffer;
  readonly go: GoProgram;
}

/** Why a program cannot be patched; a clause for people, which begins with "it". */
export interface Unpatched {
  readonly problem: string;
}

/** Puts the hook into a Go program, for whichever Go since 1.19. Throws only where the hook is not the one that was built. */
export function patchGo(bytes: Uint8Array, architecture: Architecture): PatchedGo | Unpatched {
  return patchGoWith(goHookFor(architecture), bytes);
}

/** As `patchGo`, with this hook. */
export function patchGoWith(hook: GoHook, bytes: Uint8Array): PatchedGo | Unpatched {
  const original = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const program = readProgram(original);
  const go = program.kind === "elf" ? program.go : null;
  if (go !== null && isPatched(original)) return { problem: "it is patched already" };
  const packed = go === null && isPacked(original);
  if (packed)
    return { problem: "it is packed by UPX, which hides what there is to patch: take it as it was before" };
  const because = obstacleTo(program, hook.architecture);
  if (go === null || because !== null) return { problem: because ?? "it is no Go program" };
  const elf = readGoElf(original);
  if (typeof elf === "string") return { problem: `it is ${elf}` };
  const tail = tailOf(original, elf);
  if (tail !== null) return { problem: tail };
  const site = siteOf(original, elf, { hook, go });
  if (typeof site === "string") return { problem: site };
  const patched = withHook(original, { elf, hook, site });
  return typeof patched === "string" ? { problem: patched } : { bytes: patched, go };
}

function obstacleTo(program: Program, architecture: Architecture): string | null {
  if (program.kind === "script") return `it is a script, and what runs it is ${program.interpreter}`;
  const tier = tierOf(program, architecture);
  if (tier.by === "none") return tier.because;
  return tier.by === "preload"
    ? "it has no build information of Go: it is no Go program, or one of another compiler"
    : null;
}

/** Whether a program has a hook in it, of this version or of another. */
export function isPatchedGo({ buffer, byteOffset, length }: Uint8Array): boolean {
  const file = Buffer.from(buffer, byteOffset, length);
  return file.toString("latin1", 0, 6) === "\x7fELF\x02\x01" && isPatched(file);
}

function isPatched(file: Buffer): boolean {
  const elf = readGoElf(file);
  if (typeof elf === "string") return false;
  return loadsOf(elf).some(({ offset }) => isHookAt(file, offset));
}

/**
 * The program as it was before `patchGo`, of this version or of another, out of the patched one alone: its SHA-256 is the one that
 * was written down. Null: it is none, or somebody has changed it since.
 */
export function unpatchGo({ buffer, byteOffset, length }: Uint8Array): Buffer | null {
  const file = Buffer.from(buffer, byteOffset, length);
  if (!isPatchedGo(file)) return null;
  const elf = readGoElf(file);
  return typeof elf === "string" ? null : originalIn(file, elf);
}

/** What it unpacks itself with begins with its name. Source: l_info in stub/src/include/linux.h of UPX. */
function isPacked(file: Buffer): boolean {
  return file.toString("latin1", 0, 4) === "\x7fELF" && file.subarray(0, 4096).includes("UPX!");
}

/** Some linkers and `strip` leave zeros behind the end. */
const MOST_ZEROS = 65_536;

function tailOf(file: Buffer, { end }: GoElf): string | null {
  const tail = file.subarray(end);
  if (tail.length <= MOST_ZEROS && tail.every((byte) => byte === 0)) return null;
  return `it has ${tail.length} bytes behind its end as a program, which it would not find any more`;
}

function siteOf(file: Buffer, elf: GoElf, { hook, go }: { hook: GoHook; go: GoProgram }): GoSite | string {
  const sites = findGoSites(file, elf, hook.architecture);
  const [site] = sites;
  if (site !== undefined && sites.length === 1) return site;
  if (site === undefined) {
    return `its system calls are not made where ${go.version ?? "its Go"} is known to make them`;
  }
  return `it has ${sites.length} places where ${go.version ?? "its Go"} is known to make system calls, and one was expected`;
}

interface Parts {
  readonly elf: GoElf;
  readonly hook: GoHook;
  readonly site: GoSite;
}

function withHook(original: Buffer, { elf, hook, site }: Parts): Buffer | string {
  const placement = placeHook(original, { elf, hook, site });
  if (typeof placement === "string") return `it ${placement}`;
  const { hookAddress, hookOffset } = placement;
  const jump = jumpTo(hookAddress + hook.entry, site, hook);
  const back = wayBack(hookAddress + hook.wayBack, site, hook);
  if (jump === null || back === null) {
    return "it is so large that its system calls are out of reach of a jump from its end";
  }
  const patched = Buffer.allocUnsafeSlow(placement.fileBytes).fill(0, original.length);
  original.copy(patched);
  const sha256 = sha256Of(original);
  makeUndo(original, sha256, placement.replaced).copy(patched, placement.undoOffset);
  writeHook(patched, { elf, hook, placement });
  jump.copy(patched, site.offset);
  back.copy(patched, hookOffset + hook.wayBack);
  const wrong = verifyGoPatch(original, patched, hook, sha256);
  return wrong === null ? patched : `it came out wrong (${wrong})`;
}

/** What stands in the place of the system call; null when the hook is too far away. */
function jumpTo(entry: number, site: GoSite, { architecture }: GoHook): Buffer | null {
  if (architecture === "arm64") {
    const words = (entry - site.address) / 4;
    if (Math.abs(words) >= 2 ** 25 || !Number.isInteger(words)) return null;
    const branch = Buffer.alloc(replaced.arm64.bytes);
    branch.writeUInt32LE((0x14000000 | (words & 0x3ffffff)) >>> 0);
    return branch;
  }
  const jump = Buffer.from("e900000000909090", "hex");
  return put32(jump, 1, entry - (site.address + 5)) ? jump : null;
}

/** What the hook goes back by. */
function wayBack(address: number, site: GoSite, { architecture }: GoHook): Buffer | null {
  const to = site.address + replaced[architecture].backAt;
  if (architecture === "arm64") {
    const literal = Buffer.alloc(8);
    literal.writeBigInt64LE(BigInt(to - address));
    return literal;
  }
  const distance = Buffer.alloc(4);
  return put32(distance, 0, to - (address + 4)) ? distance : null;
}

function put32(to: Buffer, at: number, value: number): boolean {
  if (value < -(2 ** 31) || value >= 2 ** 31) return false;
  to.writeInt32LE(value, at);
  return true;
}
