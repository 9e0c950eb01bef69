import type { Architecture } from "./architecture.ts";
import { type GoElf, loadsOf } from "./go-elf.ts";

/** The one place of a Go program where its system calls are made. */
export interface GoSite {
  /** Of the bytes that are replaced, in the file. */
  readonly offset: number;
  /** The same in memory, as the file says it. */
  readonly address: number;
}

interface Signature {
  /** The function from its first byte to behind what is compared after the call. */
  readonly start: Buffer;
  /** From there to what is replaced. */
  readonly replacedAt: number;
  readonly aligned: number;
  /** Whether what follows is the rest of the function, however the assembler wrote it down. */
  readonly continues: (rest: Buffer) => boolean;
}

/**
 * The function Syscall6 of runtime/internal/syscall, internal/runtime/syscall or internal/runtime/syscall/linux: its source is the
 * same in Go 1.19 to 1.27. On x86_64 the assembler of 1.27 writes the two zeros after the call in fewer bytes.
 * Source: asm_linux_amd64.s and asm_linux_arm64.s there.
 */
const signatures: Readonly<Record<Architecture, Signature>> = {
  x86_64: {
    // Four moves of arguments, syscall, cmp $-4095, %rax.
    start: Buffer.from("4989f24889fa4889ce4889df0f05483d01f0ffff", "hex"),
    replacedAt: 12,
    aligned: 1,
    continues: continuesX86,
  },
  arm64: {
    // Seven loads of arguments, svc #0, cmn x0, #4095.
    start: Buffer.from("e80740f9e00b40f9e10f40f9e21340f9e31740f9e41b40f9e51f40f9010000d41ffc3fb1", "hex"),
    replacedAt: 28,
    aligned: 4,
    continues: continuesArm,
  },
};

/** How many bytes are replaced, and how far behind their first the program goes on. */
export const replaced = {
  x86_64: { bytes: 8, backAt: 8 },
  arm64: { bytes: 4, backAt: 4 },
} as const satisfies Record<Architecture, { bytes: number; backAt: number }>;

/** All places in what may be executed that look like it: patched is a program with exactly one. */
export function findGoSites(file: Buffer, elf: GoElf, architecture: Architecture): readonly GoSite[] {
  const { start, replacedAt, aligned, continues } = signatures[architecture];
  const found = new Map<number, GoSite>();
  for (const { flags, offset, address, fileBytes } of loadsOf(elf)) {
    if ((flags & 1) === 0) continue;
    const code = file.subarray(offset, offset + fileBytes);
    for (let at = code.indexOf(start); at >= 0; at = code.indexOf(start, at + 1)) {
      if ((address + at) % aligned !== 0 || !continues(code.subarray(at + start.length))) continue;
      const site = at + replacedAt;
      found.set(offset + site, { offset: offset + site, address: address + site });
    }
  }
  return [...found.values()];
}

/** `jbe` over `neg %rax` ... `ret` to `mov %rdx, %rbx` ... `ret`. */
function continuesX86(rest: Buffer): boolean {
  const [jump = 0, distance = 0] = rest;
  const failure = rest.subarray(2, 2 + distance);
  const success = rest.subarray(2 + distance, 2 + distance + 16);
  return (
    jump === 0x76 &&
    distance <= 64 &&
    failure.toString("hex", 0, 3) === "48f7d8" &&
    failure.at(-1) === 0xc3 &&
    success.toString("hex", 0, 3) === "4889d3" &&
    success.includes(0xc3)
  );
}

/** `b.cc` over what ends in `ret`, to what ends in `ret`. */
function continuesArm(rest: Buffer): boolean {
  if (rest.length < 4) return false;
  const branch = rest.readUInt32LE(0);
  const words = (branch >>> 5) & 0x7ffff;
  const ret = Buffer.from("c0035fd6", "hex");
  return (
    (branch & 0xff00001f) >>> 0 === 0x54000003 &&
    words <= 32 &&
    rest.subarray(words * 4 - 4, words * 4).equals(ret) &&
    rest.subarray(words * 4, words * 4 + 64).includes(ret)
  );
}
