import { createHash } from "node:crypto";
import type { StoredFunction } from "./function-store.ts";

const validForMs = 600_000;

/** Addresses under which code can be downloaded for ten minutes. */
export interface CodeLinks {
  make(stored: StoredFunction, now: number): string;
  /** The zip behind a path that `make` gave out; undefined when it is unknown or has expired. */
  read(path: string, now: number): Buffer | undefined;
}

export const codePath = "/_unplug/code/";

export function createCodeLinks(endpoint: () => string): CodeLinks {
  const zips = new Map<string, { zip: Buffer; expiresAt: number }>();
  return {
    make: (stored, now) => {
      for (const [key, link] of zips) if (link.expiresAt < now) zips.delete(key);
      const { zip, sha256 } = stored.latest.code;
      const digest = createHash("sha256").update(`${stored.arn} ${sha256}`).digest("hex").slice(0, 40);
      const expiresAt = now + validForMs;
      zips.set(digest, { zip, expiresAt });
      return `${endpoint()}${codePath}${digest}?Expires=${expiresAt}`;
    },
    read: (path, now) => {
      const url = new URL(path, "http://localhost");
      const link = zips.get(url.pathname.slice(codePath.length));
      const expiresAt = Number(url.searchParams.get("Expires"));
      return link !== undefined && expiresAt >= now && expiresAt <= link.expiresAt ? link.zip : undefined;
    },
  };
}
