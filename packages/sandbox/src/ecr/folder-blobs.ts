import { createHash, randomUUID } from "node:crypto";
import { createReadStream, statSync } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { BlobStore, BlobUpload } from "./blob-store.ts";

const unfinished = ".upload";

/**
 * In a folder, one file for each; they need as much memory as one part of an upload. The folder is made by the first upload. A
 * file has its name only when it is whole.
 */
export function folderBlobs(folder: string): BlobStore {
  const pathOf = (digest: string): string => join(folder, digest.replace(/^sha256:/, ""));
  return {
    sizeOf: (digest) => {
      if (!/^sha256:[0-9a-f]{64}$/.test(digest)) return undefined;
      return statSync(pathOf(digest), { throwIfNoEntry: false })?.size;
    },
    begin: () => begin(folder, pathOf),
    bytes: (digest) => readFile(pathOf(digest)),
    read: (digest, range) =>
      createReadStream(pathOf(digest), range === undefined ? {} : { start: range.first, end: range.last }),
  };
}

async function begin(folder: string, pathOf: (digest: string) => string): Promise<BlobUpload> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${randomUUID()}${unfinished}`);
  const file = await open(path, "wx", 0o600);
  const hash = createHash("sha256");
  let size = 0;
  const digest = (): string => `sha256:${hash.copy().digest("hex")}`;
  return {
    get size() {
      return size;
    },
    append: async (bytes) => {
      hash.update(bytes);
      await file.writeFile(bytes);
      size += bytes.length;
    },
    digest,
    finish: async () => {
      await file.sync();
      await file.close();
      await rename(path, pathOf(digest()));
      return digest();
    },
    drop: async () => {
      await file.close();
      await rm(path, { force: true });
    },
  };
}

/** Removes what nobody wants any more, and what was left half done. Nobody may use the folder meanwhile. */
export async function sweepBlobs(folder: string, isWanted: (digest: string) => boolean): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (!isWanted(`sha256:${name}`)) await rm(join(folder, name), { force: true });
  }
}
