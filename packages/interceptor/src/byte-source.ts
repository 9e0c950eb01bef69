import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/** Bytes of which only parts are read: a program can be larger than what is worth reading. */
export interface ByteSource {
  readonly size: number;
  /** The bytes from `offset` on, `length` of them; null when they do not all exist. */
  at(offset: number, length: number): Buffer | null;
}

export function sourceOf(bytes: Uint8Array): ByteSource {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    size: all.length,
    at: (offset, length) =>
      isInside(all.length, offset, length) ? all.subarray(offset, offset + length) : null,
  };
}

/** Hands the bytes of a file to `read`. Throws what the system says when the file cannot be opened or read. */
export function withFile<Result>(path: string, read: (source: ByteSource) => Result): Result {
  const file = openSync(path, "r");
  try {
    const { size } = fstatSync(file);
    return read({ size, at: (offset, length) => part(file, { size, offset, length }) });
  } finally {
    closeSync(file);
  }
}

function part(
  file: number,
  { size, offset, length }: Record<"size" | "offset" | "length", number>,
): Buffer | null {
  if (!isInside(size, offset, length)) return null;
  const bytes = Buffer.allocUnsafe(length);
  for (let done = 0; done < length; ) {
    const count = readSync(file, bytes, done, length - done, offset + done);
    if (count === 0) return null;
    done += count;
  }
  return bytes;
}

function isInside(size: number, offset: number, length: number): boolean {
  return offset >= 0 && length >= 0 && offset + length <= size;
}
