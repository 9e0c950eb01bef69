import { createHash } from "node:crypto";

const validForMs = 600_000;

/** A zip and its base64 SHA-256. */
export interface LinkedCode {
  readonly zip: Buffer;
  readonly sha256: string;
}

/** Addresses under which code can be downloaded for ten minutes. */
export interface CodeLinks {
  /** An address for a zip that belongs to something with this ARN. */
  of(arn: string, code: LinkedCode, now: number): string;
  /** The zip behind a path that `of` gave out; undefined when it is unknown or has expired. */
  read(path: string, now: number): Buffer | undefined;
}

export const codePath = "/_unplug/code/";

export function createCodeLinks(endpoint: () => string): CodeLinks {
  const zips = new Map<string, { zip: Buffer; expiresAt: number }>();
  const of: CodeLinks["of"] = (arn, { zip, sha256 }, now) => {
    for (const [key, link] of zips) if (link.expiresAt < now) zips.delete(key);
    const digest = createHash("sha256").update(`${arn} ${sha256}`).digest("hex").slice(0, 40);
    const expiresAt = now + validForMs;
    zips.set(digest, { zip, expiresAt });
    return `${endpoint()}${codePath}${digest}?Expires=${expiresAt}`;
  };
  return {
    of,
    read: (path, now) => {
      const url = new URL(path, "http://localhost");
      const link = zips.get(url.pathname.slice(codePath.length));
      const expiresAt = Number(url.searchParams.get("Expires"));
      return link !== undefined && expiresAt >= now && expiresAt <= link.expiresAt ? link.zip : undefined;
    },
  };
}
