import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Architecture } from "./architecture.ts";

/** The shared object for one architecture. */
export interface Interceptor {
  readonly architecture: Architecture;
  /** Where the object lies. Its dynamic linker reads it from there, or from a copy. */
  readonly path: string;
  readonly bytes: Uint8Array;
  /** Of `bytes`, in hexadecimal. */
  readonly sha256: string;
}

// The published package has a folder of this name beside the one that all its chunks lie in.
const prebuilt = new URL("../prebuilt/", import.meta.url);

/** Reads the object for an architecture. Throws when it is missing or is not the one that was built. */
export function interceptorFor(architecture: Architecture): Interceptor {
  return readInterceptor(prebuilt, architecture);
}

/** As `interceptorFor`, from a folder of `<architecture>.so` and `checksums.json`; `folder` ends in a slash. */
export function readInterceptor(folder: URL, architecture: Architecture): Interceptor {
  const path = fileURLToPath(new URL(`${architecture}.so`, folder));
  const expected = expectedChecksum(folder, architecture);
  const bytes = readPart(path);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  if (sha256 !== expected) {
    throw new Error(
      `The interceptor ${path} is not the one that was built: its SHA-256 is ${sha256}, expected ${expected}. Install the package again.`,
    );
  }
  return { architecture, path, bytes, sha256 };
}

function expectedChecksum(folder: URL, architecture: Architecture): string {
  const path = fileURLToPath(new URL("checksums.json", folder));
  const checksum = checksumIn(readPart(path).toString("utf8"), architecture);
  if (checksum !== null) return checksum;
  throw new Error(
    `${path} has no SHA-256 for ${architecture}: expected 64 hexadecimal digits under that name. Install the package again.`,
  );
}

function checksumIn(json: string, architecture: Architecture): string | null {
  try {
    const found: unknown = JSON.parse(json);
    const text: unknown = Object.entries(Object(found)).find(([name]) => name === architecture)?.[1];
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
