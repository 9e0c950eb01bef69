import type { Check, Measured } from "../contract/probe.ts";

/** Shorter ones would take ordinary words out of every text. */
const LEAST_CHARACTERS = 4;
const LEAST_PACKED = 8;

/**
 * What is kept of a check, without the secrets that it was made with: a server or a program may repeat what it was told.
 *
 * As they are, as JSON and URLs write them, and within base64, where a password stands behind a name.
 */
export function maskSecrets<T extends Pick<Check, "measures" | "text">>(
  check: T,
  secrets: ReadonlyMap<string, string>,
): T {
  if (secrets.size === 0) return check;
  const mask = (text: string) => masked(text, secrets);
  const measures = Object.entries(check.measures).map(([name, value]): [string, Measured] => [
    mask(name),
    typeof value === "string" ? mask(value) : value,
  ]);
  return {
    ...check,
    measures: Object.fromEntries(measures),
    text: check.text === null ? null : mask(check.text),
  };
}

function masked(text: string, secrets: ReadonlyMap<string, string>): string {
  let left = text;
  for (const [name, secret] of secrets) {
    const instead = `<secret ${name}>`;
    for (const form of formsOf(secret)) left = withoutCut(left.replaceAll(form, instead), form, instead);
  }
  return left;
}

/** Longest first: one form may hold another. */
function formsOf(secret: string): readonly string[] {
  const trimmed = secret.trim();
  if (trimmed.length < LEAST_CHARACTERS) return [];
  const bytes = Buffer.from(trimmed, "utf8");
  // Where a value begins in base64 depends on what stands before it: of each of three places, what is the value's alone.
  const packed = [0, 1, 2].flatMap((skip) => {
    const whole = bytes.subarray(skip, skip + Math.floor((bytes.length - skip) / 3) * 3);
    return [whole.toString("base64"), whole.toString("base64url")];
  });
  const forms = [
    trimmed,
    JSON.stringify(trimmed).slice(1, -1),
    encodeURIComponent(trimmed),
    ...packed.filter(({ length }) => length >= LEAST_PACKED),
  ];
  return [...new Set(forms)].sort((a, b) => b.length - a.length);
}

/** A text that was cut may end in the beginning of a secret. */
function withoutCut(text: string, form: string, instead: string): string {
  return text
    .split("…")
    .map((part, i, parts) => {
      if (i === parts.length - 1) return part;
      for (let length = form.length - 1; length >= LEAST_CHARACTERS; length -= 1)
        if (part.endsWith(form.slice(0, length))) return part.slice(0, -length) + instead;
      return part;
    })
    .join("…");
}
