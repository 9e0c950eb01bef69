import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";

/** Bytes that are read where they lie, in memory or in a file. */
export interface ZipBytes {
  readonly length: number;
  /** Fills the whole target from `offset` on; all of it lies within `length`. */
  readonly readInto: (target: Uint8Array, offset: number) => Promise<void>;
}

export interface ZipFile extends ZipBytes, AsyncDisposable {
  readonly path: string;
}

const chunkLength = 256 * 1024;

export function zipInMemory(bytes: Uint8Array): ZipBytes {
  return {
    length: bytes.length,
    readInto: async (target, offset) => target.set(bytes.subarray(offset, offset + target.length)),
  };
}

/** Throws what the file system says. */
export async function openZip(path: string): Promise<ZipFile> {
  const handle = await open(path);
  try {
    const { size } = await handle.stat();
    return {
      path,
      length: size,
      readInto: (target, offset) => fill(handle, target, offset),
      [Symbol.asyncDispose]: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function fill(handle: FileHandle, target: Uint8Array, offset: number): Promise<void> {
  for (let done = 0; done < target.length; ) {
    const { bytesRead } = await handle.read(target, done, target.length - done, offset + done);
    if (bytesRead === 0)
      throw new Error(`The zip became shorter while it was read: no byte ${offset + done} any more.`);
    done += bytesRead;
  }
}

export async function readBytes(zip: ZipBytes, offset: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  await zip.readInto(bytes, offset);
  return bytes;
}

/** Hands out `length` bytes from `offset` on in parts; each is valid until the next is asked for. */
export async function* inChunks(zip: ZipBytes, offset: number, length: number): AsyncGenerator<Uint8Array> {
  const chunk = Buffer.allocUnsafe(Math.min(chunkLength, length));
  for (let done = 0; done < length; done += chunk.length) {
    const part = chunk.subarray(0, Math.min(chunk.length, length - done));
    await zip.readInto(part, offset + done);
    yield part;
  }
}

/** SHA-256 in lower-case hexadecimal digits of the first `length` bytes and of what comes after them. */
export async function hashOfHead(zip: ZipBytes, length: number, after: Uint8Array): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of inChunks(zip, 0, length)) hash.update(chunk);
  return hash.update(after).digest("hex");
}

/** SHA-256 of a file in lower-case hexadecimal digits. */
export async function sha256OfFile(path: string): Promise<string> {
  await using zip = await openZip(path);
  return await hashOfHead(zip, zip.length, new Uint8Array());
}
