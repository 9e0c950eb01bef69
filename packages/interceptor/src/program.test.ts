import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { fc } from "../../../test/support/fast-check.ts";
import { type ElfParts, interp, makeElf, PT_LOAD, PT_NOTE, WRITABLE } from "./elf-for-test.ts";
import { type Program, readProgram, readProgramFile } from "./program.ts";

const glibc = interp("/lib64/ld-linux-x86-64.so.2");
const magic = Buffer.from("\xff Go buildinf:\x08\x02", "latin1");
const staticProgram = {
  kind: "elf",
  architecture: "x86_64",
  linkage: "static",
  libc: "none",
  interpreter: null,
  go: null,
} as const;

function elf(parts: ElfParts): Extract<Program, { kind: "elf" }> {
  const program = readProgram(makeElf(parts));
  if (program.kind !== "elf") throw new Error(JSON.stringify(program));
  return program;
}

function file(write: (path: string) => void): string {
  const folder = mkdtempSync(join(tmpdir(), "unplug-program-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  write(join(folder, "program"));
  return join(folder, "program");
}

test.each<[what: string, parts: ElfParts, expected: Partial<Program>]>([
  ["a static program", {}, staticProgram],
  ["a static program at any address", { type: 3 }, staticProgram],
  ["64-bit ARM", { machine: 183 }, { architecture: "arm64" }],
  ["32-bit x86", { bits: 32, machine: 3 }, { architecture: "other", linkage: "static" }],
  ["x86-64 with 32-bit addresses", { bits: 32, machine: 62 }, { architecture: "other" }],
  [
    "32-bit ARM",
    { bits: 32, machine: 40, segments: [interp("/lib/ld-linux-armhf.so.3")] },
    { libc: "glibc" },
  ],
  ["big-endian 64-bit ARM", { littleEndian: false, machine: 183 }, { architecture: "other" }],
  [
    "s390x, which is big-endian",
    { littleEndian: false, machine: 22, segments: [interp("/lib/ld64.so.1")] },
    { architecture: "other", linkage: "dynamic", libc: "glibc", interpreter: "/lib/ld64.so.1" },
  ],
  [
    "32-bit PowerPC, which is big-endian",
    { bits: 32, littleEndian: false, machine: 20, segments: [interp("/lib/ld.so.1")] },
    { architecture: "other", linkage: "dynamic", libc: "glibc", interpreter: "/lib/ld.so.1" },
  ],
  ["RISC-V", { machine: 243 }, { architecture: "other" }],
])("reads %s", (_, parts, expected) => {
  expect(elf(parts)).toMatchObject(expected);
});

test.each([
  ["/lib64/ld-linux-x86-64.so.2", "glibc"],
  ["/lib/ld-linux-aarch64.so.1", "glibc"],
  ["/nix/store/abc-glibc-2.40/lib/ld-linux-x86-64.so.2", "glibc"],
  ["/lib/ld-2.17.so", "glibc"],
  ["/lib/ld-musl-x86_64.so.1", "musl"],
  ["/lib/ld-musl-aarch64.so.1", "musl"],
  ["/system/bin/linker64", "other"],
  ["/lib/ld-uClibc.so.0", "other"],
  ["/libexec/ld-elf.so.1", "other"],
])("knows by its dynamic linker %s that a program uses %s", (path, libc) => {
  expect(elf({ segments: [interp(path)] })).toMatchObject({ linkage: "dynamic", libc, interpreter: path });
});

test.each<[what: string, parts: ElfParts]>([
  ["a section with build information", { sections: [{ name: ".go.buildinfo", bytes: magic }] }],
  ["a section with the table of functions", { sections: [{ name: ".gopclntab", bytes: magic }] }],
  [
    "a note, without sections",
    {
      segments: [{ type: PT_NOTE, bytes: Buffer.from("\x04\0\0\0\x53\0\0\0\x04\0\0\0Go\0\0abcd", "latin1") }],
    },
  ],
  [
    "a note in a big-endian file",
    {
      littleEndian: false,
      segments: [{ type: PT_NOTE, bytes: Buffer.from("\0\0\0\x04\0\0\0\x53\0\0\0\x04Go\0\0abcd", "latin1") }],
    },
  ],
  ["the build information itself", { segments: [{ flags: WRITABLE, bytes: magic }] }],
  [
    "the build information far behind, in a dynamic program",
    { segments: [glibc, { flags: WRITABLE, bytes: Buffer.concat([Buffer.alloc(3_000_000), magic]) }] },
  ],
  [
    "the build information behind a text like it",
    {
      segments: [
        { flags: WRITABLE, bytes: Buffer.concat([Buffer.alloc(1), magic, Buffer.alloc(15), magic]) },
      ],
    },
  ],
])("knows a Go program by %s", (_, parts) => {
  expect(elf(parts).go).not.toBeNull();
  expect(elf({ ...parts, bits: 32 }).go).not.toBeNull();
});

test.each<[what: string, parts: ElfParts]>([
  ["the text as a constant", { segments: [{ type: PT_LOAD, flags: 4, bytes: magic }] }],
  [
    "the text where Go does not put it",
    { segments: [{ flags: WRITABLE, bytes: Buffer.concat([Buffer.alloc(8), magic]) }] },
  ],
  [
    "a note of somebody else",
    { segments: [{ type: PT_NOTE, bytes: Buffer.from("\x04\0\0\0\x04\0\0\0\x03\0\0\0GNU\0abcd") }] },
  ],
  [
    "sections of any other name",
    {
      sections: [
        { name: ".text", bytes: magic },
        { name: ".go.buildinfo2", bytes: magic },
      ],
    },
  ],
])("does not take a program for Go that has %s", (_, parts) => {
  expect(elf(parts).go).toBeNull();
});

test.each<[what: string, bytes: Buffer, because: string]>([
  ["an empty file", Buffer.alloc(0), "an empty file"],
  ["text", Buffer.from("echo hello\n"), "neither an ELF program nor a script"],
  ["an interpreter line without an interpreter", Buffer.from("#! \n"), "neither an ELF program nor a script"],
  ["a Windows program", Buffer.from("MZ\x90\0"), "a program for Windows"],
  ["a macOS program", Buffer.from("cffaedfe0c000001", "hex"), "a program for macOS"],
  ["the magic alone", Buffer.from("\x7fELF", "latin1"), "a damaged ELF file"],
  ["a class that there is not", makeElf().fill(3, 4, 5), "a damaged ELF file"],
  ["a byte order that there is not", makeElf().fill(0, 5, 6), "a damaged ELF file"],
  ["half a header", makeElf().subarray(0, 60), "a truncated ELF file"],
  ["headers behind the end", makeElf({ segments: [glibc] }).subarray(0, 150), "a truncated ELF file"],
  ["headers of another size", makeElf().fill(57, 54, 55), "a damaged ELF file"],
  ["more headers than Linux takes", makeElf().fill(0xff, 56, 58), "a damaged ELF file"],
  ["no headers", makeElf().fill(0, 56, 58), "a damaged ELF file"],
  ["an object file", makeElf({ type: 1 }), "an object file"],
  ["a core dump", makeElf({ type: 4 }), "a core dump"],
  ["an unknown type", makeElf({ type: 77 }), "an ELF file of an unknown type"],
  ["a library", makeElf({ type: 3, entry: 0 }), "a shared library"],
  ["a dynamic linker without a name", makeElf({ segments: [interp("")] }), "a damaged ELF file"],
  [
    "a dynamic linker without an end",
    makeElf({ segments: [{ ...glibc, bytes: Buffer.from("/lib/ld") }] }),
    "a damaged ELF",
  ],
  ["a dynamic linker behind the end", makeElf({ segments: [glibc] }).subarray(0, 180), "a damaged ELF file"],
  [
    "a long name of a dynamic linker",
    makeElf({ segments: [interp("/".repeat(4096))] }),
    "a damaged ELF file",
  ],
])("says of %s what it is", (_, bytes, what) => {
  expect(readProgram(bytes)).toEqual({ kind: "other", what: expect.stringContaining(what) });
});

test("runs without sections that can be read, as Linux does", () => {
  const bytes = makeElf({ segments: [glibc], sections: [{ name: ".text", bytes: magic }] });
  const expected = {
    ...staticProgram,
    linkage: "dynamic",
    libc: "glibc",
    interpreter: "/lib64/ld-linux-x86-64.so.2",
  };

  for (const [at, value] of [
    [40, 0xff],
    [58, 3],
    [60, 0],
    [62, 0xff],
  ] as const) {
    expect(readProgram(Buffer.from(bytes).fill(value, at, at + 2))).toEqual(expected);
  }
});

const anyPart = fc.record({
  type: fc.constantFrom(1, 2, 3, 4, 0x6474e550),
  flags: fc.nat(7),
  name: fc.constantFrom(".text", ".go.buildinfo", ""),
  bytes: fc.oneof(fc.uint8Array({ maxLength: 40 }).map(Buffer.from), fc.constantFrom(magic, glibc.bytes)),
});
const anyElf = fc
  .record({
    bits: fc.constantFrom(32 as const, 64 as const),
    littleEndian: fc.boolean(),
    type: fc.nat(5),
    machine: fc.constantFrom(3, 62, 183),
    segments: fc.array(anyPart, { maxLength: 3 }),
    sections: fc.array(anyPart, { maxLength: 3 }),
  })
  .map(makeElf);
const wrong = fc.record({
  at: fc.oneof(fc.nat(64), fc.nat(400)),
  bytes: fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 8 }), fc.constant(Buffer.alloc(8, 0xff))),
});

const mutated = fc
  .tuple(anyElf, fc.array(wrong, { maxLength: 4 }), fc.nat(600))
  .map(([bytes, changes, length]) => {
    for (const change of changes) Buffer.from(change.bytes).copy(bytes, Math.min(change.at, bytes.length));
    return bytes.subarray(0, length < 100 ? length : bytes.length);
  });
const arbitrary = fc.uint8Array({ maxLength: 300 });
const begun = arbitrary.map((bytes) => Buffer.concat([Buffer.from("\x7fELF\x02\x01\x01", "latin1"), bytes]));
const shebang = fc.string({ unit: "binary" }).map((text) => Buffer.from(`#!${text}`));
const anyBytes = fc.oneof(mutated, mutated, arbitrary, begun, shebang);

test("never throws, whatever the bytes are", () => {
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      expect(["elf", "script", "other"]).toContain(readProgram(bytes).kind);
    }),
    { numRuns: 5000 },
  );
});

test("says the same of a file as of its bytes", () => {
  const path = file((fresh) => writeFileSync(fresh, ""));
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      writeFileSync(path, bytes);
      expect(readProgramFile(path)).toEqual(readProgram(bytes));
    }),
  );
});

test("is fast with as many and as long names of sections as a hostile file can have", () => {
  const bytes = Buffer.alloc(64 + 56 + 65_535 * 64 + 1_000_000, "x");
  makeElf().copy(bytes);
  bytes.writeBigUInt64LE(120n, 40);
  bytes.writeUInt16LE(65_535, 60);
  bytes.writeUInt16LE(0, 62);
  for (let index = 0; index < 65_535; index++) bytes.writeUInt32LE(index, 120 + index * 64);
  bytes.writeBigUInt64LE(BigInt(120 + 65_535 * 64), 120 + 24);
  bytes.writeBigUInt64LE(1_000_000n, 120 + 32);
  const started = process.cpuUsage();

  expect(readProgram(bytes)).toEqual(staticProgram);
  const { user, system } = process.cpuUsage(started);
  // In microseconds.
  expect(user + system).toBeLessThan(2_000_000);
});

test("reads of a program of 300 MB only what says what it is, in less than 50 ms", () => {
  const path = file((fresh) => {
    const head = makeElf({ segments: [glibc, { flags: WRITABLE, bytes: Buffer.alloc(16) }] });
    head.writeBigUInt64LE(299_000_000n, 64 + 2 * 56 + 32);
    const descriptor = openSync(fresh, "w");
    ftruncateSync(descriptor, 300_000_000);
    writeSync(descriptor, head, 0, head.length, 0);
    closeSync(descriptor);
  });
  const times = Array.from({ length: 7 }, () => {
    const started = process.cpuUsage();
    const program = readProgramFile(path);
    const { user, system } = process.cpuUsage(started);
    expect(program).toMatchObject({ kind: "elf", linkage: "dynamic", go: null });
    return (user + system) / 1000;
  });

  // Of the processor, since the machine may be busy; the first one also pays for what is compiled.
  expect(Math.min(...times)).toBeLessThan(50);
});

test("says which file cannot be read", () => {
  const path = join(tmpdir(), "unplug-no-such-program");

  expect(() => readProgramFile(path)).toThrow(path);
});
