import { lstat, mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import type { ContainerImage } from "../runtime-port.ts";
import { placeInRoot } from "./place-in-root.ts";
import { imageRoom, unpackLayer } from "./unpack-layer.ts";

/** The bytes of a layer. */
export type OpenLayer = (repository: string, digest: string) => Promise<Readable>;

/** Keeps the files of container images, one folder for each digest. */
export interface ImageFolders {
  /**
   * The folder with all layers over each other, and places for what is mounted in it; made when it is asked for the first time.
   * Throws ApiError InvalidParameterValueException when a layer cannot be unpacked.
   */
  folderOf(image: ContainerImage): Promise<string>;
}

/** Devices that functions have. */
export const devices = ["null", "zero", "full", "random", "urandom"] as const;

/** What the machine gives every image: who is who on the network. */
export const networkFiles = ["/etc/resolv.conf", "/etc/hosts"] as const;

/** Below /dev of the image: what starts the function in it. */
export const toolsPoint = "/dev/.unplug";

/** Under `root`, which the caller owns and removes. */
export function createImageFolders(root: string, open: OpenLayer): ImageFolders {
  const folders = new Map<string, Promise<string>>();
  return {
    folderOf(image) {
      const known = folders.get(image.digest);
      if (known !== undefined) return known;
      const folder = join(root, `image-${image.digest.slice(0, 32)}`);
      const made = make(folder, image, open).catch(async (error: unknown) => {
        // A full disk may not be full the next time.
        folders.delete(image.digest);
        await rm(folder, { recursive: true, force: true });
        throw error;
      });
      folders.set(image.digest, made);
      return made;
    },
  };
}

async function make(folder: string, image: ContainerImage, open: OpenLayer): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o755 });
  const room = imageRoom();
  for (const digest of image.layers) await unpackLayer(await open(image.repository, digest), folder, room);
  for (const path of ["/proc", "/dev", toolsPoint, "/tmp"]) await makePlace(folder, path, "folder");
  for (const device of devices) await makePlace(folder, `/dev/${device}`, "file");
  for (const path of networkFiles) await makePlace(folder, path, "file");
  return folder;
}

/** A place to mount something at; what else the image has there gives way, a link above all: it would lead out of the image. */
async function makePlace(root: string, path: string, kind: "file" | "folder"): Promise<void> {
  const place = placeInRoot(root, path, "keep") ?? join(root, path);
  const there = await lstat(place).catch(() => null);
  if (kind === "folder" ? there?.isDirectory() : there?.isFile()) return;
  if (there !== null) await rm(place, { recursive: true });
  await mkdir(kind === "folder" ? place : dirname(place), { recursive: true });
  if (kind === "file") await writeFile(place, "");
}
