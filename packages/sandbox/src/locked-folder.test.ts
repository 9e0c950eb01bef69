import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeLockedFolder, sweepDeadFolders } from "./locked-folder.ts";

let parent: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "unplug-folder-test-"));
});
afterEach(async () => {
  await rm(parent, { recursive: true, force: true });
});

async function deadFolder(name: string): Promise<string> {
  const path = join(parent, name);
  await mkdir(join(path, "code"), { recursive: true });
  await writeFile(join(path, "code", "index.mjs"), "");
  new DatabaseSync(join(path, "alive.lock")).close();
  return path;
}

test("sweeps what a dead process has left, and nothing else", async () => {
  const live = await makeLockedFolder(parent);
  const dead = await deadFolder("unplug-sandbox-dead");
  const foreign = await deadFolder("somebody-elses");
  const lockless = join(parent, "unplug-sandbox-lockless");
  await mkdir(lockless);
  await sweepDeadFolders(parent);
  expect([live.path, foreign, lockless].map(existsSync)).toEqual([true, true, true]);
  expect(existsSync(dead)).toBe(false);
  await live.remove();
  expect(existsSync(live.path)).toBe(false);
});

test("gives everybody a folder of their own while all of them sweep", async () => {
  await deadFolder("unplug-sandbox-dead");
  const start = async (): Promise<Awaited<ReturnType<typeof makeLockedFolder>>> => {
    await sweepDeadFolders(parent);
    return await makeLockedFolder(parent);
  };
  const folders = await Promise.all(Array.from({ length: 20 }, start));
  await sweepDeadFolders(parent);
  expect(new Set(await readdir(parent))).toEqual(new Set(folders.map(({ path }) => basename(path))));
  await Promise.all(folders.map((folder) => folder.remove()));
  expect(await readdir(parent)).toEqual([]);
});

test("sweeps nothing where there is no folder", async () => {
  await expect(sweepDeadFolders(join(parent, "nowhere"))).resolves.toBeUndefined();
});
