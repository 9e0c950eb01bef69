import { isIPv4, isIPv6 } from "node:net";

/** The 4 or 16 bytes of an address, of an IPv4-mapped IPv6 address all 16; null when the text is no address. */
export function addressBytes(text: string): Uint8Array | null {
  if (isIPv4(text)) return Uint8Array.from(text.split("."), Number);
  if (!isIPv6(text) || text.includes("%")) return null;
  const [head = "", tail] = withoutDots(text).split("::");
  const before = groups(head);
  const after = groups(tail ?? "");
  const between = Array.from({ length: 8 - before.length - after.length }, () => 0);
  return Uint8Array.from([...before, ...between, ...after].flatMap((group) => [group >> 8, group & 0xff]));
}

/** True for the 16 bytes of `::ffff:a.b.c.d`, which is how an IPv6 socket speaks to an IPv4 address. */
export function isMapped(bytes: Uint8Array): boolean {
  return bytes.length === 16 && bytes.subarray(0, 12).every((byte, at) => byte === (at < 10 ? 0 : 0xff));
}

/** The bytes with everything after the first `bits` cleared. */
export function masked(bytes: Uint8Array, bits: number): Uint8Array {
  return bytes.map((byte, at) => byte & (0xff00 >> Math.min(8, Math.max(0, bits - 8 * at))));
}

/** Writes an address of 4 or 16 bytes; IPv6 as RFC 5952 does: small letters, the first longest run of zeros left out. */
export function addressText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  const words = Array.from({ length: 8 }, (_, at) => ((bytes[2 * at] ?? 0) << 8) | (bytes[2 * at + 1] ?? 0));
  const zeros = longestRunOfZeros(words);
  const hex = (some: number[]) => some.map((word) => word.toString(16)).join(":");
  if (zeros.length < 2) return hex(words);
  return `${hex(words.slice(0, zeros.at))}::${hex(words.slice(zeros.at + zeros.length))}`;
}

function groups(text: string): number[] {
  return text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16));
}

function withoutDots(text: string): string {
  return text.replace(
    /(\d+)\.(\d+)\.(\d+)\.(\d+)$/,
    (_, ...parts: string[]) =>
      `${hexOf(parts.slice(0, 2).map(Number))}:${hexOf(parts.slice(2, 4).map(Number))}`,
  );
}

function hexOf([high = 0, low = 0]: number[]): string {
  return ((high << 8) | low).toString(16);
}

function longestRunOfZeros(words: readonly number[]): { at: number; length: number } {
  const best = { at: 0, length: 0 };
  for (let at = 0; at < words.length; at++) {
    const end = words.findIndex((word, index) => index >= at && word !== 0);
    const length = (end < 0 ? words.length : end) - at;
    if (length > best.length) Object.assign(best, { at, length });
  }
  return best;
}
