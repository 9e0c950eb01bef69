import { isRecord } from "../input.ts";

function escaped(value: string): string {
  return value
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("\r", "&#xD;");
}

/** Says how a member is written; null: as usual. */
export type MemberRule = (name: string, value: unknown) => string | null;

export function element(name: string, inner: string): string {
  return `<${name}>${inner}</${name}>`;
}

const times = new Set([
  "AlarmConfigurationUpdatedTimestamp",
  "CreateDate",
  "Expiration",
  "StateTransitionedTimestamp",
  "StateUpdatedTimestamp",
  "Timestamp",
  "Timestamps",
  "UpdateDate",
]);

function scalar(name: string, value: unknown): string {
  if (times.has(name) && typeof value === "number") return new Date(value * 1000).toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  return escaped(String(value));
}

/** Writes one member of an output: lists get `member` elements, times are ISO text. */
export function xmlMember(name: string, value: unknown, rule: MemberRule): string {
  const own = rule(name, value);
  if (own !== null) return own;
  if (value === undefined || value === null) return "";
  if (Array.isArray(value)) {
    const written = value.map((item: unknown) =>
      element("member", isRecord(item) ? xmlMembers(item, rule) : scalar(name, item)),
    );
    return element(name, written.join(""));
  }
  return element(name, isRecord(value) ? xmlMembers(value, rule) : scalar(name, value));
}

export function xmlMembers(value: Record<string, unknown>, rule: MemberRule): string {
  return Object.entries(value)
    .map(([name, item]) => xmlMember(name, item, rule))
    .join("");
}
