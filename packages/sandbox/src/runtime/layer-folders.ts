import { createHash } from "node:crypto";
import { copyFile, link, lstat, mkdir, readdir, readlink, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import type { LayerImage } from "../runtime-port.ts";
import type { CodeStore } from "./code-store.ts";
import { type MountPoint, makePoints } from "./mount-point.ts";

/** Keeps `/opt` as functions see it, one folder for each list of layers. */
export interface LayerFolders {
  /**
   * The folder with all files of the layers, where a later one wins; made when it is asked for the first time.
   * Throws ApiError InvalidParameterValueException when a layer cannot be unpacked safely.
   */
  folderOf(layers: readonly LayerImage[]): Promise<string>;
}

/**
 * Under `root`, which the caller owns and removes. `points` are made in every folder, for what is mounted there.
 * Layers that several lists have in common are unpacked once, and their files are linked.
 */
export function createLayerFolders(
  root: string,
  code: CodeStore,
  points: readonly MountPoint[],
): LayerFolders {
  const folders = new Map<string, Promise<string>>();
  return {
    folderOf(layers) {
      const key = layers.map(({ codeSha256 }) => codeSha256).join(" ");
      const known = folders.get(key);
      if (known !== undefined) return known;
      const folder = join(root, `opt-${createHash("sha256").update(key).digest("hex").slice(0, 32)}`);
      const made = make(folder, layers, code, points).catch(async (error: unknown) => {
        // A full disk may not be full the next time.
        folders.delete(key);
        await rm(folder, { recursive: true, force: true });
        throw error;
      });
      folders.set(key, made);
      return made;
    },
  };
}

async function make(
  folder: string,
  layers: readonly LayerImage[],
  code: CodeStore,
  points: readonly MountPoint[],
): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const { codeSha256, zip } of layers) await merge(await code.folderOf(codeSha256, zip), folder);
  await makePoints(folder, points);
  return folder;
}

/** Adds what is in one folder to another; where both have a name, only two folders become one. */
async function merge(from: string, to: string): Promise<void> {
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    const there = await lstat(target).catch(() => null);
    if (there !== null && !(there.isDirectory() && entry.isDirectory())) {
      await rm(target, { recursive: true });
    }
    if (entry.isDirectory()) {
      await mkdir(target, { recursive: true });
      await merge(source, target);
    } else if (entry.isSymbolicLink()) {
      await symlink(await readlink(source), target);
    } else {
      // Some file systems have no hard links.
      await link(source, target).catch(() => copyFile(source, target));
    }
  }
}
