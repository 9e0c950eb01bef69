import { expect, test } from "vitest";
import { fc } from "../../../test/support/fast-check.ts";
import { architectures } from "./architecture.ts";
import { makeGo, patchedGo, placesOfSections, slots } from "./go-elf-for-test.ts";
import { isPatchedGo, unpatchGo } from "./patch-go.ts";

const all = architectures.flatMap((architecture) =>
  slots.flatMap((slot) => placesOfSections.map((sections) => ({ architecture, slot, sections }))),
);

test("a patched program says how it was before, wherever the hook found its room", () => {
  for (const parts of all) {
    if (parts.slot === "none" && parts.sections === "none") continue;
    const tail = Buffer.alloc(13);
    expect(unpatchGo(patchedGo(parts))?.equals(makeGo(parts)), JSON.stringify(parts)).toBe(true);
    expect(unpatchGo(patchedGo({ ...parts, tail }))?.equals(makeGo({ ...parts, tail }))).toBe(true);
  }
});

test("what is none, or was changed since, has no original: never another one", () => {
  const parts = { slot: "none", sections: "behind headers" } as const;
  const [before, after] = [makeGo(parts), patchedGo(parts)];

  expect(unpatchGo(before)).toBeNull();
  expect(unpatchGo(Buffer.from("#!/bin/sh\n"))).toBeNull();
  fc.assert(
    fc.property(fc.nat(after.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const other = Buffer.from(after);
      other[at] = (other[at] ?? 0) ^ change;
      const original = unpatchGo(other);
      if (original !== null) expect(original.equals(before)).toBe(true);
    }),
    { numRuns: 600 },
  );
});

test("what somebody has put behind it since is not thrown away", () => {
  const behind = Buffer.from("their assets");
  for (const parts of all) {
    if (parts.slot === "none" && parts.sections === "none") continue;
    expect(unpatchGo(Buffer.concat([patchedGo(parts), behind])), JSON.stringify(parts)).toBeNull();
  }
});

test("a hook without what it was before, or with less, is told as patched and has no original", () => {
  const after = patchedGo({});
  const undo = after.indexOf("UNPLUGU1");
  const others = [
    after.subarray(0, undo),
    after.subarray(0, undo + 60),
    after.subarray(0, -1),
    Buffer.from(after).fill(0xff, undo + 40, undo + 52),
    Buffer.from(after).fill(0xff, undo + 48, undo + 52),
    Buffer.from(after).fill(0xff, undo + 56, undo + 64),
  ];

  for (const other of others) {
    expect(isPatchedGo(other)).toBe(true);
    expect(unpatchGo(other)).toBeNull();
  }
});
