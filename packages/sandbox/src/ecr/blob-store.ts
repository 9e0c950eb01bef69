import { createHash } from "node:crypto";
import { Readable } from "node:stream";

/** Bytes that are being uploaded; consecutive ones come by `append`. */
export interface BlobUpload {
  readonly size: number;
  append(bytes: Buffer): Promise<void>;
  /** Keeps them under their digest, which is the result; the upload is over. */
  finish(): Promise<string>;
  /** `sha256:` and hex of what came so far. */
  digest(): string;
  /** Forgets them. */
  drop(): Promise<void>;
}

/** Layers, configs and whatever else manifests name, by `sha256:` and hex of their bytes. What is once in it stays. */
export interface BlobStore {
  /** Bytes; undefined: it is not there. */
  sizeOf(digest: string): number | undefined;
  begin(): Promise<BlobUpload>;
  /** All of it, for what is small. To be called only for what is there. */
  bytes(digest: string): Promise<Buffer>;
  /** The bytes from `first` to `last`, both included; default all. To be called only for what is there. */
  read(digest: string, range?: ByteRange): Readable;
}

export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/** In memory. */
export function memoryBlobs(): BlobStore {
  const blobs = new Map<string, Buffer>();
  return {
    sizeOf: (digest) => blobs.get(digest)?.length,
    begin: async () => {
      const hash = createHash("sha256");
      let parts: Buffer[] = [];
      let size = 0;
      const digest = (): string => `sha256:${hash.copy().digest("hex")}`;
      return {
        get size() {
          return size;
        },
        append: async (bytes) => {
          hash.update(bytes);
          parts.push(bytes);
          size += bytes.length;
        },
        digest,
        finish: async () => {
          blobs.set(digest(), Buffer.concat(parts));
          return digest();
        },
        drop: async () => {
          parts = [];
        },
      };
    },
    bytes: async (digest) => blobs.get(digest) ?? Buffer.alloc(0),
    read: (digest, range) => {
      const bytes = blobs.get(digest) ?? Buffer.alloc(0);
      const { first, last } = range ?? { first: 0, last: bytes.length - 1 };
      return Readable.from([bytes.subarray(first, last + 1)]);
    },
  };
}
