import { expect, test } from "vitest";
import { architectures } from "./architecture.ts";
import { loadsOf, readGoElf } from "./go-elf.ts";
import {
  type GoParts,
  makeGo,
  makeHook,
  patchedGo,
  placesOfSections,
  problemOf,
  slots,
} from "./go-elf-for-test.ts";
import { verifyGoPatch } from "./go-verify.ts";
import { patchGoWith } from "./patch-go.ts";

for (const architecture of architectures) {
  test.each(
    slots.flatMap((slot) =>
      placesOfSections.map((sections): [GoParts] => [{ architecture, slot, sections }]),
    ),
  )("puts the hook into %j, unless there is no room", (parts) => {
    const isFull = parts.slot === "none" && parts.sections === "none";
    if (isFull) {
      expect(problemOf(makeGo(parts), makeHook(architecture))).toBe(
        "it has no room for one more program header",
      );
      return;
    }
    const [before, after] = [makeGo(parts), patchedGo(parts)];

    expect(verifyGoPatch(before, after, makeHook(architecture))).toBeNull();
    expect(after.equals(patchedGo(parts))).toBe(true);
    // What a page of a slot takes, the place of a table that moved, and less than a line to align either.
    expect(after.length - before.length).toBeLessThan(1000 + 5 * 64 + 72 + 56 + 8 * 5 + 18 + 7 * 56);
    const elf = readGoElf(after);
    if (typeof elf === "string") throw new Error(elf);
    expect(loadsOf(elf).map(({ flags }) => flags)).toEqual([5, 6, 5]);
    expect(elf.headers.some(({ type }) => type === 0x6474e551)).toBe(true);
  });
}

test.each(["long", "short", "unknown"] as const)("knows the %s encoding of Go's assembler", (encoding) => {
  expect(patchedGo({ encoding })).toHaveLength(patchedGo({}).length);
});

test("takes a program that does not say which Go it was built with, where the place is found", () => {
  const made = patchGoWith(makeHook(), makeGo({ version: "" }));

  expect(made).toMatchObject({ go: { version: null, cgo: "static" } });
  expect(problemOf(makeGo({ version: "", sites: 0 }))).toContain("not made where its Go is known");
});

test("leads the system call to the hook, and the hook back behind it", () => {
  const [before, after] = [makeGo(), patchedGo({})];
  const site = before.indexOf("0f05483d01f0ffff", 0, "hex");
  const segment = loadsOf(elfOf(after)).at(-1) ?? { address: 0, offset: 0 };
  const address = 0x400000 + site;

  expect(after.toString("hex", site + 5, site + 8)).toBe("909090");
  expect(after[site]).toBe(0xe9);
  expect(address + 5 + after.readInt32LE(site + 1)).toBe(segment.address + 128);
  expect(segment.address + 516 + after.readInt32LE(segment.offset + 512)).toBe(address + 8);
});

test("leads the system call to the hook on arm64, too", () => {
  const [before, after] = [makeGo({ architecture: "arm64" }), patchedGo({ architecture: "arm64" })];
  const site = before.indexOf("010000d41ffc3fb1", 0, "hex");
  const segment = loadsOf(elfOf(after)).at(-1) ?? { address: 0, offset: 0 };
  const address = 0x400000 + site;

  expect(after.readUInt32LE(site)).toBe(0x14000000 + (segment.address + 128 - address) / 4);
  expect(segment.address + 512 + Number(after.readBigInt64LE(segment.offset + 512))).toBe(address + 4);
});

test("a static program that begins with a libc may ask that one for names, and Go's own does not", () => {
  const jump = Buffer.concat([Buffer.from("e900000000", "hex"), Buffer.alloc(27, 0x90)]);
  const goOf = (parts: GoParts) => {
    const made = patchGoWith(makeHook(), makeGo(parts));
    return "go" in made ? made.go : made;
  };

  expect(goOf({})).toMatchObject({ cgo: "static", asksLibc: true });
  expect(goOf({ text: jump })).toMatchObject({ cgo: "none", asksLibc: false });
});

function elfOf(file: Buffer) {
  const elf = readGoElf(file);
  if (typeof elf === "string") throw new Error(elf);
  return elf;
}
