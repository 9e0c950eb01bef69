/** What the beginning of a program says of how it is started. */
export interface ElfHeader {
  /** The kernel's number of the processor: 62 for x86-64, 183 for AArch64. */
  readonly machine: number;
  /** The dynamic loader; null: the program is static, or the loader's name is not in these bytes. */
  readonly interpreter: string | null;
}

const interpreterType = 3;

/** Reads the first bytes (4 KB will do) of a 64-bit little-endian program; null when it is none. Source: elf(5). */
export function elfHeader(head: Buffer): ElfHeader | null {
  if (head.length < 64 || !head.subarray(0, 6).equals(Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1])))
    return null;
  const table = Number(head.readBigUInt64LE(32));
  const [size, count] = [head.readUInt16LE(54), head.readUInt16LE(56)];
  const machine = head.readUInt16LE(18);
  for (let at = table; at + size <= head.length && at < table + size * count; at += size) {
    if (head.readUInt32LE(at) !== interpreterType) continue;
    const offset = Number(head.readBigUInt64LE(at + 8));
    const end = head.indexOf(0, offset);
    if (end > offset) return { machine, interpreter: head.subarray(offset, end).toString() };
  }
  return { machine, interpreter: null };
}
