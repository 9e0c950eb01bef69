import { expect, test } from "vitest";
import { fc } from "../../../test/support/fast-check.ts";
import type { Architecture } from "./architecture.ts";
import { makeGo, makeHook, patchedGo, placesOfSections, problemOf, slots } from "./go-elf-for-test.ts";
import { verifyGoPatch } from "./go-verify.ts";
import { patchGoWith } from "./patch-go.ts";

const anyArchitecture = fc.constantFrom<Architecture>("x86_64", "arm64");
const anyParts = fc.record({
  architecture: anyArchitecture,
  position: fc.constantFrom("fixed" as const, "independent" as const),
  slot: fc.constantFrom(...slots),
  sections: fc.constantFrom(...placesOfSections),
  encoding: fc.constantFrom("long" as const, "short" as const, "unknown" as const),
  sites: fc.constantFrom(1, 1, 1, 1, 0, 2),
  bss: fc.nat(300_000),
  text: fc.nat(9000).map((length) => Buffer.alloc(Math.floor(length / 4) * 4, 0x90)),
  tail: fc.oneof(fc.constant(Buffer.alloc(0)), fc.nat(200).map(Buffer.alloc)),
});

test("whatever it takes comes out right", () => {
  let taken = 0;
  fc.assert(
    fc.property(anyParts, (parts) => {
      const of = makeHook(parts.architecture);
      const before = makeGo(parts);
      const made = patchGoWith(of, before);
      if ("problem" in made) {
        expect(made.problem).toMatch(/no room|are not made where|has 2 places/);
        return;
      }
      taken++;
      expect(verifyGoPatch(before, made.bytes, of)).toBeNull();
      expect(problemOf(made.bytes, of)).toBe("it is patched already");
    }),
    { numRuns: 200 },
  );
  expect(taken).toBeGreaterThan(50);
});

/** Values at which sizes and offsets go wrong, beside any. */
const anyBytes = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 8 }).map((bytes) => Buffer.from(bytes)),
  fc
    .constantFrom("ffffffffffffffff", "0000000000000080", "ffffffffffffff7f", "0000000000000000", "ffff")
    .map((hex) => Buffer.from(hex, "hex")),
);
const anyChanges = fc.array(fc.tuple(fc.oneof(fc.nat(64 + 6 * 56 + 320), fc.nat(12_000)), anyBytes), {
  minLength: 1,
  maxLength: 4,
});

test("never throws and never takes what comes out wrong, whatever is done to a program", () => {
  fc.assert(
    fc.property(anyParts, anyChanges, fc.option(fc.nat(13_000)), (parts, changes, length) => {
      const of = makeHook(parts.architecture);
      const before = makeGo(parts);
      for (const [at, bytes] of changes) bytes.copy(before, Math.min(at, before.length));
      const given = before.subarray(0, length ?? before.length);
      const copy = Buffer.from(given);
      const made = patchGoWith(of, given);

      expect(given.equals(copy)).toBe(true);
      if (!("problem" in made)) expect(verifyGoPatch(given, made.bytes, of)).toBeNull();
      else expect(made.problem).toMatch(/^its? /);
      if ("problem" in made) expect(made.problem).not.toContain("came out wrong");
    }),
    { numRuns: 1000 },
  );
});

test("a patched program with any other byte in it is found to be wrong", () => {
  const of = makeHook("x86_64");
  for (const parts of [{}, { slot: "none" }, { slot: "pax", sections: "none" }] as const) {
    const [before, after] = [makeGo(parts), patchedGo(parts)];
    fc.assert(
      fc.property(fc.nat(after.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const wrong = Buffer.from(after);
        wrong[at] = (wrong[at] ?? 0) ^ change;
        expect(verifyGoPatch(before, wrong, of)).not.toBeNull();
      }),
      { numRuns: 400 },
    );
    expect(verifyGoPatch(before, after.subarray(0, -1), of)).not.toBeNull();
    expect(verifyGoPatch(before, Buffer.concat([after, Buffer.alloc(1)]), of)).not.toBeNull();
    expect(verifyGoPatch(before, before, of)).not.toBeNull();
  }
});

test("a hook that is not the one that was asked for is found to be wrong", () => {
  const other = makeHook("x86_64", (bytes) => bytes.fill(0x90, 700, 701));

  expect(verifyGoPatch(makeGo(), patchedGo({}), other)).toBe("the hook is not the released one");
});
