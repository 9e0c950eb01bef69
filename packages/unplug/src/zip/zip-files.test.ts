import { createHash } from "node:crypto";
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
import { appendToZipFile, takeOut } from "./index.ts";
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

test("from file to file comes what comes from memory to memory, and it is for its owner alone", async () => {
  const changing = { ...addition, replaced: { name: "bootstrap", content: wrapper.content } };
  const from = write("from.zip", zip);
  chmodSync(from, 0o444);
  for (const what of [addition, changing]) {
    const added = await appended(zip, what);
    const to = at("to.zip");

    expect(await appendToZipFile({ ...what, from, to })).toEqual({ length: added.length });

    expect(readFileSync(to).equals(added)).toBe(true);
    expect(statSync(to).mode & 0o777).toBe(0o600);
    expect(readFileSync(from).equals(zip)).toBe(true);
    rmSync(to);
  }
});

test("a known SHA-256 is taken at its word, so that a wrong one makes an original that is refused", async () => {
  const from = write("from.zip", zip);
  const sha256 = createHash("sha256").update(zip).digest("hex");

  await appendToZipFile({ ...addition, from, to: at("right.zip"), sha256 });
  await appendToZipFile({ ...addition, from, to: at("wrong.zip"), sha256: "0".repeat(64) });

  expect(readFileSync(at("right.zip")).equals(await appended(zip))).toBe(true);
  expect(await takeOut(readFileSync(at("wrong.zip")), folder)).toEqual({
    problem: {
      code: "changed",
      text: expect.stringContaining(`an original with the SHA-256 ${"0".repeat(64)}`),
    },
  });
});

test("no file is made where there is nothing to put in it", async () => {
  const from = write("broken.zip", zip.subarray(0, -1));
  const to = at("to.zip");

  expect(await appendToZipFile({ ...addition, from, to })).toEqual({
    problem: { code: "truncated", text: expect.any(String) },
  });

  expect(existsSync(to)).toBe(false);
});

test("a file that is there already stays as it is, and so does the zip when both are the same", async () => {
  const [from, to] = [write("from.zip", zip), write("to.zip", Buffer.from("theirs"))];

  await expect(appendToZipFile({ ...addition, from, to })).rejects.toMatchObject({ code: "EEXIST" });
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
