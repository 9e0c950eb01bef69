import { expect, test } from "vitest";
import { makeElf } from "./elf-for-test.ts";
import { makeGo, makeHook, patchedGo, problemOf } from "./go-elf-for-test.ts";

const zeros = Buffer.alloc(65_536);
const signature = makeGo().subarray(0x1000 + 32, 0x1000 + 96);

interface Refused {
  readonly what: string;
  readonly bytes: Uint8Array;
  readonly because: string;
}

test.each<Refused>([
  { what: "nothing", bytes: Buffer.alloc(0), because: "it is an empty file" },
  { what: "text", bytes: Buffer.from("hello"), because: "it is neither an ELF program nor a script" },
  {
    what: "a script",
    bytes: Buffer.from("#!/bin/sh\n"),
    because: "it is a script, and what runs it is /bin/sh",
  },
  { what: "a program for Windows", bytes: Buffer.from("MZ\x90\0"), because: "it is a program for Windows" },
  { what: "a static program of another language", bytes: makeElf(), because: "it is linked statically" },
  {
    what: "a dynamic program of another language",
    bytes: makeElf({ segments: [{ type: 3, bytes: Buffer.from("/lib64/ld-linux-x86-64.so.2\0") }] }),
    because: "it has no build information of Go",
  },
  { what: "an object file", bytes: makeElf({ type: 1 }), because: "it is an object file" },
  {
    what: "32 bits",
    bytes: makeElf({ bits: 32, machine: 3 }),
    because: "it is built for neither x86_64 nor arm64",
  },
  {
    what: "another architecture",
    bytes: makeGo({ architecture: "arm64" }),
    because: "it is built for arm64",
  },
  {
    what: "no version of Go",
    bytes: makeGo({ version: "", sites: 0 }),
    because: "its system calls are not made where its Go is known to make them",
  },
  {
    what: "Go 1.18",
    bytes: makeGo({ version: "go1.18.10" }),
    because: "it was built with go1.18.10, and Go 1.19 is the first",
  },
  {
    what: "Go 1.15, without a place",
    bytes: makeGo({ version: "go1.15.15", sites: 0 }),
    because: "it was built with go1.15.15",
  },
  {
    what: "no place",
    bytes: makeGo({ sites: 0, version: "go1.40" }),
    because: "its system calls are not made where go1.40 is known to make them",
  },
  {
    what: "two places",
    bytes: makeGo({ sites: 2 }),
    because: "it has 2 places where go1.22.3 is known to make system calls, and one",
  },
  {
    what: "a place in data alone",
    bytes: withData(signature),
    because: "its system calls are not made where",
  },
  { what: "one that is patched", bytes: patchedGo({}), because: "it is patched already" },
  { what: "one that is packed", bytes: packed(), because: "it is packed by UPX" },
  {
    what: "what is appended",
    bytes: makeGo({ tail: Buffer.from("PK\x03\x04") }),
    because: "it has 4 bytes behind its end",
  },
  {
    what: "zeros with an end",
    bytes: makeGo({ tail: Buffer.concat([zeros.subarray(1), Buffer.from("x")]) }),
    because: "65536 bytes behind",
  },
  {
    what: "too many zeros",
    bytes: makeGo({ tail: Buffer.alloc(65_537) }),
    because: "it has 65537 bytes behind its end",
  },
  { what: "one cut short", bytes: makeGo().subarray(0, -1), because: "it is a truncated ELF file" },
  {
    what: "no writable segment at the end",
    bytes: makeGo({ lastFlags: 4 }),
    because: "it has no writable segment at its end",
  },
  {
    what: "one that may be executed at the end",
    bytes: makeGo({ lastFlags: 7 }),
    because: "it has no writable segment at its end",
  },
  {
    what: "no room behind the headers",
    bytes: makeGo({ slot: "none", sections: "at the end", behindHeaders: Buffer.alloc(56, "x") }),
    because: "it has no room for one more program header",
  },
])("refuses $what: $because", ({ bytes, because }) => {
  const before = Buffer.from(bytes);

  expect(problemOf(bytes)).toContain(because);
  expect(before.equals(bytes)).toBe(true);
});

function withData(bytes: Buffer): Buffer {
  const made = makeGo({ sites: 0, tail: bytes });
  const data = 64 + 56 * 3 + 32;
  const length = made.readBigUInt64LE(data) + BigInt(bytes.length);
  made.writeBigUInt64LE(length, data);
  return made;
}

function packed(): Buffer {
  const made = makeElf({ segments: [{ flags: 5, bytes: Buffer.from("\0\0\0\0UPX!\x0d\x16") }] });
  return made;
}

test("takes zeros behind the end for what they are", () => {
  for (const count of [1, 63, 65_536]) {
    expect(problemOf(makeGo({ tail: zeros.subarray(0, count) }))).toBeNull();
  }
});

test("goes on to where the system calls of a large arm64 program are too far from its end", () => {
  const of = makeHook("arm64");

  expect(problemOf(makeGo({ architecture: "arm64", bss: 120 * 2 ** 20 }), of)).toBeNull();
  expect(problemOf(makeGo({ architecture: "arm64", bss: 128 * 2 ** 20 }), of)).toContain(
    "out of reach of a jump",
  );
  expect(problemOf(makeGo({ bss: 128 * 2 ** 20 }))).toBeNull();
  expect(problemOf(makeGo({ bss: 2 ** 31 }))).toContain("out of reach of a jump");
});

test("refuses a program that loads the same bytes again and again: each time they would be searched", () => {
  const file = makeGo();
  const count = file.readUInt16LE(56);
  const at = Number(file.readBigUInt64LE(32));
  const again = Array.from({ length: 4 }, (_, i) => {
    const line = Buffer.alloc(56);
    line.writeUInt32LE(1, 0);
    line.writeUInt32LE(5, 4);
    line.writeBigUInt64LE(BigInt(0x10000000 * (i + 1)), 16);
    for (const sizeAt of [32, 40]) line.writeBigUInt64LE(BigInt(file.length), sizeAt);
    return line;
  });
  const padding = Buffer.alloc(-file.length & 7);
  const made = Buffer.concat([file, padding, file.subarray(at, at + count * 56), ...again]);
  made.writeBigUInt64LE(BigInt(file.length + padding.length), 32);
  made.writeUInt16LE(count + again.length, 56);

  expect(problemOf(made)).toBe("it is a damaged ELF file");
  made.writeUInt16LE(count, 56);
  expect(problemOf(made)).not.toBe("it is a damaged ELF file");
});
