import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** A file of the interceptor, whole and as it was built. */
export interface PrebuiltPart {
  readonly path: string;
  readonly bytes: Buffer;
  /** Of `bytes`, in hexadecimal. */
  readonly sha256: string;
}

// The published package has a folder of this name beside the one that all its chunks lie in.
export const prebuilt: URL = new URL("../prebuilt/", import.meta.url);

/**
 * Reads a file of a folder whose `checksums.json` has its SHA-256 under `key`; `folder` ends in a slash.
 * Throws when it is missing or is not the one that was built.
 */
export function readPrebuilt(folder: URL, file: string, key: string): PrebuiltPart {
  const path = fileURLToPath(new URL(file, folder));
  const expected = expectedChecksum(folder, key);
  const bytes = readPart(path);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  if (sha256 === expected) return { path, bytes, sha256 };
  throw new Error(
    `The interceptor ${path} is not the one that was built: its SHA-256 is ${sha256}, expected ${expected}. Install the package again.`,
  );
}

function expectedChecksum(folder: URL, key: string): string {
  const path = fileURLToPath(new URL("checksums.json", folder));
  const checksum = checksumIn(readPart(path).toString("utf8"), key);
  if (checksum !== null) return checksum;
  throw new Error(
    `${path} has no SHA-256 for ${key}: expected 64 hexadecimal digits under that name. Install the package again.`,
  );
}

function checksumIn(json: string, key: string): string | null {
  try {
    const found: unknown = JSON.parse(json);
    const text: unknown = Object.entries(Object(found)).find(([name]) => name === key)?.[1];
    return typeof text === "string" && /^[0-9a-f]{64}$/.test(text) ? text : null;
  } catch {
    return null;
  }
}

function readPart(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`A part of the interceptor cannot be read: ${why}. Install the package again.`, {
      cause,
    });
  }
}
