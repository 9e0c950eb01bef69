import { expect, test } from "vitest";
import { sourceOf } from "./byte-source.ts";
import { readElf } from "./elf.ts";
import { makeElf, WRITABLE } from "./elf-for-test.ts";
import { buildInfo } from "./go-elf-for-test.ts";
import { goRelease, goVersion } from "./go-version.ts";

function versionIn(bytes: Buffer): string | null {
  const source = sourceOf(bytes);
  const elf = readElf(source);
  if (elf === null || typeof elf === "string") throw new Error(String(elf));
  return goVersion(source, elf);
}

const withData = (...data: readonly Buffer[]) =>
  makeElf({ segments: data.map((bytes) => ({ flags: WRITABLE, bytes })) });

/** As Go wrote it before 1.18: a pointer to a string, which is a pointer and a length. The segment lies at 0x1000. */
function oldBuildInfo(version: string, change: (bytes: Buffer) => void = () => undefined): Buffer {
  const head = Buffer.alloc(64);
  head.write("\xff Go buildinf:\x08\x00", "latin1");
  head.writeBigUInt64LE(0x1020n, 16);
  head.writeBigUInt64LE(0x1040n, 32);
  head.writeBigUInt64LE(BigInt(version.length), 40);
  const bytes = Buffer.concat([head, Buffer.from(version)]);
  change(bytes);
  return bytes;
}

test.each([
  "go1.22.3",
  "go1.19.8",
  "go1.22.1 X:nocoverageredesign",
  "devel go1.28-0a1b2c3d Mon Jan 5 12:00:00 2026 +0000",
])("reads %s in both forms", (version) => {
  expect(versionIn(withData(buildInfo(version)))).toBe(version);
  expect(versionIn(withData(oldBuildInfo(version)))).toBe(version);
});

test("reads a long one, whose length takes two bytes", () => {
  const version = `go1.22.3 X:${"x".repeat(180)}`;
  const head = buildInfo("").subarray(0, 32);
  const length = Buffer.from([(version.length & 127) | 128, version.length >> 7]);

  expect(versionIn(withData(Buffer.concat([head, length, Buffer.from(version)])))).toBe(version);
});

test("goes on behind a text that only looks like it", () => {
  const aligned = Buffer.concat([buildInfo("no version"), Buffer.alloc(64 - 44)]);

  expect(versionIn(withData(aligned, Buffer.concat([aligned, buildInfo("go1.22.3")])))).toBe("go1.22.3");
});

test.each<[what: string, bytes: Buffer]>([
  ["nothing", Buffer.alloc(64)],
  ["no version", buildInfo("gccgo")],
  ["what is not text", buildInfo("go1.22\x07")],
  ["a length behind the end", buildInfo("go1.22.3").fill(120, 32, 33).subarray(0, 40)],
  ["an empty one", buildInfo("")],
  ["the magic at the very end", Buffer.from("\xff Go buildinf:", "latin1")],
  ["pointers of 32 bits", oldBuildInfo("go1.15", (bytes) => bytes.writeUInt8(4, 14))],
  ["a pointer to nowhere", oldBuildInfo("go1.15", (bytes) => bytes.writeBigUInt64LE(2n ** 64n - 1n, 16))],
  ["a pointer from there to nowhere", oldBuildInfo("go1.15", (bytes) => bytes.writeBigUInt64LE(9n, 32))],
  ["a length without end", oldBuildInfo("go1.15", (bytes) => bytes.writeBigUInt64LE(2n ** 63n, 40))],
  ["no length", oldBuildInfo("go1.15", (bytes) => bytes.writeBigUInt64LE(0n, 40))],
])("reads none in %s", (_, bytes) => {
  expect(versionIn(withData(bytes))).toBeNull();
});

test.each([
  ["go1.19", 19],
  ["go1.22.3", 22],
  ["devel go1.28-0a1b2c3d", 28],
  ["go1.9rc2", 9],
  ["go2.0", null],
  ["devel +0a1b2c3d", null],
])("the release of %s is %s", (version, release) => {
  expect(goRelease(version)).toBe(release);
});
