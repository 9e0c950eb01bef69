import type { Architecture } from "./architecture.ts";
import type { GoHook } from "./go-hook.ts";
import { parseGoHook } from "./go-hook.ts";
import { patchGoWith } from "./patch-go.ts";

/** A made-up Go program; what is left out is what Go's own linker makes: its sections' table right behind the table of segments. */
export interface GoParts {
  readonly architecture?: Architecture;
  readonly position?: "fixed" | "independent";
  /** The line that may give way to the hook's. */
  readonly slot?: "note" | "pax" | "null" | "none";
  readonly sections?: "behind headers" | "at the end" | "none";
  /** What lies right behind the table of segments, if it is not the table of sections. */
  readonly behindHeaders?: Buffer;
  /** How often what makes system calls is there, in what may be executed. */
  readonly sites?: number;
  /** In which encoding, of x86_64. */
  readonly encoding?: "long" | "short" | "unknown";
  readonly version?: string | null;
  /** Another segment behind the one with the build information: 4 is to be read, 5 to be executed, too. */
  readonly lastFlags?: number;
  /** Of the last segment in memory, beyond the file. */
  readonly bss?: number;
  readonly tail?: Buffer;
  readonly text?: Buffer;
}

const long =
  "4989f24889fa4889ce4889df0f05483d01f0ffff761548f7d84889c148c7c0ffffffff48c7c300000000c34889d348c7c100000000c3";
const short =
  "4989f24889fa4889ce4889df0f05483d01f0ffff761348f7d84889c148c7c0ffffffffbb00000000c34889d3b900000000c3";
// As long as it is, with other ways to write the zeros.
const unknown = "4989f24889fa4889ce4889df0f05483d01f0ffff760f48f7d84889c14883c8ff31db9090c34889d331c990c3";
const arm =
  "e80740f9e00b40f9e10f40f9e21340f9e31740f9e41b40f9e51f40f9010000d41ffc3fb1e300005404008092e42300f9ff2700f9e00300cbe02b00f9c0035fd6e02300f9e12700f9ff2b00f9c0035fd6";

/** Source: the bytes that Go 1.19 and 1.27 made of runtime/internal/syscall and internal/runtime/syscall/linux. */
function syscall6(architecture: Architecture, encoding: "long" | "short" | "unknown" = "long"): Buffer {
  return Buffer.from(architecture === "arm64" ? arm : { long, short, unknown }[encoding], "hex");
}

const textAt = 0x1000;
const noteAt = 0xf80;

export function makeGo(parts: GoParts = {}): Buffer {
  const { architecture = "x86_64", slot = "note", sections = "behind headers", sites = 1 } = parts;
  const base = parts.position === "independent" ? 0 : 0x400000;
  const body = Buffer.concat([
    parts.text ?? Buffer.alloc(32, 0x90),
    ...Array.from({ length: sites }, () => padded(syscall6(architecture, parts.encoding), 32)),
  ]);
  const dataAt = textAt + Math.ceil(body.length / 0x1000) * 0x1000;
  const data = padded(buildInfo(parts.version === undefined ? "go1.22.3" : parts.version), 16);
  const dataAddress = base + dataAt + 0x10000;
  const lines = [
    line(6, 4, 64, base + 64, 0, 0),
    ...{ note: [line(4, 4, noteAt, base + noteAt, 100, 100)], pax: [], null: [], none: [] }[slot],
    line(1, 5, 0, base, textAt + body.length, textAt + body.length),
    line(1, 6, dataAt, dataAddress, data.length, data.length + (parts.bss ?? 0x2345)),
    ...(parts.lastFlags === undefined
      ? []
      : [line(1, parts.lastFlags, dataAt, dataAddress + 0x20_0000, 16, 16)]),
    line(0x6474e551, 6, 0, 0, 0, 0),
    ...{ pax: [line(0x65041580, 0, 0, 0, 0, 0)], null: [line(0, 0, 0, 0, 0, 0)], note: [], none: [] }[slot],
  ];
  const headersEnd = 64 + lines.length * 56;
  for (const at of [32, 40]) lines[0]?.writeBigUInt64LE(BigInt(lines.length * 56), at);
  const table = [
    section(0, 0, 0),
    section(1, textAt, body.length),
    section(1, dataAt, data.length),
    // .bss, of which the file has nothing.
    section(8, dataAt + data.length, 0x10_0000),
    ...(slot === "note" ? [section(7, noteAt, 100)] : []),
  ];
  const end = dataAt + data.length;
  const sectionsAt = { "behind headers": headersEnd, "at the end": end, none: 0 }[sections];
  const file = Buffer.alloc(end + (sections === "at the end" ? table.length * 64 : 0));
  file.write("\x7fELF\x02\x01\x01", "latin1");
  file.writeUInt16LE(parts.position === "independent" ? 3 : 2, 16);
  file.writeUInt16LE(architecture === "arm64" ? 183 : 62, 18);
  file.writeUInt32LE(1, 20);
  file.writeBigUInt64LE(BigInt(base + textAt), 24);
  file.writeBigUInt64LE(64n, 32);
  file.writeBigUInt64LE(BigInt(sectionsAt), 40);
  for (const [i, value] of [64, 56, lines.length, 64, sectionsAt === 0 ? 0 : table.length, 0].entries()) {
    file.writeUInt16LE(value, 52 + 2 * i);
  }
  Buffer.concat(lines).copy(file, 64);
  if (sectionsAt !== 0) Buffer.concat(table).copy(file, sectionsAt);
  parts.behindHeaders?.copy(file, headersEnd);
  body.copy(file, textAt);
  data.copy(file, dataAt);
  return Buffer.concat([file, parts.tail ?? Buffer.alloc(0)]);
}

function padded(bytes: Buffer, to: number): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((to - (bytes.length % to)) % to)]);
}

/** As Go writes it since 1.18. */
export function buildInfo(version: string | null): Buffer {
  if (version === null) return Buffer.alloc(64);
  const head = Buffer.alloc(32);
  head.write("\xff Go buildinf:\x08\x02", "latin1");
  return Buffer.concat([head, Buffer.from([version.length]), Buffer.from(version), Buffer.from([0])]);
}

function line(type: number, flags: number, ...fields: number[]): Buffer {
  const bytes = Buffer.alloc(56);
  bytes.writeUInt32LE(type, 0);
  bytes.writeUInt32LE(flags, 4);
  const [offset = 0, address = 0, fileBytes = 0, memoryBytes = 0] = fields;
  for (const [i, value] of [offset, address, address, fileBytes, memoryBytes, 0x1000].entries()) {
    bytes.writeBigUInt64LE(BigInt(value), 8 + 8 * i);
  }
  return bytes;
}

function section(type: number, offset: number, bytes: number): Buffer {
  const header = Buffer.alloc(64);
  header.writeUInt32LE(type, 4);
  header.writeBigUInt64LE(BigInt(offset), 24);
  header.writeBigUInt64LE(BigInt(bytes), 32);
  return header;
}

/** A hook without any code: its header, and bytes that say where they come from. */
export function makeHook(
  architecture: Architecture = "x86_64",
  change: (bytes: Buffer) => void = () => undefined,
): GoHook {
  return parseGoHook(hookBytes(architecture, change), architecture);
}

export function hookBytes(
  architecture: Architecture,
  change: (bytes: Buffer) => void = () => undefined,
): Buffer {
  const bytes = Buffer.alloc(1000, "hook");
  bytes.fill(0, 0, 64).write("UNPLUGH1", "latin1");
  bytes.writeUInt16LE(architecture === "arm64" ? 183 : 62, 8);
  bytes.writeUInt16LE(1, 10);
  const memory = 0x2000;
  const distance = memory + 2 * (architecture === "arm64" ? 0x10000 : 0x1000);
  for (const [i, value] of [bytes.length, distance, memory, 128, 512].entries())
    bytes.writeUInt32LE(value, 12 + 4 * i);
  change(bytes);
  return bytes;
}

export const slots = ["note", "pax", "null", "none"] as const;
export const placesOfSections = ["behind headers", "at the end", "none"] as const;

/** A made-up program with a made-up hook in it. */
export function patchedGo(parts: GoParts): Buffer {
  const made = patchGoWith(makeHook(parts.architecture), makeGo(parts));
  if ("problem" in made) throw new Error(made.problem);
  return made.bytes;
}

/** Why a program is refused; null when it is not. */
export function problemOf(bytes: Uint8Array, hook: GoHook = makeHook()): string | null {
  const made = patchGoWith(hook, bytes);
  return "problem" in made ? made.problem : null;
}
