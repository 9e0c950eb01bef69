import { createWriteStream } from "node:fs";
import { chmod, copyFile, link, lstat, mkdir, readdir, rm, symlink, utimes } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { invalidParameter } from "../api-error.ts";
import { placeInRoot } from "./place-in-root.ts";
import { type TarEntry, tarEntries } from "./tar-entries.ts";

/** What may still be unpacked of one image. */
export interface UnpackRoom {
  bytes: number;
  entries: number;
}

/** Source: Lambda quotas: 10 GB uncompressed. The number of files is our own bound. */
export function imageRoom(): UnpackRoom {
  return { bytes: 10_737_418_240, entries: 1_000_000 };
}

const whiteout = ".wh.";
const opaque = ".wh..wh..opq";

interface Unpacking {
  readonly root: string;
  readonly room: UnpackRoom;
  /** Places that this layer has made: whiteouts concern the layers below only. */
  readonly made: Set<string>;
  /** Folders whose mode does not let their owner write yet. */
  readonly modes: Map<string, number>;
}

/**
 * Puts a layer (tar, gzip) over what is in a folder: files, links, modes, and whiteouts, which take away. Devices are left out, owners
 * too. Nothing is written outside the folder, whatever paths and links say. Throws ApiError
 * InvalidParameterValueException for what is broken or too large. Source: OCI image specification, "Image Layer Filesystem Changeset".
 */
export async function unpackLayer(
  from: NodeJS.ReadableStream,
  root: string,
  room: UnpackRoom,
): Promise<void> {
  const unpacking: Unpacking = { root, room, made: new Set(), modes: new Map() };
  const gunzip = createGunzip();
  const fed = pipeline(from, gunzip);
  // Said by whoever reads.
  fed.catch(() => undefined);
  try {
    for await (const entry of tarEntries(gunzip)) await unpackEntry(unpacking, entry);
    // What stands behind the end of the tar is read, or its sender would wait for ever.
    gunzip.resume();
    await fed;
  } catch (error) {
    gunzip.destroy();
    if (error instanceof Error && error.name === "InvalidParameterValueException") throw error;
    throw invalidParameter(
      `A layer of the image cannot be unpacked: ${error instanceof Error ? error.message : String(error)}.`,
    );
  }
  for (const [path, mode] of unpacking.modes) await chmod(path, mode);
}

async function unpackEntry(unpacking: Unpacking, entry: TarEntry): Promise<void> {
  const { root, room, made } = unpacking;
  room.bytes -= entry.size;
  room.entries -= 1;
  if (room.bytes < 0 || room.entries < 0) {
    throw invalidParameter("The image is larger than 10737418240 bytes or one million files when unpacked.");
  }
  const place = placeInRoot(root, entry.path, "keep");
  if (place === null) throw new Error(`the links on the way to ${entry.path} go round in circles`);
  if (place === root) return;
  const name = basename(place);
  if (name.startsWith(whiteout)) {
    return name === opaque
      ? await emptied(dirname(place), made)
      : await emptied(join(dirname(place), name.slice(whiteout.length)), made, true);
  }
  await mkdir(dirname(place), { recursive: true });
  for (let above = place; above.length > root.length; above = dirname(above)) made.add(above);
  await write(unpacking, entry, place);
}

/** Takes away what lower layers have in a folder, and itself, too, with `itself`. */
async function emptied(place: string, made: ReadonlySet<string>, itself = false): Promise<void> {
  if (itself && !made.has(place)) return await rm(place, { recursive: true, force: true });
  const found = await lstat(place).catch(() => null);
  if (found?.isDirectory() !== true) return;
  for (const name of await readdir(place)) await emptied(join(place, name), made, true);
}

async function write(unpacking: Unpacking, entry: TarEntry, place: string): Promise<void> {
  const there = await lstat(place).catch(() => null);
  if (entry.kind === "folder") {
    if (there !== null && !there.isDirectory()) await rm(place);
    await mkdir(place, { recursive: true });
    // The owner's bits are kept set, or the folder could be neither filled nor removed.
    unpacking.modes.set(place, (entry.mode & 0o777) | 0o700);
    return;
  }
  if (there !== null) await rm(place, { recursive: true });
  if (entry.kind === "symbolic-link") return await symlink(entry.target, place);
  if (entry.kind === "hard-link") {
    const target = placeInRoot(unpacking.root, entry.target, "keep");
    if (target === null) throw new Error(`the link ${entry.path} leads nowhere`);
    // Some file systems have no hard links.
    return await link(target, place).catch(() => copyFile(target, place));
  }
  if (entry.kind === "other") return;
  await pipeline(entry.content(), createWriteStream(place, { flags: "wx" }));
  await chmod(place, modeOf(entry.mode));
  await utimes(place, entry.modified, entry.modified);
}

/**
 * Files belong to root on Lambda, so that a function may do what others may. Where they cannot, what others may not read or
 * start, their owner may not either.
 */
function modeOf(mode: number): number {
  const permissions = mode & 0o777;
  if (process.getuid?.() === 0) return permissions;
  const forOthers = (permissions & 0o005) << 6;
  return (permissions & ~0o500) | (forOthers & permissions) | 0o200;
}
