import { RegistryError } from "./registry-error.ts";

/** Source: the distribution specification, "Pulling manifests". */
const REPOSITORY = /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;

export function isDigest(text: string): boolean {
  return DIGEST.test(text);
}

/** They become parts of a URL: what is no name is not sent. */
export function checkRepository(name: string): string {
  return checked(name, REPOSITORY.test(name) && name.length <= 255, "the name of a repository");
}

export function checkReference(reference: string): string {
  return checked(
    reference,
    TAG.test(reference) || DIGEST.test(reference),
    "a tag or a digest of SHA-256 (sha256: and 64 hexadecimal digits)",
  );
}

export function checkDigest(digest: string): string {
  return checked(digest, DIGEST.test(digest), "a digest of SHA-256 (sha256: and 64 hexadecimal digits)");
}

function checked(text: string, good: boolean, what: string): string {
  if (good) return text;
  const message = `${JSON.stringify(text.slice(0, 300))} is not ${what}; nothing was sent.`;
  throw new RegistryError(message, { code: "BadName", status: null, outcome: "unsent" });
}
