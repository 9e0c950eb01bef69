import { type FoundEntry, pathAndFolders } from "./find-in-layer.ts";
import { ImageProblem } from "./image-problem.ts";

/** What layer `layer` (0 is the lowest) has at `paths` and at the folders on the way: `findInLayer` over its bytes. */
export type LayerReader = (layer: number, paths: readonly string[]) => Promise<readonly FoundEntry[]>;

/** A file where it really is, without links on the way. */
export interface RealFile {
  readonly path: string;
  readonly mode: number;
  readonly size: number;
  readonly parts: NonNullable<FoundEntry["parts"]>;
}

/** What all layers together have at a path. */
type Seen =
  | { readonly is: "entry"; readonly entry: FoundEntry; readonly layer: number }
  /** A folder on the way is a link to elsewhere. */
  | { readonly is: "elsewhere"; readonly path: string }
  | { readonly is: "missing" };

const MISSING: Seen = { is: "missing" };
/** Source: Linux, MAXSYMLINKS. */
const MOST_LINKS = 40;
/** Longer than the path of any program; what is longer is not looked for. */
export const MOST_PATH = 1024;
/** Of files that stand where others are looked for. */
const MOST_HELD_BYTES = 536_870_912;

/** The files of an image. Layers are read from the top, each only as far as it must be. */
export class LayeredFiles {
  readonly #count: number;
  readonly #read: LayerReader;
  readonly #seen = new Map<string, Seen>();
  #heldBytes = 0;

  constructor(count: number, read: LayerReader) {
    this.#count = count;
    this.#read = read;
  }

  /** The first of `paths` at which there is a file, links followed; of several, one that may be started. Null where there is none. */
  async firstOf(paths: readonly string[]): Promise<RealFile | null> {
    const wanted = paths.filter(({ length }) => length <= MOST_PATH).map((path) => normal(path));
    await this.#look(wanted);
    for (const path of wanted) {
      const file = await this.#follow(path);
      if (file !== null && (paths.length === 1 || (file.mode & 0o111) !== 0)) return file;
    }
    return null;
  }

  async #follow(path: string): Promise<RealFile | null> {
    let next = path;
    let below = this.#count;
    for (let links = 0; links <= MOST_LINKS; links += 1) {
      if (next.length > MOST_PATH)
        throw new ImageProblem(`In the image, ${path} leads to a path that is too long.`);
      const seen = below === this.#count ? await this.#at(next) : await this.#lookOne(next, below);
      if (seen.is === "missing") return null;
      if (seen.is === "elsewhere") {
        next = seen.path;
        continue;
      }
      const { entry, layer } = seen;
      if (entry.kind === "file") return realFile(entry);
      if (entry.kind !== "symbolic-link" && entry.kind !== "hard-link") return null;
      // A hard link means what was there when its layer was made.
      below = entry.kind === "hard-link" ? layer + 1 : this.#count;
      next = targetOf(entry);
    }
    throw new ImageProblem(`In the image, ${path} is a link that leads to itself.`);
  }

  async #at(path: string): Promise<Seen> {
    const known = this.#seen.get(path);
    if (known !== undefined) return known;
    await this.#look([path]);
    return this.#seen.get(path) ?? MISSING;
  }

  async #lookOne(path: string, below: number): Promise<Seen> {
    const looks = new Look(path);
    for (let layer = below - 1; layer >= 0; layer -= 1) {
      const seen = looks.in(layer, await this.#read(layer, [path]));
      if (seen !== null) return seen;
    }
    return MISSING;
  }

  #hold(seen: Seen): void {
    if (seen.is !== "entry") return;
    for (const { bytes } of seen.entry.parts ?? []) this.#heldBytes += bytes.length;
    if (this.#heldBytes > MOST_HELD_BYTES) {
      throw new ImageProblem(
        `The image has files of more than ${MOST_HELD_BYTES} bytes together where the program that it starts is looked for.`,
      );
    }
  }

  /** Looks for all of them in one go, until it is known which of them is the first that is there. */
  async #look(paths: readonly string[]): Promise<void> {
    const open = new Map(paths.filter((path) => !this.#seen.has(path)).map((path) => [path, new Look(path)]));
    for (let layer = this.#count - 1; layer >= 0 && open.size > 0; layer -= 1) {
      const entries = await this.#read(layer, [...open.keys()]);
      for (const [path, look] of open) {
        const seen = look.in(layer, entries);
        if (seen === null) continue;
        this.#seen.set(path, seen);
        open.delete(path);
        this.#hold(seen);
      }
      const first = paths.find((path) => this.#seen.get(path)?.is !== "missing");
      if (first !== undefined && this.#seen.has(first)) return;
    }
    for (const path of open.keys()) this.#seen.set(path, MISSING);
  }
}

/** One path, looked for from the top layer down. */
class Look {
  readonly #path: string;
  /** The folders on the way, from the root. */
  readonly #folders: readonly string[];
  /** Those that a layer above has as folders: what is there below is not in force. */
  readonly #known = new Set<string>();

  constructor(path: string) {
    this.#path = path;
    this.#folders = ["/", ...pathAndFolders(path).slice(1).toReversed()];
  }

  /** Null where this layer does not decide. */
  in(layer: number, entries: readonly FoundEntry[]): Seen | null {
    const at = (path: string) => entries.findLast((entry) => entry.path === path && isThere(entry));
    const entry = at(this.#path);
    if (entry !== undefined) return { is: "entry", entry, layer };
    for (const folder of this.#folders) {
      const found = at(folder);
      if (found === undefined || this.#known.has(folder)) continue;
      if (found.kind === "folder") this.#known.add(folder);
      else if (found.kind !== "symbolic-link") return MISSING;
      else return { is: "elsewhere", path: normal(`${targetOf(found)}/${this.#path.slice(folder.length)}`) };
    }
    const onTheWay = new Set(this.#folders);
    const isHidden = entries.some(
      ({ kind, path }) =>
        (kind === "opaque" && onTheWay.has(path)) ||
        (kind === "whiteout" && (path === this.#path || onTheWay.has(path))),
    );
    return isHidden ? MISSING : null;
  }
}

function isThere({ kind }: FoundEntry): boolean {
  return kind !== "whiteout" && kind !== "opaque";
}

function realFile({ path, mode = 0, size = 0, parts = [] }: FoundEntry): RealFile {
  return { path, mode, size, parts };
}

/** Where a link leads to. */
function targetOf({ path, target = "" }: FoundEntry): string {
  return normal(target.startsWith("/") ? target : `${path.slice(0, path.lastIndexOf("/"))}/${target}`);
}

/** Absolute, without `.`, `..` and slashes that say nothing. */
export function normal(path: string): string {
  const words: string[] = [];
  for (const word of path.split("/")) {
    if (word === "..") words.pop();
    else if (word !== "" && word !== ".") words.push(word);
  }
  return `/${words.join("/")}`;
}
