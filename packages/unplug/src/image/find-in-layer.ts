import { ByteReader } from "./byte-reader.ts";
import { ImageProblem } from "./image-problem.ts";
import { type TarEntry, tarEntries } from "./tar-entries.ts";
import { unpacked } from "./unpacked.ts";

/** What a layer has at a path; what is asked for and the folders on the way to it are told. */
export interface FoundEntry {
  /** Absolute, without a slash at the end. */
  readonly path: string;
  /** `whiteout`: what lower layers have there is gone. `opaque`: what lower layers have in this folder is gone. */
  readonly kind: TarEntry["kind"] | "whiteout" | "opaque";
  /** Of a link; a hard link's is absolute. */
  readonly target?: string;
  readonly mode?: number;
  readonly size?: number;
  readonly parts?: readonly { readonly offset: number; readonly bytes: Uint8Array }[];
}

export interface FindLimits {
  /** Of a longer file only the beginning and the end are kept. */
  readonly wholeBytes: number;
  /** So much of either. */
  readonly edgeBytes: number;
  /** Of all files together. */
  readonly keptBytes: number;
  /** Unpacked. Source: an image has at most 10 GB, https://docs.aws.amazon.com/lambda/latest/dg/images-create.html */
  readonly layerBytes: number;
}

const usual: FindLimits = {
  // As much as a zip function may have in all: Go programs are patched up to there.
  wholeBytes: 268_435_456,
  edgeBytes: 1_048_576,
  keptBytes: 301_989_888,
  layerBytes: 12_000_000_000,
};

/**
 * Streams a layer and leaves it as soon as it has said something of each of `paths`: an entry, or one on the way that is no folder.
 * A path of which nothing is told is not in this layer. Throws ImageProblem, and what `chunks` throws.
 */
export async function findInLayer(
  chunks: AsyncIterable<Uint8Array>,
  paths: readonly string[],
  limits: Partial<FindLimits> = {},
): Promise<readonly FoundEntry[]> {
  const { layerBytes, keptBytes, ...content } = { ...usual, ...limits };
  const wanted = new Set(paths);
  const open = new Set(paths);
  const onTheWay = new Set(["/", ...paths.flatMap(pathAndFolders)]);
  const found = new Map<string, FoundEntry>();
  let kept = 0;
  const bytes = new ByteReader(unpacked(chunks), layerBytes);
  try {
    for await (const entry of tarEntries(bytes)) {
      const told = whatItTells(entry);
      if (told === null || !onTheWay.has(told.path)) continue;
      // The last one counts, and a layer may have any number of one name.
      const key = `${isHiding(told) ? told.kind : ""}${told.path}`;
      kept -= lengthOf(found.get(key));
      const isWanted = wanted.has(told.path) && told.kind === "file";
      // Not only once it is held: what is said of a length costs nothing to say.
      if (isWanted && entry.size <= content.wholeBytes && kept + entry.size > keptBytes)
        throw tooMuch(keptBytes);
      const one = isWanted ? { ...told, parts: await keep(entry, content) } : told;
      kept += lengthOf(one);
      if (kept > keptBytes) throw tooMuch(keptBytes);
      found.set(key, one);
      for (const path of open) if (settles(told, path)) open.delete(path);
      if (open.size === 0) return [...found.values()];
    }
    // To its end, so that its digest is compared.
    await bytes.drain();
    return [...found.values()];
  } finally {
    await bytes.leave();
  }
}

function lengthOf({ parts = [] }: Pick<FoundEntry, "parts"> = {}): number {
  return parts.reduce((sum, { bytes }) => sum + bytes.length, 0);
}

function tooMuch(most: number): ImageProblem {
  return new ImageProblem(
    `The layer has files of more than ${most} bytes together where the program that the image starts is looked for, which no function's image has.`,
  );
}

function isHiding({ kind }: FoundEntry): boolean {
  return kind === "whiteout" || kind === "opaque";
}

/** Whether nothing more can be told of `path` by this layer. */
function settles(entry: FoundEntry, path: string): boolean {
  const { path: at, kind } = entry;
  if (isHiding(entry)) return false;
  // What says that a folder is one says nothing of what is in it.
  return at === path || (kind !== "folder" && path.startsWith(`${at}/`));
}

/** `/a/b` is `/a/b`, `/a`. The root is always a folder. */
export function pathAndFolders(path: string): readonly string[] {
  const words = path.split("/").filter((word) => word !== "");
  return words.map((_, i) => `/${words.slice(0, words.length - i).join("/")}`);
}

const WHITEOUT = ".wh.";
const OPAQUE = ".wh..wh..opq";

/** No kernel knows a longer path. Source: Linux, PATH_MAX. */
const MOST_PATH = 4096;

/** Null for an entry without a sound name. Source: OCI image specification, "Layer Filesystem Changeset", "Whiteouts". */
function whatItTells(entry: TarEntry): FoundEntry | null {
  if (entry.name.length > MOST_PATH || entry.target.length > MOST_PATH) return null;
  const path = absolute(entry.name);
  if (path === null) return null;
  const slash = path.lastIndexOf("/");
  const [folder, name] = [path.slice(0, slash), path.slice(slash + 1)];
  if (name === OPAQUE) return { path: folder === "" ? "/" : folder, kind: "opaque" };
  if (name.startsWith(`${WHITEOUT}${WHITEOUT}`)) return null;
  if (name.startsWith(WHITEOUT))
    return { path: `${folder}/${name.slice(WHITEOUT.length)}`, kind: "whiteout" };
  const { kind, mode, size, target } = entry;
  if (kind === "symbolic-link") return { path, kind, mode, target };
  if (kind === "hard-link") return { path, kind, mode, target: absolute(target) ?? "/" };
  return kind === "file" ? { path, kind, mode, size } : { path, kind, mode };
}

/** `./usr//bin/` is `/usr/bin`; null for what climbs. */
function absolute(name: string): string | null {
  const words = name.split("/").filter((word) => word !== "" && word !== ".");
  return words.includes("..") ? null : `/${words.join("/")}`;
}

async function keep(
  entry: TarEntry,
  { wholeBytes, edgeBytes }: Pick<FindLimits, "wholeBytes" | "edgeBytes">,
): Promise<NonNullable<FoundEntry["parts"]>> {
  const { size } = entry;
  const ranges =
    size <= wholeBytes || size <= 2 * edgeBytes
      ? [{ offset: 0, bytes: Buffer.alloc(size) }]
      : [
          { offset: 0, bytes: Buffer.alloc(edgeBytes) },
          { offset: size - edgeBytes, bytes: Buffer.alloc(edgeBytes) },
        ];
  let at = 0;
  for await (const chunk of entry.content()) {
    for (const { offset, bytes } of ranges) {
      const from = Math.max(at, offset);
      const to = Math.min(at + chunk.length, offset + bytes.length);
      if (from < to) bytes.set(chunk.subarray(from - at, to - at), from - offset);
    }
    at += chunk.length;
  }
  return ranges;
}
