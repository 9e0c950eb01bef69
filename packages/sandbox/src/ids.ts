import { randomBytes } from "node:crypto";

/** Makes the identifiers of the cloud; repeatable when the randomness is. */
export interface Ids {
  /** A version 4 UUID in lower case. */
  uuid(): string;
  /** `length` characters of A-Z and 0-9, as in access keys. */
  letters(length: number): string;
}

/** Uniform numbers in [0, 1) from the system's generator, drawn in blocks. */
export function systemRandom(): () => number {
  let pool = Buffer.alloc(0);
  let at = 0;
  return () => {
    if (at + 4 > pool.length) {
      pool = randomBytes(4096);
      at = 0;
    }
    at += 4;
    return pool.readUInt32LE(at - 4) / 2 ** 32;
  };
}

export function createIds(random: () => number): Ids {
  const hex = (digits: number): string => {
    let out = "";
    for (let i = 0; i < digits; i++) out += Math.floor(random() * 16).toString(16);
    return out;
  };
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  return {
    uuid: () => {
      const variant = "89ab".charAt(Math.floor(random() * 4));
      return `${hex(8)}-${hex(4)}-4${hex(3)}-${variant}${hex(3)}-${hex(12)}`;
    },
    letters: (length) => {
      let out = "";
      for (let i = 0; i < length; i++) out += alphabet.charAt(Math.floor(random() * alphabet.length));
      return out;
    },
  };
}
