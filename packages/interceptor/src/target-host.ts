import { domainToASCII } from "node:url";
import { addressBytes, addressText, isMapped, masked } from "./address.ts";

/** What a target names, in its canonical form and without a port; or what was expected instead. */
export type TargetHost =
  | { readonly kind: "name" | "suffix" | "address" | "range"; readonly host: string }
  | { readonly problem: string };

const ipv4 = "an IPv4 address is four numbers of 0 to 255 without leading zeros, as 10.0.0.5";

/** Reads `db.internal`, `*.example.com`, `10.0.0.5`, `2001:db8::1`, `10.0.0.0/8` or `2001:db8::/32`. */
export function parseHost(text: string): TargetHost {
  if (text.includes("%"))
    return { problem: "a zone cannot be matched: give the address without % and what follows" };
  const bytes = addressBytes(text);
  if (bytes !== null) return range(bytes, 8 * bytes.length);
  if (text.includes("/")) return parseRange(text);
  if (text.includes(":")) return { problem: "an IPv6 address with a port is written as [2001:db8::1]:443" };
  return text.startsWith("*.") ? named("suffix", text.slice(2)) : named("name", text);
}

function parseRange(text: string): TargetHost {
  const [address = "", length = "", ...more] = text.split("/");
  const bytes = addressBytes(address);
  if (bytes === null) {
    return /^[\d.]+$/.test(address)
      ? { problem: `${ipv4}, and a range of them 10.0.0.0/8` }
      : { problem: `a path is not part of a target: give only ${address === "" ? "the host" : address}` };
  }
  const bits = 8 * bytes.length;
  if (more.length > 0 || !/^(0|[1-9]\d{0,2})$/.test(length) || Number(length) > bits) {
    return { problem: `a range of IPv${bits === 32 ? 4 : 6} addresses ends in a slash and 0 to ${bits}` };
  }
  return range(bytes, Number(length));
}

/** One canonical text for one set of addresses: host bits cleared, one address without its length, mapped as IPv4. */
function range(bytes: Uint8Array, bits: number): TargetHost {
  if (isMapped(bytes) && bits >= 96) return range(bytes.subarray(12), bits - 96);
  const host = addressText(masked(bytes, bits));
  return bits === 8 * bytes.length ? { kind: "address", host } : { kind: "range", host: `${host}/${bits}` };
}

function named(kind: "name" | "suffix", text: string): TargetHost {
  const name = asciiName(text);
  if (name === null) return { problem: `${JSON.stringify(text)} is not a domain name` };
  const labels = name.split(".");
  if (labels.includes("*") || name.includes("*")) {
    return { problem: "a star stands only at the beginning and before a dot, as in *.example.com" };
  }
  if (labels.includes("")) return { problem: "a name has no empty labels (two dots, or a dot at the start)" };
  if (/^(\d+|0x[0-9a-f]*)$/.test(labels.at(-1) ?? "")) return { problem: ipv4 };
  const wrong = labels.find((label) => !/^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label));
  if (wrong !== undefined) {
    return {
      problem: `the labels of a name are 1 to 63 letters, digits, hyphens (not at an end) and underscores, not ${JSON.stringify(wrong)}`,
    };
  }
  // The dot that was taken off the end is not counted: RFC 1035's 255 bytes are 253 characters.
  if (name.length > 253) return { problem: `a name has at most 253 characters, not ${name.length}` };
  return { kind, host: kind === "suffix" ? `*.${name}` : name };
}

/** Lower case, without one trailing dot, non-ASCII labels as punycode; null when there is no such form. */
function asciiName(text: string): string | null {
  const lower = /^[\x21-\x7e]*$/.test(text) ? text.toLowerCase() : unicodeName(text);
  return lower?.replace(/\.$/, "") ?? null;
}

function unicodeName(text: string): string | null {
  // domainToASCII decodes %41 and cuts at a slash, as in a URL: only names are handed to it.
  if (/[\x00-\x2c\x2f\x3a-\x40\x5b-\x5e\x60\x7b-\x7f]/.test(text)) return null;
  const ascii = domainToASCII(text);
  return ascii === "" ? null : ascii;
}
