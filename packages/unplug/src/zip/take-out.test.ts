import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { takeOut } from "./take-out.ts";
import { appended, folder, type TestEntry, takenOut, testZip, wrapper } from "./zip-for-test.ts";

const files: readonly TestEntry[] = [
  { name: "index.mjs", content: Buffer.from("export {};"), isDeflated: true, descriptor: "signed" },
  { name: "lib/", content: Buffer.alloc(0), attributes: 0o40755 << 16 },
  { name: "lib/link", content: Buffer.from("../index.mjs"), attributes: 0o120777 << 16 },
  {
    name: "bootstrap",
    content: Buffer.from("#!/bin/sh\n"),
    attributes: 0o100755 << 16,
    extra: Buffer.from("ux\0\0"),
  },
];
const zip = testZip(files, { comment: "of its own" });
const changing = {
  folder,
  files: [wrapper],
  replaced: { name: "index.mjs", content: Buffer.from("export {}; // ours") },
};

test("says what the original is: its bytes, its length and its SHA-256", async () => {
  expect(await takeOut(await appended(zip), folder)).toEqual({
    original: {
      zip,
      length: zip.length,
      sha256: createHash("sha256").update(zip).digest("hex"),
    },
  });
});

test("a zip that holds nothing of ours has no original", async () => {
  expect(await takeOut(zip, folder)).toEqual({ original: null });
});

test("another folder is not ours", async () => {
  expect(await takeOut(await appended(zip), ".other/")).toEqual({ original: null });
});

test("takes another content out of its place, too", async () => {
  expect((await takenOut(await appended(zip, changing))).equals(zip)).toBe(true);
});

test("every single byte of the zip counts: with any other one there is no original, or it is the same", async () => {
  const added = await appended(zip, changing);

  for (let at = 0; at < added.length; at++) {
    const other = Buffer.from(added);
    other.writeUInt8((added[at] ?? 0) ^ 0x04, at);
    const result = await takeOut(other, folder);
    if ("original" in result && result.original !== null) expect(result.original.zip.equals(zip)).toBe(true);
  }
});

/** What somebody does to a zip with our files in it. */
const changes: readonly (readonly [what: string, change: (added: Buffer) => Buffer, why: string])[] = [
  ["a byte of the original", (added) => changedAt(added, 35), "what is left has"],
  ["our content", (added) => changedAt(added, added.indexOf("#!/bin/sh\nexec") + 3), "no longer as it was"],
  ["our mode", (added) => changedAt(added, added.lastIndexOf(".unplug/wrapper") - 6), "no longer as it was"],
  [
    "a mode of theirs",
    (added) => changedAt(added, added.lastIndexOf("index.mjs") - 6),
    "no longer as it was",
  ],
  ["the comment of the zip", (added) => changedAt(added, added.length - 1), "no longer as it was"],
  ["the undo", (added) => changedAt(added, added.indexOf(".unplug/undo") + 30), "its content is broken"],
];

test.for(changes)("has no original when somebody has changed %s", async ([, change, why]) => {
  expect(await takeOut(change(await appended(zip)), folder)).toEqual({
    problem: {
      code: "changed",
      text: expect.stringMatching(
        `^The zip holds "\\.unplug/undo" and has been changed since, so that the original cannot be had byte by byte: .*${why}`,
      ),
    },
  });
});

test("has no original when somebody has added an entry at the end, and keeps what is theirs", async () => {
  const added = await appended(zip);
  const more = await appended(added, { folder: "theirs/", files: [] });

  expect(await takeOut(more, folder)).toMatchObject({ problem: { code: "changed" } });
});

test("a comment of another form is no undo, whatever the entry holds", async () => {
  const forged = testZip([{ name: ".unplug/undo", comment: "undo 3 1 2 3" }]);

  expect(await takeOut(forged, folder)).toMatchObject({ problem: { code: "changed" } });
});

test("an undo that says that it is longer than any is not unpacked", async () => {
  const added = await appended(zip);
  const record = added.lastIndexOf(".unplug/undo") - 46;
  added.writeUInt32LE(0x7fffffff, record + 24);

  expect(await takeOut(added, folder)).toEqual({
    problem: { code: "changed", text: expect.stringContaining("at most 34603008 bytes were expected in it") },
  });
});

test("an undo that unpacks to more than it says is broken", async () => {
  const added = await appended(zip);
  const record = added.lastIndexOf(".unplug/undo") - 46;
  added.writeUInt32LE(added.readUInt32LE(record + 24) - 1, record + 24);

  expect(await takeOut(added, folder)).toEqual({
    problem: { code: "changed", text: expect.stringContaining("its content is broken") },
  });
});

function changedAt(zip: Buffer, at: number): Buffer {
  const other = Buffer.from(zip);
  other.writeUInt8((zip[at] ?? 0) ^ 1, at);
  return other;
}
