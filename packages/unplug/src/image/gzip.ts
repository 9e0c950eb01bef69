import { crc32 } from "node:zlib";
import { deflateInSteps } from "./deflate.ts";

/** No flags, no date, no name, an unknown system: the same header for the same bytes. Source: RFC 1952, section 2.3. */
const HEADER = Buffer.from("1f8b08000000000000ff", "hex");

/** The parts as one gzip file, always the same; some milliseconds a step. */
export function* gzipInSteps(parts: readonly Uint8Array[]): Generator<void, Buffer> {
  const end = Buffer.alloc(8);
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  end.writeUInt32LE(
    parts.reduce((sum, part) => crc32(part, sum), 0),
    0,
  );
  end.writeUInt32LE(length % 2 ** 32, 4);
  return Buffer.concat([HEADER, yield* deflateInSteps(parts), end]);
}
