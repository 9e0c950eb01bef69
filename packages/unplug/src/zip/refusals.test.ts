import { expect, test } from "vitest";
import { appendToZip } from "./append.ts";
import { ourPartOf } from "./our-part.ts";
import { takeOut } from "./take-out.ts";
import { withoutOurPart } from "./without-our-part.ts";
import { addition, appended, folder, type TestEnd, type TestEntry, testZip } from "./zip-for-test.ts";

const files: readonly TestEntry[] = [{ name: "index.mjs" }, { name: "lib/a", isDeflated: true }];
const plain = testZip(files);
const end = plain.length - 22;

/** `at` is from the start of the end record. */
function withEnd(at: number, bytes: readonly number[]): Buffer {
  const zip = Buffer.from(plain);
  zip.set(bytes, end + at);
  return zip;
}

const odd = (entry: Partial<TestEntry>, rest: TestEnd = {}) =>
  testZip([...files, { name: "odd", ...entry }], rest);
const locator = Buffer.concat([Buffer.from("PK\x06\x07", "latin1"), Buffer.alloc(16)]);
const endInside = testZip([{ name: "a" }], {
  comment: testZip([{ name: "other" }]).toString("latin1"),
});

const refused: readonly (readonly [what: string, zip: Buffer, code: string, text: string])[] = [
  [
    "nothing at all",
    Buffer.alloc(0),
    "not-a-zip",
    "This is no zip: an end record was expected within the last 65,557 of its 0 bytes.",
  ],
  [
    "what is no zip",
    Buffer.alloc(100_000, "text "),
    "not-a-zip",
    "within the last 65,557 of its 100000 bytes.",
  ],
  [
    "a zip whose end is missing",
    plain.subarray(0, end),
    "truncated",
    `The zip ends at byte ${end} without an end record: a part of it is missing.`,
  ],
  [
    "a zip that is cut in its end record",
    plain.subarray(0, -1),
    "truncated",
    "in the middle of its end record: a part of it is missing.",
  ],
  [
    "a zip that is cut in its comment",
    testZip(files, { comment: "long" }).subarray(0, -2),
    "truncated",
    "in the middle of its end record",
  ],
  [
    "bytes after the end",
    Buffer.concat([plain, Buffer.from("more")]),
    "data-after-end",
    `The zip has 4 bytes after its end record and comment (from byte ${plain.length} on)`,
  ],
  [
    "a zip in the comment of a zip",
    endInside,
    "ambiguous-end",
    "The zip has 2 signatures of an end record near its end (at bytes ",
  ],
  [
    "a comment with the signature",
    testZip(files, { comment: "PK\x05\x06" }),
    "ambiguous-end",
    "one was expected, since readers disagree",
  ],
  [
    "a zip after a zip",
    Buffer.concat([testZip([{ name: "b" }]), plain]),
    "misplaced-directory",
    `The directory was expected to end at byte ${end + testZip([{ name: "b" }]).length}`,
  ],
  [
    "a program before the zip",
    Buffer.concat([Buffer.from("#!/bin/sh\n"), plain]),
    "misplaced-directory",
    "something lies before the zip (as in one that extracts itself)",
  ],
  [
    "a gap after the directory",
    Buffer.concat([plain.subarray(0, end), Buffer.alloc(8), plain.subarray(end)]),
    "misplaced-directory",
    "or between the two",
  ],
  [
    "a directory beyond the end",
    withEnd(16, [255, 255, 255, 0]),
    "misplaced-directory",
    "The directory was expected to end at byte",
  ],
  [
    "offsets that do not count from the start",
    odd({}, { says: { directoryOffset: 12 } }),
    "misplaced-directory",
    "The directory was expected to end at byte",
  ],
  [
    "the locator of Zip64",
    Buffer.concat([plain.subarray(0, end), locator, plain.subarray(end)]),
    "zip64",
    "The zip is in the Zip64 format",
  ],
  [
    "65,535 entries, which means Zip64",
    odd({}, { says: { count: 0xffff } }),
    "zip64",
    "a zip of at most 65,534 entries and 4 GB was expected",
  ],
  [
    "a directory's length for Zip64",
    withEnd(12, [255, 255, 255, 255]),
    "zip64",
    "The zip is in the Zip64 format",
  ],
  [
    "a directory's offset for Zip64",
    withEnd(16, [255, 255, 255, 255]),
    "zip64",
    "The zip is in the Zip64 format",
  ],
  [
    "an end in another part",
    odd({}, { says: { disk: 1 } }),
    "spanned",
    "names part 1); a zip in one part was expected.",
  ],
  [
    "a directory in another part",
    odd({}, { says: { directoryDisk: 1 } }),
    "spanned",
    "The zip is one of several parts",
  ],
  [
    "entries in another part",
    odd({}, { says: { countHere: 1, count: 3 } }),
    "spanned",
    "The zip is one of several parts",
  ],
  ["an entry in another part", odd({ disk: 2 }), "spanned", 'The entry "odd" lies in part 2 of several'],
  [
    "an entry with a part for Zip64",
    odd({ disk: 0xffff }),
    "zip64",
    'The entry "odd" has its sizes in the Zip64 format',
  ],
  [
    "an encrypted entry",
    odd({ flags: 1 }),
    "encrypted",
    'The entry "odd" is encrypted; a plain one was expected.',
  ],
  ["a strongly encrypted entry", odd({ flags: 0x40 }), "encrypted", 'The entry "odd" is encrypted'],
  ["an entry with a masked header", odd({ flags: 0x2000 }), "encrypted", 'The entry "odd" is encrypted'],
  [
    "an encrypted entry whose name would change a terminal",
    odd({ name: "\x1b[31m\x9b\xff", flags: 1 }),
    "encrypted",
    'The entry "\\u001b[31m\\x9b\\xff" is encrypted',
  ],
  [
    "more entries than it promises",
    odd({}, { says: { count: 2 } }),
    "count-mismatch",
    "The end record promises 2 entries in ",
  ],
  [
    "fewer entries than it promises",
    odd({}, { says: { count: 4 } }),
    "count-mismatch",
    "The end record promises 4 entries in ",
  ],
  [
    "a record with another signature",
    broken(0, 0x51),
    "broken-directory",
    "a whole record of entry 1 was expected.",
  ],
  [
    "a record that reaches beyond the directory",
    broken(29, 0xff),
    "broken-directory",
    "a whole record of entry 1 was expected.",
  ],
  [
    "an entry with a size for Zip64",
    broken(20, 0xff, 4),
    "zip64",
    'The entry "index.mjs" has its sizes in the Zip64 format',
  ],
  [
    "an entry with an offset for Zip64",
    broken(42, 0xff, 4),
    "zip64",
    'The entry "index.mjs" has its sizes in the Zip64 format',
  ],
  [
    "an entry that reaches into the directory",
    broken(20, 0xf0, 2),
    "misplaced-directory",
    'The entry "index.mjs" would lie at byte 0 and reach into the directory',
  ],
  [
    "a first entry that is none",
    Buffer.concat([Buffer.from("nope"), plain.subarray(4)]),
    "misplaced-directory",
    "the first entry is at byte 0, where none is",
  ],
];

function broken(at: number, byte: number, times = 1): Buffer {
  const zip = Buffer.from(plain);
  const start = zip.readUInt32LE(end + 16);
  zip.fill(byte, start + at, start + at + times);
  return zip;
}

test.for(refused)("refuses %s", async ([, zip, code, text]) => {
  const expected = { problem: { code, text: expect.stringContaining(text) } };

  expect(await appendToZip(zip, addition)).toEqual(expected);
  expect(await takeOut(zip, folder)).toEqual(expected);
  expect(await ourPartOf(zip, { folder })).toEqual(expected);
  expect(await withoutOurPart(zip, { folder })).toEqual(expected);
});

test("a directory that is longer than any is refused before it is read", async () => {
  const length = 33 * 1024 * 1024;
  const zip = Buffer.concat([Buffer.alloc(length), testZip([], { says: { directoryLength: length } })]);
  zip.writeUInt32LE(0, zip.length - 6);

  expect(await appendToZip(zip, addition)).toEqual({
    problem: {
      code: "broken-directory",
      text: "The directory at byte 0 has 34603008 bytes; at most 33554432 were expected.",
    },
  });
});

test("a zip that lies in an entry of a zip is no second end", async () => {
  const zip = testZip([{ name: "inner.zip", content: plain }]);

  expect("zip" in (await appendToZip(zip, addition))).toBe(true);
  expect((await appended(zip)).subarray(0, 50).equals(zip.subarray(0, 50))).toBe(true);
});
