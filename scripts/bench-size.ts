import { gzipSync } from "node:zlib";
import { architectures, interceptorFor } from "../packages/interceptor/src/index.ts";
import type { Measured } from "./measured.ts";

/** Bytes of the objects, as they are and compressed. */
export async function benchSize(): Promise<Measured> {
  const figures = architectures.flatMap((architecture) => {
    const { bytes } = interceptorFor(architecture);
    return [
      [`${architecture}, bytes`, bytes.length],
      [`${architecture}, bytes gzipped`, gzipSync(bytes, { level: 9 }).length],
    ];
  });
  return { says: [], figures: Object.fromEntries(figures) };
}
