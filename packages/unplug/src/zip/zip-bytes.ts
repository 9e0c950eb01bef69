import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { setImmediate } from "node:timers/promises";

/** Bytes that are read where they lie, in memory or in a file. */
export interface ZipBytes {
  readonly length: number;
  /**
   * Fills the whole target from `offset` on; all of it lies within `length`. It waits for the file system: of what is long,
   * `inChunks` lets others have their turn.
   */
  readonly readInto: (target: Uint8Array, offset: number) => void;
}

export interface ZipFile extends ZipBytes, Disposable {
  readonly path: string;
}

const chunkLength = 256 * 1024;

export function zipInMemory(bytes: Uint8Array): ZipBytes {
  return {
    length: bytes.length,
    readInto: (target, offset) => target.set(bytes.subarray(offset, offset + target.length)),
  };
}

/** Throws what the file system says. */
export function openZip(path: string): ZipFile {
  const file = openSync(path, "r");
  try {
    const { size } = fstatSync(file);
    return {
      path,
      length: size,
      readInto: (target, offset) => fill(file, target, offset),
      [Symbol.dispose]: () => closeSync(file),
    };
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

function fill(file: number, target: Uint8Array, offset: number): void {
  for (let done = 0; done < target.length; ) {
    const count = readSync(file, target, done, target.length - done, offset + done);
    if (count === 0) {
      throw new Error(`The zip became shorter while it was read: no byte ${offset + done} any more.`);
    }
    done += count;
  }
}

export function readBytes(zip: ZipBytes, offset: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  zip.readInto(bytes, offset);
  return bytes;
}

/** Hands out `length` bytes from `offset` on in parts; each is valid until the next is asked for. */
export async function* inChunks(zip: ZipBytes, offset: number, length: number): AsyncGenerator<Uint8Array> {
  const chunk = Buffer.allocUnsafe(Math.min(chunkLength, length));
  for (let done = 0; done < length; done += chunk.length) {
    const part = chunk.subarray(0, Math.min(chunk.length, length - done));
    zip.readInto(part, offset + done);
    yield part;
    await setImmediate();
  }
}
