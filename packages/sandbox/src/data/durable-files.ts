import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

/** The files of one folder, such that a crash leaves each of them as it was or as it was to be. */
export interface DurableFiles {
  /** Null: there is no such file. */
  read(name: string): Promise<Buffer | null>;
  /** On the disk when it resolves. Makes folders. */
  write(name: string, bytes: Buffer): Promise<void>;
  remove(name: string): Promise<void>;
  /** Names in a folder below; empty when there is none. */
  names(folder: string): Promise<readonly string[]>;
}

/** What a file is called until it is whole. */
export const unfinished = ".tmp";

export function durableFiles(root: string): DurableFiles {
  const absent = (error: unknown): boolean =>
    error instanceof Error && "code" in error && error.code === "ENOENT";
  return {
    read: (name) =>
      readFile(join(root, name)).catch((error: unknown) => {
        if (absent(error)) return null;
        throw error;
      }),
    async write(name, bytes) {
      const path = join(root, name);
      await mkdir(dirname(path), { recursive: true });
      await sync(`${path}${unfinished}`, "w", bytes);
      await rename(`${path}${unfinished}`, path);
      // The new name is on the disk when its folder is. Source: fsync(2).
      await sync(dirname(path), "r", null);
    },
    remove: (name) => rm(join(root, name), { force: true }),
    names: (folder) =>
      readdir(join(root, folder)).catch((error: unknown) => {
        if (absent(error)) return [];
        throw error;
      }),
  };
}

async function sync(path: string, flags: string, bytes: Buffer | null): Promise<void> {
  const file = await open(path, flags, 0o600);
  try {
    if (bytes !== null) await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}
