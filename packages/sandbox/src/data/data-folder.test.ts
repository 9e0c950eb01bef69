import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type DataFolder, openDataFolder } from "./data-folder.ts";
import type { DataFolderUnusable } from "./data-folder-unusable.ts";
import { durableFiles } from "./durable-files.ts";

let parent: string;
let path: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "unplug-data-test-"));
  path = join(parent, "deep", "data");
});
afterEach(() => rm(parent, { recursive: true, force: true }));

function open(more: Partial<Parameters<typeof openDataFolder>[0]> = {}): Promise<DataFolder> {
  return openDataFolder({ path, elapsed: () => performance.now(), problem: () => undefined, ...more });
}

/** What somebody who opens it while it is in use, or after it was left alone, would find. */
async function roleIds(): Promise<readonly string[]> {
  const folder = await open();
  await folder.close();
  return [...folder.state.roleIds.values()];
}

test("makes the folder, writes what was told to have changed, and gives it to the next", async () => {
  let written = 0;
  const files = durableFiles(path);
  const first = await open({
    files: { ...files, write: (...all) => files.write(...all).finally(() => written++) },
  });
  expect(written).toBe(1);
  first.state.roleIds.set("a", "1");
  first.changed();
  first.changed();
  await expect.poll(() => written).toBe(2);
  first.state.roleIds.set("b", "2");
  await first.close();
  expect(written).toBe(3);
  expect(await roleIds()).toEqual(["1", "2"]);
});

test("writes again what changed while it was writing", async () => {
  const files = durableFiles(path);
  let meanwhile: () => void = () => undefined;
  const write = (name: string, bytes: Buffer): Promise<void> => {
    meanwhile();
    return files.write(name, bytes);
  };
  const folder = await open({ files: { ...files, write } });
  meanwhile = () => {
    meanwhile = () => undefined;
    folder.state.roleIds.set("second", "2");
    folder.changed();
  };
  folder.state.roleIds.set("first", "1");
  folder.changed();
  await expect.poll(async () => String(await files.read("state"))).toContain("second");
  await folder.close();
});

test("lets nobody else in while it is in use, and leaves it as it is", async () => {
  const folder = await open();
  const refused = `The data folder ${path} is in use by another sandbox. End that one, or name another folder.`;
  await expect(open()).rejects.toThrow(refused);
  await expect(open()).rejects.toMatchObject({ name: "DataFolderUnusable" });
  await folder.close();
  await (await open()).close();
});

test("refuses a folder that holds something else", async () => {
  await mkdir(path, { recursive: true });
  await writeFile(join(path, "thesis.txt"), "");
  await expect(open()).rejects.toThrow(/holds something else \(thesis\.txt\): expected an empty one/);
  expect(await readdir(path)).toEqual(["thesis.txt"]);
});

test("takes a folder over that a sandbox was killed in before it had written anything", async () => {
  await mkdir(join(path, "code"), { recursive: true });
  await writeFile(join(path, "state.tmp"), "half");
  await writeFile(join(path, "sandbox.lock"), "");
  expect(await roleIds()).toEqual([]);
});

test("refuses what is no folder", async () => {
  await writeFile(join(parent, "file"), "");
  await expect(open({ path: join(parent, "file") })).rejects.toThrow(/is no folder \(E\w+\)\. Name a folder/);
  await expect(open({ path: join(parent, "file", "below") })).rejects.toThrow(/is no folder \(ENOTDIR\)/);
});

const failure = (code: string) => Object.assign(new Error(`${code}: no`), { code });

test.each([
  ["ENOSPC", "cannot be written: the disk is full (ENOSPC). Make room, or name one on another disk."],
  ["EROFS", "is on a file system that is read-only (EROFS). Name one that can be written."],
  [
    "EACCES",
    "may not be read and written by this user (EACCES). Give this user its rights, or name another one.",
  ],
  ["EWHAT", "cannot be used: EWHAT: no. Name another one."],
])("says at the start that it cannot be written, with %s", async (code, words) => {
  const write = () => Promise.reject(failure(code));
  await expect(open({ files: { ...durableFiles(path), write } })).rejects.toThrow(
    `The data folder ${path} ${words}`,
  );
  // It has let go of it.
  await (await open()).close();
});

test("says once that a change cannot be written, tries again, and says when it could", async () => {
  const files = durableFiles(path);
  const problems: (DataFolderUnusable | null)[] = [];
  let full = false;
  const folder = await open({
    files: { ...files, write: (...all) => (full ? Promise.reject(failure("ENOSPC")) : files.write(...all)) },
    problem: (problem) => problems.push(problem),
  });
  full = true;
  folder.state.roleIds.set("a", "1");
  folder.changed();
  await expect.poll(() => problems.length).toBe(1);
  expect(problems[0]?.message).toContain("the disk is full (ENOSPC)");
  full = false;
  await expect.poll(() => problems.length, { timeout: 5000 }).toBe(2);
  expect(problems[1]).toBeNull();
  full = true;
  folder.state.roleIds.set("b", "2");
  await expect(folder.close()).rejects.toThrow("the disk is full (ENOSPC)");
  expect(await roleIds()).toEqual(["1"]);
});
