import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { atOnce } from "./deflate.ts";
import { gzipInSteps } from "./gzip.ts";
import { ImageProblem } from "./image-problem.ts";
import { BLOCK } from "./tar-header.ts";

export interface LayerFile {
  /** Absolute. */
  readonly path: string;
  /** Permission bits. */
  readonly mode: number;
  readonly content: Uint8Array;
  /** There is one already: its folders are not touched. Otherwise each of them gets an entry, of mode 0755. */
  readonly replaces?: boolean;
}

export interface Layer {
  /** Packed by gzip. */
  readonly bytes: Buffer;
  /** Of `bytes`. */
  readonly digest: string;
  /** Of the archive, unpacked. */
  readonly diffId: string;
}

interface Entry {
  readonly name: string;
  readonly mode: number;
  readonly type: "0" | "5";
  readonly content: Uint8Array;
}

/** A layer of some files: the same bytes from every machine, on every day, and of root. Throws ImageProblem. */
export function makeLayer(files: readonly LayerFile[]): Layer {
  const tar = tarOf(files);
  return layerOf(tar, atOnce(gzipInSteps(tar)));
}

/** As `makeLayer`, and everybody else has a turn meanwhile: what is long takes its time, a hundred million bytes about ten seconds. */
export async function makeLayerInTurns(files: readonly LayerFile[]): Promise<Layer> {
  const tar = tarOf(files);
  const steps = gzipInSteps(tar);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return layerOf(tar, step.value);
    await setImmediate();
  }
}

function layerOf(tar: readonly Uint8Array[], bytes: Buffer): Layer {
  return { bytes, digest: sha256([bytes]), diffId: sha256(tar) };
}

/** In parts, of which the contents are not copied. */
function tarOf(files: readonly LayerFile[]): readonly Uint8Array[] {
  const entries = new Map<string, Entry>();
  const nothing = new Uint8Array();
  for (const { path, mode, content, replaces } of files) {
    const words = path.slice(1).split("/");
    if (!path.startsWith("/") || words.some((word) => /^(|\.|\.\.)$/.test(word))) {
      throw new ImageProblem(`${JSON.stringify(path)} is no absolute path of a file.`);
    }
    for (let depth = 1; depth < words.length && replaces !== true; depth += 1) {
      const name = `${words.slice(0, depth).join("/")}/`;
      entries.set(name, { name, mode: 0o755, type: "5", content: nothing });
    }
    const name = words.join("/");
    entries.set(name, { name, mode, type: "0", content });
  }
  const sorted = [...entries.values()].sort((a, b) =>
    Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)),
  );
  return [...sorted.flatMap(blocksOf), Buffer.alloc(2 * BLOCK)];
}

function sha256(parts: readonly Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return `sha256:${hash.digest("hex")}`;
}

function blocksOf({ name, mode, type, content }: Entry): readonly Uint8Array[] {
  const padding = Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK);
  return [headerOf({ name, mode, type, size: content.length }), content, padding];
}

/** Source: POSIX.1 pax, "ustar Interchange Format". */
function headerOf({
  name,
  mode,
  type,
  size,
}: {
  readonly name: string;
  readonly mode: number;
  readonly type: "0" | "5";
  readonly size: number;
}): Buffer {
  const header = Buffer.alloc(BLOCK);
  const { prefix, rest } = splitName(name);
  header.write(rest, 0);
  header.write(`${mode.toString(8).padStart(7, "0")}\0`, 100);
  header.write("0000000\0", 108);
  header.write("0000000\0", 116);
  header.write(`${size.toString(8).padStart(11, "0")}\0`, 124);
  header.write("00000000000\0", 136);
  header.write("        ", 148);
  header.write(type, 156);
  header.write("ustar\x0000", 257, "latin1");
  header.write("0000000\0", 329);
  header.write("0000000\0", 337);
  header.write(prefix, 345);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return header;
}

/** A name of more than 100 bytes is cut at a slash, the folder of at most 155 apart. */
function splitName(name: string): { readonly prefix: string; readonly rest: string } {
  if (Buffer.byteLength(name) <= 100) return { prefix: "", rest: name };
  for (let at = name.indexOf("/"); at >= 0 && at < name.length - 1; at = name.indexOf("/", at + 1)) {
    const [prefix, rest] = [name.slice(0, at), name.slice(at + 1)];
    if (Buffer.byteLength(prefix) <= 155 && Buffer.byteLength(rest) <= 100) return { prefix, rest };
  }
  throw new ImageProblem(`The path /${name} is too long for a layer.`);
}
