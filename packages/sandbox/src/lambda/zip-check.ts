import { ApiError, invalidParameter } from "../api-error.ts";

const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;
const largestZip = 52_428_800;
const largestUnzipped = 262_144_000;

function unreadable(): ApiError {
  return invalidParameter("Could not unzip uploaded file. Please check your file, then try to upload again.");
}

/** Throws Lambda's 413 for a zip above 50 MB that came with the request itself. */
export function checkZipSize(zip: Buffer): void {
  if (zip.length <= largestZip) return;
  throw new ApiError(
    413,
    "RequestEntityTooLargeException",
    `Zipped size must be smaller than ${largestZip} bytes`,
    { type: null },
  );
}

/**
 * Reads the directory of a zip and returns the size of its files unzipped, in bytes. Throws Lambda's 400 for what is no
 * zip, or is not below 250 MB unzipped.
 */
export function checkZip(zip: Buffer): number {
  const end = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end < 0 || end + 22 > zip.length || zip.readUInt32LE(end) !== endSignature) throw unreadable();
  const entries = zip.readUInt16LE(end + 10);
  if (entries === 0) throw invalidParameter("Uploaded file must be a non-empty zip");
  let at = zip.readUInt32LE(end + 16);
  let unzipped = 0;
  for (let i = 0; i < entries; i++) {
    if (at + 46 > end || zip.readUInt32LE(at) !== entrySignature) throw unreadable();
    unzipped += zip.readUInt32LE(at + 24);
    at += 46 + zip.readUInt16LE(at + 28) + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  if (unzipped >= largestUnzipped) {
    throw invalidParameter(`Unzipped size must be smaller than ${largestUnzipped} bytes`);
  }
  return unzipped;
}
