import type { Architecture } from "./architecture.ts";
import { prebuilt, readPrebuilt } from "./prebuilt-part.ts";

/** The shared object for one architecture. */
export interface Interceptor {
  readonly architecture: Architecture;
  /** Where the object lies. Its dynamic linker reads it from there, or from a copy. */
  readonly path: string;
  readonly bytes: Uint8Array;
  /** Of `bytes`, in hexadecimal. */
  readonly sha256: string;
}

/** Reads the object for an architecture. Throws when it is missing or is not the one that was built. */
export function interceptorFor(architecture: Architecture): Interceptor {
  return readInterceptor(prebuilt, architecture);
}

/** As `interceptorFor`, from a folder of `<architecture>.so` and `checksums.json`; `folder` ends in a slash. */
export function readInterceptor(folder: URL, architecture: Architecture): Interceptor {
  return { architecture, ...readPrebuilt(folder, `${architecture}.so`, architecture) };
}
