import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { chmod, mkdir, rm, symlink } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { type Entry, fromBufferPromise, type ZipFile } from "yauzl";
import { ApiError, invalidParameter } from "../api-error.ts";

/** Unpacked bytes that one package may have. Source: Lambda quotas (250 MB). */
const largestPackage = 262_144_000;

/** Keeps the unpacked code of functions, one folder for each package. */
export interface CodeStore {
  /**
   * The folder with the unpacked package; unpacks it when it is asked for the first time.
   * Throws ApiError InvalidParameterValueException when the package cannot be unpacked safely.
   */
  folderOf(codeSha256: string, zip: Buffer): Promise<string>;
}

/** Under `root`, which the caller owns and removes. Environments of one package share its folder. */
export function createCodeStore(root: string): CodeStore {
  const folders = new Map<string, Promise<string>>();
  return {
    folderOf(codeSha256, zip) {
      const known = folders.get(codeSha256);
      if (known !== undefined) return known;
      const folder = join(root, createHash("sha256").update(codeSha256).digest("hex").slice(0, 32));
      const unpacked = unpack(zip, folder).then(
        () => folder,
        async (error: unknown) => {
          // A full disk may not be full the next time.
          folders.delete(codeSha256);
          await rm(folder, { recursive: true, force: true });
          throw error;
        },
      );
      folders.set(codeSha256, unpacked);
      return unpacked;
    },
  };
}

/**
 * Unpacks a zip into a new folder, with modes and symbolic links; of two entries with one name the later one stays.
 * Throws ApiError InvalidParameterValueException for a broken zip, more than 250 MB, and any path that leaves the folder.
 */
export async function unpack(zip: Buffer, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  let file: ZipFile;
  try {
    file = await fromBufferPromise(zip, { lazyEntries: true });
  } catch {
    throw invalidParameter(
      "Could not unzip uploaded file. Please check your file, then try to upload again.",
    );
  }
  const links = new Map<string, string>();
  const paths = new Set<string>();
  let bytes = 0;
  try {
    for await (const entry of file.eachEntry()) {
      bytes += entry.uncompressedSize;
      if (bytes > largestPackage)
        throw invalidParameter(`Unzipped size must be smaller than ${largestPackage} bytes`);
      const path = pathWithin(folder, entry.fileName);
      if (paths.has(path) && !entry.fileName.endsWith("/")) {
        links.delete(path);
        await rm(path, { force: true });
      }
      paths.add(path);
      await unpackEntry(file, entry, path, links);
    }
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw invalidParameter(
      `Could not unzip uploaded file: ${error instanceof Error ? error.message : String(error)}.`,
    );
  }
  refusePathsThroughLinks(folder, paths, links);
  // Links come last, so that no entry can be written through one to a place outside the folder.
  for (const [path, target] of links) await symlink(target, path);
}

function pathWithin(folder: string, name: string): string {
  const path = join(folder, name);
  const inside = relative(folder, path);
  if (inside === ".." || inside.startsWith(`..${sep}`)) {
    throw invalidParameter(
      `The package holds the path "${name}", which leaves its folder. Pack the files with relative paths.`,
    );
  }
  return path.endsWith(sep) ? path.slice(0, -1) : path;
}

function refusePathsThroughLinks(
  folder: string,
  paths: ReadonlySet<string>,
  links: ReadonlyMap<string, string>,
): void {
  for (const path of paths) {
    for (let above = dirname(path); above.length > folder.length; above = dirname(above)) {
      if (links.has(above)) {
        throw invalidParameter(
          `The package holds "${relative(folder, path)}" beneath the symbolic link "${relative(folder, above)}". Pack the link or the folder, not both.`,
        );
      }
    }
  }
}

async function unpackEntry(
  file: ZipFile,
  entry: Entry,
  path: string,
  links: Map<string, string>,
): Promise<void> {
  const mode = entry.externalFileAttributes >>> 16;
  const kind = mode & 0o170000;
  const permissions = mode & 0o777;
  if (entry.fileName.endsWith("/")) {
    await mkdir(path, { recursive: true });
    // The owner's bits are kept set, or the folder could be neither filled nor removed.
    if (permissions !== 0) await chmod(path, permissions | 0o700);
    return;
  }
  await mkdir(dirname(path), { recursive: true });
  const content = await file.openReadStreamPromise(entry);
  if (kind === 0o120000) {
    links.set(path, (await buffer(content)).toString());
    return;
  }
  await pipeline(content, createWriteStream(path, { flags: "wx" }));
  await chmod(path, permissions === 0 ? 0o644 : asSeenByOthers(permissions));
}

/**
 * The files belong to another user on Lambda, so that a function may do what others may. Here they are its own, and
 * what others may not read or start, it may not either. Source: Lambda, troubleshooting of deployments (EACCES).
 */
function asSeenByOthers(permissions: number): number {
  const forOthers = (permissions & 0o005) << 6;
  return (permissions & ~0o500) | (forOthers & permissions);
}
