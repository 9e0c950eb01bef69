import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type CloudState, emptyState } from "../cloud-state.ts";
import { sweepBlobs } from "../ecr/folder-blobs.ts";
import { type FileLock, takeLock } from "../lock-file.ts";
import { DataFolderUnusable, unusable } from "./data-folder-unusable.ts";
import { type DurableFiles, durableFiles, unfinished } from "./durable-files.ts";
import { type StateFile, stateFile } from "./state-file.ts";

/** A folder in which the state of a cloud outlives its process. Nobody else uses it meanwhile. */
export interface DataFolder {
  /** As it was read; to be changed in place. */
  readonly state: CloudState;
  /** Folder for layers of container images; what the state no longer names was removed from it. */
  readonly blobs: string;
  /** Something in the state may have changed: it is written soon. */
  changed(): void;
  /** Writes what is not written yet, and lets go of the folder; throws DataFolderUnusable when that cannot be written. */
  close(): Promise<void>;
}

export interface DataFolderOptions {
  readonly path: string;
  /** A steady time in ms. */
  readonly elapsed: () => number;
  /** Told when a change cannot be written (it is tried again every second), and, with null, when it could be after all. */
  readonly problem: (error: DataFolderUnusable | null) => void;
  /** Default: the files of the folder. */
  readonly files?: DurableFiles;
}

const lockName = "sandbox.lock";
const blobFolder = "blobs";
const probeName = `probe${unfinished}`;
const ownNames = new Set([lockName, probeName, "state", `state${unfinished}`, "code", blobFolder]);
const shortestPauseMs = 50;
const retryMs = 1000;

/**
 * Opens a folder, or makes it. Throws DataFolderUnusable: it is in use, holds something else, was written by a newer version,
 * is damaged, cannot be read or written.
 *
 * The whole state is written a moment after a change. A log of calls that succeeded would be written faster and read
 * slower, and could not be played back: ids, times, and what pollers and functions did meanwhile come from outside. The
 * state is small without the code, which is written once.
 */
export async function openDataFolder(options: DataFolderOptions): Promise<DataFolder> {
  const { path } = options;
  try {
    await prepare(path);
  } catch (error) {
    throw unusable(path, error);
  }
  const lock = lockOf(path);
  try {
    const file = stateFile(options.files ?? durableFiles(path), path);
    const state = (await file.read()) ?? emptyState();
    // Whether the folder can be written is found out now, and not when there is something to lose.
    await file.write(state);
    await sweepBlobs(join(path, blobFolder), (digest) => isNamed(state, digest));
    return keep(options, { state, file, lock });
  } catch (error) {
    lock.release();
    throw unusable(path, error);
  }
}

/** Functions keep the layers of images that were deleted, as on AWS. */
function isNamed({ repositories, functions }: CloudState, digest: string): boolean {
  if ([...repositories.values()].some(({ blobs }) => blobs.has(digest))) return true;
  return [...functions.values()].some(({ latest, versions }) =>
    [latest, ...versions.values()].some(({ shown, effective }) =>
      [shown, effective].some((one) => one?.code.image?.layers.includes(digest) === true),
    ),
  );
}

async function prepare(path: string): Promise<void> {
  await mkdir(path, { recursive: true });
  const names = await readdir(path);
  const strange = names.find((name) => !ownNames.has(name));
  if (!names.includes("state") && strange !== undefined) {
    throw new DataFolderUnusable(
      `The folder ${path} holds something else (${strange}): expected an empty one, or one that a sandbox has made. Name another one.`,
    );
  }
  await writeFile(join(path, probeName), "");
  await rm(join(path, probeName), { force: true });
}

function lockOf(path: string): FileLock {
  const lock = takeLock(join(path, lockName));
  if (lock === "held") {
    throw new DataFolderUnusable(
      `The data folder ${path} is in use by another sandbox. End that one, or name another folder.`,
    );
  }
  if (lock instanceof Error) {
    throw new DataFolderUnusable(
      `The data folder ${path} cannot be locked (${lock.message}). Name one on a local disk.`,
      { cause: lock },
    );
  }
  return lock;
}

interface Kept {
  readonly state: CloudState;
  readonly file: StateFile;
  readonly lock: FileLock;
}

function keep({ path, elapsed, problem }: DataFolderOptions, { state, file, lock }: Kept): DataFolder {
  let dirty = false;
  let failed = false;
  let timer: NodeJS.Timeout | null = null;
  let writing: Promise<void> | null = null;
  let pauseMs = shortestPauseMs;
  let closed = false;
  const write = async (): Promise<void> => {
    const begun = elapsed();
    dirty = false;
    try {
      await file.write(state);
      // A large state takes a tenth of the time at most.
      pauseMs = Math.max(shortestPauseMs, 9 * (elapsed() - begun));
      if (failed) problem(null);
      failed = false;
    } catch (error) {
      dirty = true;
      pauseMs = retryMs;
      if (!failed) problem(unusable(path, error));
      failed = true;
    }
  };
  const schedule = (): void => {
    if (timer !== null || writing !== null || closed) return;
    timer = setTimeout(() => {
      timer = null;
      writing = write().finally(() => {
        writing = null;
        if (dirty) schedule();
      });
    }, pauseMs);
  };
  return {
    state,
    blobs: join(path, blobFolder),
    changed() {
      dirty = true;
      schedule();
    },
    async close() {
      closed = true;
      if (timer !== null) clearTimeout(timer);
      await writing;
      try {
        await file.write(state);
      } catch (error) {
        throw unusable(path, error);
      } finally {
        lock.release();
      }
    },
  };
}
