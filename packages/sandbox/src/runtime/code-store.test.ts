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
    await zip(["bin/run", "#!", 0o100755], ["data.txt", "text", 0o100664], ["link", "bin/run", 0o120777]),
    join(root, "a"),
  );
  expect((await lstat(join(root, "a/bin/run"))).mode & 0o777).toBe(0o755);
  expect((await lstat(join(root, "a/data.txt"))).mode & 0o777).toBe(0o664);
  expect(await readlink(join(root, "a/link"))).toBe("bin/run");
  expect(await readFile(join(root, "a/link"), "utf8")).toBe("#!");
});

test("takes from a function what only the owner of a file may do, who is another user on AWS", async () => {
  await unpack(
    await zip(["bootstrap", "#!", 0o100744], ["secret", "text", 0o100640], ["open", "", 0o100604]),
    join(root, "a"),
  );
  const modeOf = async (name: string) => (await lstat(join(root, "a", name))).mode & 0o777;
  expect(await modeOf("bootstrap")).toBe(0o644);
  expect(await modeOf("secret")).toBe(0o240);
  expect(await modeOf("open")).toBe(0o604);
});

test("keeps the later of two entries with one name", async () => {
  const twins = await zip(
    ["name-a", "first", 0o120777],
    ["name-b", "second", 0o100644],
    ["name-c", "third", 0o100755],
  );
  const bytes = Buffer.from(twins.toString("latin1").replaceAll(/name-[bc]/g, "name-a"), "latin1");
  await unpack(bytes, join(root, "a"));
  expect(await readdir(join(root, "a"))).toEqual(["name-a"]);
  expect(await readFile(join(root, "a/name-a"), "utf8")).toBe("third");
  expect((await lstat(join(root, "a/name-a"))).mode & 0o777).toBe(0o755);
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
