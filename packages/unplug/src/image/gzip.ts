import { crc32 } from "node:zlib";
import { deflateInSteps } from "./deflate.ts";

/** No flags, no date, no name, an unknown system: the same header for the same bytes. Source: RFC 1952, section 2.3. */
const HEADER = Buffer.from("1f8b08000000000000ff", "hex");

/** The bytes as a gzip file, always the same; some milliseconds a step. */
export function* gzipInSteps(bytes: Uint8Array): Generator<void, Buffer> {
  const end = Buffer.alloc(8);
  end.writeUInt32LE(crc32(bytes), 0);
  end.writeUInt32LE(bytes.length % 2 ** 32, 4);
  return Buffer.concat([HEADER, yield* deflateInSteps(bytes), end]);
}
