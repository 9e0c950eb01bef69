import type { Architecture } from "./architecture.ts";
import { prebuilt, readPrebuilt } from "./prebuilt-part.ts";

/** What is put into a Go program: code that stands before its system calls. It is linked at a fixed distance from its variables. */
export interface GoHook {
  readonly architecture: Architecture;
  /** The header with the code and its constants, as it is mapped. */
  readonly bytes: Buffer;
  /** Bytes from the start of its variables to its own start; a multiple of 64. */
  readonly distance: number;
  /** Bytes that its variables take, all of them zero at first. */
  readonly memory: number;
  /** Where calls come in, from its start. */
  readonly entry: number;
  /** From its start: what leads back. x86_64: a 32-bit distance from its own end. arm64: a 64-bit distance from itself. */
  readonly wayBack: number;
}

/** With this begins a hook, and nothing else that a program maps. */
export const hookMagic = Buffer.from("UNPLUGH1", "latin1");

const headerBytes = 64;

/** The e_machine of an ELF file, and the pages that an address is a multiple of on any Linux. Source: elf(5), Arm's page sizes. */
export const machines = {
  x86_64: { machine: 62, page: 4096 },
  arm64: { machine: 183, page: 65_536 },
} as const satisfies Record<Architecture, { machine: number; page: number }>;

/** Reads the hook for an architecture. Throws when it is missing or is not the one that was built. */
export function goHookFor(architecture: Architecture): GoHook {
  const { bytes } = readPrebuilt(prebuilt, `go-${architecture}.bin`, `go-${architecture}`);
  return parseGoHook(bytes, architecture);
}

/** Reads the header of a hook. Throws when it says what cannot be. */
export function parseGoHook(bytes: Buffer, architecture: Architecture): GoHook {
  const { machine, page } = machines[architecture];
  const isHook =
    bytes.length > headerBytes &&
    bytes.subarray(0, 8).equals(hookMagic) &&
    bytes.readUInt16LE(8) === machine &&
    bytes.readUInt16LE(10) === 1 &&
    bytes.readUInt32LE(12) === bytes.length;
  const [distance = 0, memory = 0, entry = 0, wayBack = 0] = isHook
    ? [16, 20, 24, 28].map((at) => bytes.readUInt32LE(at))
    : [];
  const fits =
    distance % 64 === 0 &&
    // Wherever the pages begin, what may be executed is in none of those that may be written to.
    distance >= memory + 2 * page - 2 &&
    isInCode(entry, 1, bytes.length) &&
    isInCode(wayBack, architecture === "arm64" ? 8 : 4, bytes.length);
  if (isHook && fits) return { architecture, bytes, distance, memory, entry, wayBack };
  throw new Error(
    `The hook for Go programs on ${architecture} has no header that can be. Install the package again.`,
  );
}

function isInCode(at: number, length: number, end: number): boolean {
  return at >= headerBytes && at + length <= end;
}
