import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { architectures } from "./architecture.ts";
import { type Dynamic, readDynamic } from "./dynamic-for-test.ts";
import { interceptorFor } from "./interceptor-for.ts";

/** What libc has to bring: all in glibc since before 2.17, and in musl. */
const wanted = [
  { name: "__errno_location", isWeak: true },
  { name: "dl_iterate_phdr", isWeak: true },
  { name: "environ", isWeak: true },
];

/** The functions that a program calls and that are ours instead. */
const interposed = [
  "connect",
  "sendto",
  "sendmsg",
  "sendmmsg",
  "getaddrinfo",
  "gethostbyname",
  "gethostbyname2",
  "gethostbyname_r",
  "gethostbyname2_r",
  "read",
  "recv",
  "recvfrom",
  "recvmsg",
  "recvmmsg",
  "__read_chk",
  "__recv_chk",
  "__recvfrom_chk",
];

const machines = { x86_64: 62, arm64: 183 };
/** R_*_64 or ABS64, GLOB_DAT, JUMP_SLOT, RELATIVE: every dynamic linker knows them. */
const relocations = { x86_64: [1, 6, 7, 8], arm64: [257, 1025, 1026, 1027] };

const executable = 1;
const writable = 2;

/** Tags that none of them may have. Source: elf.h. */
const forbidden = {
  NEEDED: 1,
  INIT: 12,
  FINI: 13,
  TEXTREL: 22,
  INIT_ARRAY: 25,
  FINI_ARRAY: 26,
  PREINIT_ARRAY: 32,
  // Only glibc from 2.36 on reads it.
  RELR: 36,
  VERSYM: 0x6ffffff0,
  VERDEF: 0x6ffffffc,
  VERNEED: 0x6ffffffe,
};

function namesOf(object: Dynamic, isDefined: boolean): string[] {
  return object.symbols
    .filter((symbol) => symbol.isDefined === isDefined)
    .map(({ name }) => name)
    .toSorted();
}

describe.each(architectures)("the object for %s", (architecture) => {
  const bytes = Buffer.from(interceptorFor(architecture).bytes);
  const object = readDynamic(bytes);

  test("is for this machine", () => {
    expect(object.machine).toBe(machines[architecture]);
  });

  test("needs no library and no version of one, and runs nothing when it is loaded", () => {
    const found = Object.entries(forbidden).filter(([, tag]) => object.tags.has(tag));

    expect(found).toEqual([]);
    const [textRelocations, flags] = [4, object.tags.get(30) ?? 0];
    expect(flags & textRelocations).toBe(0);
  });

  test("takes from libc what is on the list, and nothing else", () => {
    const found = object.symbols.filter(({ isDefined }) => !isDefined);

    expect(found.map(({ name, isWeak }) => ({ name, isWeak }))).toEqual(expect.arrayContaining(wanted));
    expect(namesOf(object, false)).toEqual(wanted.map(({ name }) => name));
  });

  test("takes the place of the functions on the list, and of no other", () => {
    expect(namesOf(object, true)).toEqual(interposed.toSorted());
  });

  test("has nothing for threads, no executable stack and no code that can be written to", () => {
    const [threadLocal, stack] = [7, 0x6474e551];
    const types = object.segments.map(({ type }) => type);

    expect(types).not.toContain(threadLocal);
    expect(types).toContain(stack);
    const stacks = object.segments.filter(({ type }) => type === stack);
    expect(stacks.filter(({ flags }) => (flags & executable) !== 0)).toEqual([]);
    const both = executable | writable;
    expect(object.segments.filter(({ flags }) => (flags & both) === both)).toEqual([]);
  });

  test("asks the dynamic linker for what every one of them can do", () => {
    expect(object.relocations.length).toBeGreaterThan(0);
    expect(relocations[architecture]).toEqual(expect.arrayContaining([...new Set(object.relocations)]));
  });

  test("is at most 20 KiB large, and about 12 KB gzipped", () => {
    expect(bytes.length).toBeLessThanOrEqual(20_480);
    expect(gzipSync(bytes, { level: 9 }).length).toBeLessThanOrEqual(12_500);
  });
});
