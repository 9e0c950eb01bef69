/** One file of 300 MB, says the directory. */
export function hugeZip(zip: Uint8Array): Buffer {
  return withDirectoryField(zip, (record) => record.writeUInt32LE(300_000_000, 24));
}

export function encrypted(zip: Uint8Array): Buffer {
  return withDirectoryField(zip, (record) => record.writeUInt16LE(1, 8));
}

export function zip64(zip: Uint8Array): Buffer {
  const copy = Buffer.from(zip);
  copy.writeUInt16LE(0xffff, copy.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6])) + 10);
  return copy;
}

/** A copy whose first record of the directory is another one. */
function withDirectoryField(zip: Uint8Array, change: (record: Buffer) => unknown): Buffer {
  const copy = Buffer.from(zip);
  change(copy.subarray(copy.indexOf(Buffer.from([0x50, 0x4b, 1, 2]))));
  return copy;
}
