/** e_machine of the processor that the tests run on. */
export const ownMachine = process.arch === "arm64" ? 183 : 62;

/** The smallest program that Linux takes for one: a segment, and the dynamic linker that it names; null is a static program. */
export function elfProgram(interpreter: string | null, machine = 62): Buffer {
  const bytes = Buffer.alloc(512);
  bytes.write("\x7fELF\x02\x01\x01", "latin1");
  bytes.writeUInt16LE(2, 16);
  bytes.writeUInt16LE(machine, 18);
  bytes.writeUInt32LE(1, 20);
  bytes.writeBigUInt64LE(0x400100n, 24);
  bytes.writeBigUInt64LE(64n, 32);
  bytes.writeUInt16LE(64, 52);
  bytes.writeUInt16LE(56, 54);
  bytes.writeUInt16LE(interpreter === null ? 1 : 2, 56);
  segment(bytes, { at: 64, type: 1, offset: 0, size: 512 });
  if (interpreter !== null) {
    segment(bytes, { at: 120, type: 3, offset: 256, size: interpreter.length + 1 });
    bytes.write(interpreter, 256, "latin1");
  }
  return bytes;
}

function segment(
  bytes: Buffer,
  { at, type, offset, size }: Record<"at" | "type" | "offset" | "size", number>,
): void {
  bytes.writeUInt32LE(type, at);
  bytes.writeUInt32LE(5, at + 4);
  bytes.writeBigUInt64LE(BigInt(offset), at + 8);
  bytes.writeBigUInt64LE(0x400000n + BigInt(offset), at + 16);
  bytes.writeBigUInt64LE(BigInt(size), at + 32);
  bytes.writeBigUInt64LE(BigInt(size), at + 40);
  bytes.writeBigUInt64LE(4096n, at + 48);
}
