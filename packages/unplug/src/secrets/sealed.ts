import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import * as z from "zod";
import { Refusal } from "../contract/refusal.ts";

const FORMAT = 1;
const CIPHER = "aes-256-gcm";
/** Source: NIST SP 800-38D, 5.2.1.1 and 5.2.1.2. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

const sealedShape = z.strictObject({
  format: z.literal(FORMAT),
  name: z.string(),
  /** Milliseconds since 1970; the last that a calendar knows at most. */
  addedAt: z.int().min(0).max(8.64e15),
  /** Of the text, in UTF-8. */
  bytes: z.int().min(0),
  nonce: z.base64(),
  tag: z.base64(),
  data: z.base64(),
});

/** A secret as it stands in a file: all but `data` is legible, and none of it can be changed unnoticed. */
export type Sealed = z.output<typeof sealedShape>;

export function seal(name: string, text: string, { key, now }: { key: Buffer; now: number }): Sealed {
  const plain = Buffer.from(text, "utf8");
  const head = { format: FORMAT, name, addedAt: now, bytes: plain.length } as const;
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES }).setAAD(known(head));
  const data = Buffer.concat([cipher.update(plain), cipher.final()]);
  return {
    ...head,
    nonce: nonce.toString("base64"),
    tag: cipher.getAuthTag().toString("base64"),
    data: data.toString("base64"),
  };
}

/** The text. Throws Refusal when the key is another, or the file was changed. */
export function unseal(sealed: Sealed, key: Buffer): string {
  try {
    const decipher = createDecipheriv(CIPHER, key, Buffer.from(sealed.nonce, "base64"), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(known(sealed)).setAuthTag(Buffer.from(sealed.tag, "base64"));
    return Buffer.concat([decipher.update(Buffer.from(sealed.data, "base64")), decipher.final()]).toString(
      "utf8",
    );
  } catch {
    throw new Refusal(
      `The secret "${sealed.name}" cannot be opened: it was sealed with another key, or its file was changed.`,
      [],
      `Add it anew: unplug secret add ${sealed.name} FILE`,
    );
  }
}

/** Null when the text is none of ours. */
export function parseSealed(text: string): Sealed | null {
  try {
    return sealedShape.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** What is bound to the data: a file put in another's place does not open. */
function known({
  format,
  name,
  addedAt,
  bytes,
}: Pick<Sealed, "format" | "name" | "addedAt" | "bytes">): Buffer {
  return Buffer.from(JSON.stringify([format, name, addedAt, bytes]), "utf8");
}
