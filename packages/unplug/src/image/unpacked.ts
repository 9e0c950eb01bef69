import { pipeline, Readable, type Transform } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { ImageProblem } from "./image-problem.ts";

const CHUNK = 32_768;

/**
 * The bytes of a layer, unpacked: gzip and zstd are known by how they begin, all else is taken as it is.
 * Who leaves early ends what brings the bytes, too.
 */
export async function* unpacked(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const source = chunks[Symbol.asyncIterator]();
  const held: Uint8Array[] = [];
  let begin = Buffer.alloc(0);
  while (begin.length < 4) {
    const next = await source.next();
    if (next.done === true) break;
    held.push(next.value);
    begin = Buffer.concat([begin, next.value]).subarray(0, 4);
  }
  const all = from(held, source);
  const unpack = unpackerFor(begin);
  if (unpack === null) {
    yield* all;
    return;
  }
  // `pipeline` tells of the source's error by the unpacker's, which is the one that is read here.
  pipeline(Readable.from(all, { highWaterMark: 2 }), unpack, () => undefined);
  try {
    yield* unpack;
  } catch (error) {
    const code: unknown = error instanceof Error ? Reflect.get(error, "code") : undefined;
    if (typeof code !== "string" || !/^(Z_|ZSTD_|ERR__ERROR_)/.test(code)) throw error;
    throw new ImageProblem("The layer cannot be unpacked: it is damaged, or it was cut off.", error);
  }
}

async function* from(
  held: readonly Uint8Array[],
  source: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    yield* held;
    for (;;) {
      const next = await source.next();
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    await source.return?.();
  }
}

function unpackerFor(begin: Buffer): Transform | null {
  const magic = begin.toString("hex");
  if (magic.startsWith("1f8b")) return createGunzip({ chunkSize: CHUNK });
  return magic === "28b52ffd" ? createZstdDecompress({ chunkSize: CHUNK }) : null;
}
