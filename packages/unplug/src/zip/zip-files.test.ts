import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  appendToZipFile,
  ourPartOf,
  ourPartOfFile,
  sha256OfFile,
  takeOutOfFile,
  withoutOurPartOfFile,
} from "./index.ts";
import { addition, appended, folder, testZip, wrapper } from "./zip-for-test.ts";

/** Longer than what is read at once. */
const noise = Buffer.from(Array.from({ length: 700_000 }, (_, at) => (at * 131 + (at >> 8)) & 0xff));
const zip = testZip([{ name: "noise", content: noise }, { name: "bootstrap" }, { name: "lib/a" }], {
  comment: "c",
});

let home: string;
const at = (name: string) => join(home, name);
const write = (name: string, bytes: Uint8Array) => {
  writeFileSync(at(name), bytes);
  return at(name);
};

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "unplug-zip-files-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

test("from file to file comes what comes from memory to memory, and back", async () => {
  const changing = { ...addition, replaced: { name: "bootstrap", content: wrapper.content } };
  for (const what of [addition, changing]) {
    const from = write("from.zip", zip);
    const added = await appended(zip, what);
    const [to, back, rest] = [at("to.zip"), at("back.zip"), at("rest.zip")];

    expect(await appendToZipFile({ ...what, from, to })).toEqual({ length: added.length });
    expect(await takeOutOfFile({ from: to, to: back, folder })).toEqual({
      original: { length: zip.length, sha256: await sha256OfFile(from) },
    });
    expect(await ourPartOfFile(to, { folder })).toEqual(await ourPartOf(added, { folder }));
    expect("problem" in (await withoutOurPartOfFile({ from: to, to: rest, folder }))).toBe(false);

    expect(readFileSync(to).equals(added)).toBe(true);
    expect(readFileSync(back).equals(zip)).toBe(true);
    expect(readFileSync(from).equals(zip)).toBe(true);
    for (const file of readdirSync(home)) rmSync(at(file));
  }
});

test("what is ours goes out of a file from the middle, too, and the result is for its owner alone", async () => {
  const entries = [
    { name: ".unplug/first" },
    { name: "noise", content: noise },
    { name: ".unplug/wrapper" },
    { name: "z" },
  ];
  const expected = testZip([{ name: "noise", content: noise }, { name: "z" }]);
  const from = write("from.zip", testZip(entries));
  chmodSync(from, 0o444);

  expect(await withoutOurPartOfFile({ from, to: at("to.zip"), folder })).toEqual({ length: expected.length });

  expect(readFileSync(at("to.zip")).equals(expected)).toBe(true);
  expect(statSync(at("to.zip")).mode & 0o777).toBe(0o600);
});

test("a known SHA-256 is taken at its word, so that a wrong one makes an original that is refused", async () => {
  const from = write("from.zip", zip);

  await appendToZipFile({ ...addition, from, to: at("right.zip"), sha256: await sha256OfFile(from) });
  await appendToZipFile({ ...addition, from, to: at("wrong.zip"), sha256: "0".repeat(64) });

  expect(readFileSync(at("right.zip")).equals(await appended(zip))).toBe(true);
  expect(await takeOutOfFile({ from: at("wrong.zip"), to: at("back.zip"), folder })).toEqual({
    problem: {
      code: "changed",
      text: expect.stringContaining(`an original with the SHA-256 ${"0".repeat(64)}`),
    },
  });
  expect(existsSync(at("back.zip"))).toBe(false);
});

test("no file is made where there is nothing to put in it", async () => {
  const [plain, broken] = [write("plain.zip", zip), write("broken.zip", zip.subarray(0, -1))];
  const truncated = { problem: { code: "truncated", text: expect.any(String) } };
  const to = at("to.zip");

  expect(await appendToZipFile({ ...addition, from: broken, to })).toEqual(truncated);
  expect(await takeOutOfFile({ from: broken, to, folder })).toEqual(truncated);
  expect(await withoutOurPartOfFile({ from: broken, to, folder })).toEqual(truncated);
  expect(await takeOutOfFile({ from: plain, to, folder })).toEqual({ original: null });
  expect(await withoutOurPartOfFile({ from: plain, to, folder })).toEqual({ length: null });
  expect(await ourPartOfFile(plain, { folder })).toEqual({ part: null });

  expect(existsSync(to)).toBe(false);
});

test("a file that is there already stays as it is, and so does the zip when both are the same", async () => {
  const [from, to] = [write("from.zip", zip), write("to.zip", Buffer.from("theirs"))];
  const added = write("added.zip", await appended(zip));

  await expect(appendToZipFile({ ...addition, from, to })).rejects.toMatchObject({ code: "EEXIST" });
  await expect(takeOutOfFile({ from: added, to, folder })).rejects.toMatchObject({ code: "EEXIST" });
  await expect(withoutOurPartOfFile({ from: added, to, folder })).rejects.toMatchObject({ code: "EEXIST" });
  await expect(appendToZipFile({ ...addition, from, to: from })).rejects.toThrow();

  expect(readFileSync(to).toString()).toBe("theirs");
  expect(readFileSync(from).equals(zip)).toBe(true);
});

test("what the file system says is thrown, and nothing is left behind", async () => {
  const from = write("from.zip", zip);

  await expect(appendToZipFile({ ...addition, from: at("no.zip"), to: at("to.zip") })).rejects.toMatchObject({
    code: "ENOENT",
  });
  await expect(appendToZipFile({ ...addition, from, to: at("no/to.zip") })).rejects.toMatchObject({
    code: "ENOENT",
  });
  await expect(appendToZipFile({ ...addition, from: home, to: at("to.zip") })).rejects.toThrow();

  expect(readdirSync(home)).toEqual(["from.zip"]);
});
