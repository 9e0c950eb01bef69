import { expect, test } from "vitest";
import { fc } from "../../../../test/support/fast-check.ts";
import { anyZip } from "./any-zip-for-test.ts";
import { appendToZip } from "./append.ts";
import {
  addition,
  appended,
  directoryOffsetOf,
  folder,
  object,
  takenOut,
  testZip,
  wrapper,
} from "./zip-for-test.ts";

test("whatever the zip: its entries keep their bytes, its records come first, and it is taken out as it was", async () => {
  await fc.assert(
    fc.asyncProperty(anyZip, async (zip) => {
      const offset = directoryOffsetOf(zip);
      const end = zip.lastIndexOf(Buffer.from("PK\x05\x06", "latin1"));

      const added = await appended(zip);

      const newOffset = directoryOffsetOf(added);
      const directory = zip.subarray(offset, end);
      expect(added.subarray(0, offset).equals(zip.subarray(0, offset))).toBe(true);
      expect(added.subarray(newOffset, newOffset + directory.length).equals(directory)).toBe(true);
      expect(added.subarray(added.length - (zip.length - end - 20)).equals(zip.subarray(end + 20))).toBe(
        true,
      );
      expect((await takenOut(added)).equals(zip)).toBe(true);
    }),
    { numRuns: 150 },
  );
});

test("the same input gives the same bytes, and the input stays as it is", async () => {
  const zip = testZip([{ name: "index.mjs" }, { name: "lib/", content: Buffer.alloc(0) }]);
  const before = Buffer.from(zip);

  const [one, other] = [await appended(zip), await appended(zip)];

  expect(one).toEqual(other);
  expect(zip).toEqual(before);
});

test("an empty zip gets our files and the undo, and is taken out as the 22 bytes that it was", async () => {
  const zip = testZip([], { comment: "" });

  const added = await appended(zip);

  expect(zip.length).toBe(22);
  expect(added.readUInt16LE(added.length - 12)).toBe(3);
  expect((await takenOut(added)).equals(zip)).toBe(true);
});

test("nothing but the undo may be added", async () => {
  const zip = testZip([{ name: "a" }]);

  expect((await takenOut(await appended(zip, { folder, files: [] }))).equals(zip)).toBe(true);
});

test("a zip with the most entries that a zip can have is added to, and one more is refused", async () => {
  const zip = listedTimes(0xfffe - 3);

  expect((await takenOut(await appended(zip))).equals(zip)).toBe(true);
  expect(await appendToZip(listedTimes(0xfffe - 2), addition)).toEqual({
    problem: {
      code: "too-many-entries",
      text: "The zip would have 65535 entries; at most 65534 were expected.",
    },
  });
});

/** A zip with one file, which the directory has `times` times. */
function listedTimes(times: number): Buffer {
  const one = testZip([{ name: "a" }]);
  const [start, end] = [directoryOffsetOf(one), one.length - 22];
  const directory = Buffer.concat(Array.from({ length: times }, () => one.subarray(start, end)));
  const endRecord = Buffer.from(one.subarray(end));
  endRecord.writeUInt16LE(times, 8);
  endRecord.writeUInt16LE(times, 10);
  endRecord.writeUInt32LE(directory.length, 12);
  return Buffer.concat([one.subarray(0, start), directory, endRecord]);
}

test("a zip that holds ours is not added to again", async () => {
  expect(await appendToZip(await appended(testZip([{ name: "a" }])), addition)).toEqual({
    problem: {
      code: "already-holds",
      text: 'The zip already holds ".unplug/undo": what was added to it has to be taken out first.',
    },
  });
});

test.for([
  ["the very name", "bootstrap"],
  ["the name with a dot before it", "./bootstrap"],
  ["the name with a backslash", ".\\bootstrap"],
  ["a folder where a file is to go", "bootstrap/"],
  ["a file in what is to be a file", "bootstrap/a"],
  ["a file where the folder is to go", ".unplug"],
  ["the folder itself", ".unplug/"],
  ["another file in the folder", ".unplug/theirs"],
  ["another file in the folder, as DOS has it", ".unplug\\theirs"],
  ["a file in the folder with an absolute path", "/.unplug/theirs"],
] as const)("refuses a zip that has %s", async ([, name]) => {
  const files = [wrapper, { ...wrapper, name: "bootstrap" }];

  expect(await appendToZip(testZip([{ name: "a" }, { name }]), { folder, files })).toEqual({
    problem: {
      code: "name-taken",
      text: `The zip already has ${JSON.stringify(name)}, where ours were to go; that name was expected to be free.`,
    },
  });
});

test.for(["Bootstrap", "my-bootstrap", "lib/bootstrap", ".unplug2/wrapper", "a/.unplug/undo", "BOOTSTRAP/a"])(
  "adds beside %s, which is another name",
  async (name) => {
    const zip = testZip([{ name }]);

    const added = await appended(zip, { folder, files: [wrapper, { ...wrapper, name: "bootstrap" }] });

    expect((await takenOut(added)).equals(zip)).toBe(true);
  },
);

test("adds below a folder that is there already", async () => {
  const zip = testZip([{ name: "lib/", content: Buffer.alloc(0) }, { name: "lib/a" }]);

  const added = await appended(zip, { folder: "lib/unplug/", files: [{ ...wrapper, name: "lib/unplug/b" }] });

  expect(added.includes("lib/unplug/undo")).toBe(true);
});

test.for([
  ["an empty name", ""],
  ["a folder", "x/"],
  ["an absolute path", "/x"],
  ["a path that climbs out", "a/../../x"],
  ["a path with a dot in it", "a/./x"],
  ["a backslash", "a\\x"],
  ["what is not ASCII", "é"],
  ["a line feed", "a\nb"],
  ["the name of the undo", ".unplug/undo"],
  ["a name twice", wrapper.name],
  ["a file in a file", ".unplug/wrapper/x"],
] as const)("refuses to add %s", async ([, name]) => {
  const files = [wrapper, object, { ...wrapper, name }];

  expect(await appendToZip(testZip([]), { folder, files })).toMatchObject({ problem: { code: "bad-name" } });
});

test("refuses a folder that is none", async () => {
  const result = await appendToZip(testZip([]), { folder: ".unplug", files: [] });

  expect(result).toEqual({
    problem: {
      code: "bad-name",
      text: '".unplug" cannot be added: a plain path such as "folder/file" was expected, and "folder/" for the folder.',
    },
  });
});
