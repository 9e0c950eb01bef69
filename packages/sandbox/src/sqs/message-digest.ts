import { createHash } from "node:crypto";
import { blob, type Input, isRecord, text } from "../input.ts";

export function md5(value: string | Buffer): string {
  return createHash("md5").update(value).digest("hex");
}

function part(value: Buffer): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32BE(value.length);
  return Buffer.concat([size, value]);
}

/** MD5OfMessageAttributes. Source: SQS developer guide, "Calculating the MD5 message digest for message attributes". */
export function md5OfAttributes(attributes: Input): string | undefined {
  const names = Object.keys(attributes).sort();
  if (names.length === 0) return undefined;
  const parts: Buffer[] = [];
  for (const name of names) {
    const attribute = attributes[name];
    if (!isRecord(attribute)) continue;
    const type = text(attribute, "DataType") ?? "String";
    const binary = type.startsWith("Binary");
    const value = binary
      ? (blob(attribute, "BinaryValue") ?? Buffer.alloc(0))
      : Buffer.from(text(attribute, "StringValue") ?? "");
    parts.push(part(Buffer.from(name)), part(Buffer.from(type)), Buffer.from([binary ? 2 : 1]), part(value));
  }
  return md5(Buffer.concat(parts));
}
