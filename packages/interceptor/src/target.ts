import { addressBytes, masked } from "./address.ts";
import { parseHost } from "./target-host.ts";

/** What is blocked. */
export interface Target {
  readonly kind: "name" | "suffix" | "address" | "range";
  /** The canonical form, as the configuration and the lines of the interceptor have it: equal texts mean equal targets. */
  readonly text: string;
  /** The text without port and brackets. */
  readonly host: string;
  /** 1 to 65535; null is every port. */
  readonly port: number | null;
}

/** `problem` is what was expected, in one clause; it names no password of a pasted URL. */
export type ParsedTarget = { readonly target: Target } | { readonly problem: string };

/**
 * Reads a name, a suffix (`*.example.com`), an IPv4 or IPv6 address or a range (`10.0.0.0/8`), each with an optional port:
 * `db.internal:5432`, `[2001:db8::1]:443`, `[2001:db8::/32]:443`. Outer white space, case, one trailing dot and host bits
 * mean nothing; names in other scripts become punycode, IPv4-mapped addresses IPv4.
 */
export function parseTarget(text: string): ParsedTarget {
  const trimmed = text.trim();
  const problem = refusal(trimmed);
  if (problem !== null) return { problem };
  const { host: hostText, port: portText, brackets } = split(trimmed);
  if (brackets && !hostText.includes(":")) return { problem: bracketed };
  const host = parseHost(hostText);
  if ("problem" in host) return host;
  if (portText !== null && !isPort(portText)) {
    return {
      problem: "a port is a number of 1 to 65535 and comes last, as in db.internal:5432 and 10.0.0.0/8:5432",
    };
  }
  const port = portText === null ? null : Number(portText);
  return { target: { ...host, text: withPort(host.host, port), port } };
}

/** What the object lets through whatever is blocked (native/address.c): loopback, unspecified and link-local addresses. */
const alwaysAllowed = ["127.0.0.0/8", "0.0.0.0/32", "169.254.0.0/16", "::/127", "fe80::/10", "fd00:ec2::/32"];

/** True for a target that blocks nothing, since the interceptor always lets these addresses through. */
export function isAlwaysAllowed({ kind, host }: Target): boolean {
  if (kind === "name" || kind === "suffix") return /(^|\.)localhost$/.test(host);
  const inner = blockOf(host);
  return alwaysAllowed
    .map(blockOf)
    .some(
      ({ bytes, bits }) =>
        bytes.length === inner.bytes.length &&
        bits <= inner.bits &&
        masked(inner.bytes, bits).every((byte, at) => byte === bytes[at]),
    );
}

function blockOf(text: string): { bytes: Uint8Array; bits: number } {
  const [address = "", length] = text.split("/");
  const bytes = addressBytes(address) ?? new Uint8Array();
  return { bytes, bits: length === undefined ? 8 * bytes.length : Number(length) };
}

const bracketed =
  "square brackets stand around an IPv6 address or range, as in [2001:db8::1]:443 and [2001:db8::/32]:443";

function refusal(text: string): string | null {
  if (text === "") return "a target is empty: expected a name, an address or a range";
  if (text === "*") return "a star alone is no target: everything is blocked when no target is given";
  const url = /^[a-z][a-z0-9+.:-]*:\/\/(?:[^/?#]*@)?(\[[^\]]*\]|[^/?#:]*)(:\d+)?/i.exec(text);
  if (url !== null) return `a URL is no target: give only its host, ${url[1]}${url[2] ?? ""}`;
  if (/[\s,;]/.test(text))
    return "a target has no white space, comma or semicolon: give each target by itself";
  if (text.includes("@")) return "a user is not part of a target: give only what follows the @";
  return /[[\]]/.test(text) && !/^\[[^[\]]*\](:|$)/.test(text) ? bracketed : null;
}

function split(text: string): { host: string; port: string | null; brackets: boolean } {
  const [, inside, after] = /^\[([^\]]*)\](?::(.*))?$/.exec(text) ?? [];
  if (inside !== undefined) return { host: inside, port: after ?? null, brackets: true };
  const [host = "", port, ...more] = text.split(":");
  // More than one colon is an IPv6 address: its port would need brackets.
  if (port === undefined || more.length > 0) return { host: text, port: null, brackets: false };
  return { host, port, brackets: false };
}

function isPort(text: string): boolean {
  return /^[1-9]\d{0,4}$/.test(text) && Number(text) <= 65_535;
}

function withPort(host: string, port: number | null): string {
  if (port === null) return host;
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
