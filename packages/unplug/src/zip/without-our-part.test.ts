import { expect, test } from "vitest";
import { fc } from "../../../../test/support/fast-check.ts";
import { anyZip } from "./any-zip-for-test.ts";
import { ourPartOf } from "./our-part.ts";
import { withoutOurPart } from "./without-our-part.ts";
import { appended, folder, object, type TestEntry, testZip, wrapper } from "./zip-for-test.ts";

const theirs: readonly TestEntry[] = [
  { name: "index.mjs", content: Buffer.from("export {};"), isDeflated: true, descriptor: "signed" },
  { name: "lib/", content: Buffer.alloc(0), attributes: 0o40755 << 16, extra: Buffer.from("ux\0\0") },
  { name: "lib/a", descriptor: "bare", localExtra: Buffer.from("UT\0\0"), comment: "their own" },
];
const ours: readonly TestEntry[] = [
  { name: ".unplug/", content: Buffer.alloc(0), attributes: 0o40755 << 16 },
  { name: ".unplug/wrapper", content: Buffer.from("wrapper"), attributes: 0o100755 << 16, isDeflated: true },
  { name: ".unplug/undo", content: Buffer.from("packed anew"), descriptor: "signed" },
];
const ourBootstrap = { name: "bootstrap", content: Buffer.from("ours"), attributes: 0o100755 << 16 };
async function left(
  zip: Buffer,
  names: Partial<Parameters<typeof withoutOurPart>[1]> = {},
): Promise<Buffer | null> {
  const result = await withoutOurPart(zip, { folder, ...names });
  if ("problem" in result) throw new Error(result.problem.text);
  return result.zip;
}

test("whatever the zip: what was added to it goes without a trace, also when nobody has touched it", async () => {
  await fc.assert(
    fc.asyncProperty(anyZip, async (zip) => {
      const rest = await left(await appended(zip));

      expect(rest?.equals(zip)).toBe(true);
    }),
    { numRuns: 100 },
  );
});

test("whatever somebody has made of it: theirs keep their bytes and their order, and only the offsets change", async () => {
  const places = fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6 });
  const all = [...theirs, ...ours];
  await fc.assert(
    fc.asyncProperty(places, async (order) => {
      const mixed = order.flatMap((at) => all[at] ?? []);

      const rest = await left(testZip(mixed, { comment: "theirs" }));

      const expected = testZip(
        mixed.filter((entry) => !ours.includes(entry)),
        { comment: "theirs" },
      );
      expect(rest?.equals(expected)).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test.for(["./.unplug/wrapper", ".unplug\\wrapper", "/.unplug/wrapper"])("takes %s out, too", async (name) => {
  expect((await left(testZip([...theirs, { name }])))?.equals(testZip(theirs))).toBe(true);
});

test("says that nothing of ours is in a zip, and leaves what is only named like it", async () => {
  expect(await left(testZip([...theirs, { name: "lib/.unplug/undo" }, { name: ".unplugged" }]))).toBe(null);
});

test("takes files outside the folder only when they are named", async () => {
  const zip = testZip([ourBootstrap, ...ours, ...theirs]);

  expect((await left(zip))?.equals(testZip([ourBootstrap, ...theirs]))).toBe(true);
  expect((await left(zip, { outside: ["bootstrap"] }))?.equals(testZip(theirs))).toBe(true);
});

test.for(["none", "signed"] as const)(
  "what ours has replaced gets its content again, with its name, mode and time (descriptor: %s)",
  async (descriptor) => {
    const content = Buffer.alloc(90, "theirs");
    const zip = testZip([...theirs, { ...ourBootstrap, descriptor, extra: Buffer.from("ux\0\0") }, ...ours]);

    const rest = await left(zip, { replaced: [{ name: "bootstrap", content }] });

    expect(await ourPartOf(rest ?? zip, { folder, outside: ["bootstrap"] })).toMatchObject({
      part: { files: [{ name: "bootstrap", mode: 0o755, content }], undo: null },
    });
    expect(rest?.subarray(0, 80)).toEqual(testZip(theirs).subarray(0, 80));
  },
);

test("refuses entries that lie in one another", async () => {
  const zip = testZip([{ name: "a", content: Buffer.alloc(60) }, { name: ".unplug/x" }, { name: "b" }]);
  const directory = zip.readUInt32LE(zip.length - 6);
  // The offset of the entry that is ours.
  zip.writeUInt32LE(0, directory + 46 + 1 + 42);

  expect(await withoutOurPart(zip, { folder })).toMatchObject({ problem: { code: "broken-entry" } });
});

test("reads our files, whatever they are called, and nothing else", async () => {
  const zip = await appended(testZip(theirs), {
    folder,
    files: [wrapper, object, { name: "bootstrap", content: Buffer.from("ours"), mode: 0o700 }],
  });

  const result = await ourPartOf(zip, { folder, outside: ["bootstrap"], mostBytes: 2000 });

  expect(result).toEqual({
    part: {
      files: [
        { name: wrapper.name, length: wrapper.content.length, mode: 0o755, content: wrapper.content },
        { name: object.name, length: 3000, mode: 0o644, content: null },
        { name: "bootstrap", length: 4, mode: 0o700, content: Buffer.from("ours") },
      ],
      undo: {
        length: testZip(theirs).length,
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        seal: expect.any(String),
        hasSplices: false,
      },
    },
  });
});

test("reads what somebody has packed anew, without folders and without an undo", async () => {
  expect(await ourPartOf(testZip([...theirs, ...ours]), { folder })).toEqual({
    part: {
      files: [{ name: ".unplug/wrapper", length: 7, mode: 0o755, content: Buffer.from("wrapper") }],
      undo: null,
    },
  });
});

test("says that nothing of ours is in a zip, and that ours is broken", async () => {
  const zip = testZip([...theirs, ...ours]);
  zip.writeUInt8(0xff, zip.indexOf(".unplug/wrapper") + ".unplug/wrapper".length);

  expect(await ourPartOf(testZip(theirs), { folder })).toEqual({ part: null });
  expect(await ourPartOf(zip, { folder })).toEqual({
    problem: {
      code: "broken-entry",
      text: expect.stringMatching(/^The entry "\.unplug\/wrapper" is broken: 7 bytes/),
    },
  });
});
