import { lstat, mkdtemp, readdir, readFile, readlink, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ZipFile } from "yazl";
import { createCodeStore, unpack } from "./code-store.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "unplug-code-test-"));
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

async function zip(...entries: [path: string, content: string, mode: number][]): Promise<Buffer> {
  const file = new ZipFile();
  for (const [path, content, mode] of entries) file.addBuffer(Buffer.from(content), path, { mode });
  file.end();
  return await buffer(file.outputStream);
}

test("keeps modes and symbolic links", async () => {
  await unpack(
    await zip(["bin/run", "#!", 0o100755], ["data.txt", "text", 0o100640], ["link", "bin/run", 0o120777]),
    join(root, "a"),
  );
  expect((await lstat(join(root, "a/bin/run"))).mode & 0o777).toBe(0o755);
  expect((await lstat(join(root, "a/data.txt"))).mode & 0o777).toBe(0o640);
  expect(await readlink(join(root, "a/link"))).toBe("bin/run");
  expect(await readFile(join(root, "a/link"), "utf8")).toBe("#!");
});

test("refuses to write outside the folder, also through a symbolic link", async () => {
  const evil = await zip(["aaaa/evil", "x", 0o100644]);
  const climbing = Buffer.from(evil.toString("latin1").replaceAll("aaaa/evil", "../../evi"), "latin1");
  await expect(unpack(climbing, join(root, "a/b"))).rejects.toMatchObject({
    code: "InvalidParameterValueException",
    message: expect.stringMatching(/\.\.\/\.\.\/evi/),
  });
  await expect(
    unpack(await zip(["out", root, 0o120777], ["out/evil", "x", 0o100644]), join(root, "c")),
  ).rejects.toThrow();
  await expect(
    unpack(await zip(["out/evil", "x", 0o100644], ["out", root, 0o120777]), join(root, "d")),
  ).rejects.toThrow(/"out\/evil" beneath the symbolic link "out"/);
  expect((await readdir(root)).sort()).toEqual(["a", "c", "d"]);
});

test("refuses what is no zip", async () => {
  await expect(unpack(Buffer.from("no zip at all, certainly"), join(root, "a"))).rejects.toThrow(
    /Could not unzip/,
  );
});

test("unpacks a package anew after it could not be unpacked", async () => {
  const store = createCodeStore(join(root, "code"));
  const bytes = await zip(["index.js", "1", 0o100644]);
  await writeFile(join(root, "code"), "a file in the way");
  await expect(store.folderOf("sha", bytes)).rejects.toThrow(/EEXIST|ENOTDIR/);
  await rm(join(root, "code"));
  expect(await readdir(await store.folderOf("sha", bytes))).toEqual(["index.js"]);
});

test("unpacks one package once", async () => {
  const store = createCodeStore(root);
  const bytes = await zip(["index.js", "1", 0o100644]);
  const [one, two] = await Promise.all([store.folderOf("sha", bytes), store.folderOf("sha", bytes)]);
  expect(one).toBe(two);
  expect(await store.folderOf("other", bytes)).not.toBe(one);
});
