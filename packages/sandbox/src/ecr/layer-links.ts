import { createHash } from "node:crypto";

/** Source: Amazon ECR user guide: a download address of a layer lasts an hour. */
const validForMs = 3_600_000;

export const layerPath = "/_unplug/layers/";

/** Addresses under which layers can be downloaded for an hour, without a token, as those of S3 that ECR gives out. */
export interface LayerLinks {
  of(digest: string, now: number): string;
  /** The digest behind a path that `of` gave out; undefined when it is unknown or has expired. */
  read(path: string, now: number): string | undefined;
}

export function createLayerLinks(endpoint: () => string, random: () => string): LayerLinks {
  let secret: string | null = null;
  const sign = (digest: string, expires: string): string => {
    secret ??= random();
    return createHash("sha256").update(`${secret} ${digest} ${expires}`).digest("hex").slice(0, 40);
  };
  return {
    of: (digest, now) => {
      const expires = String(now + validForMs);
      const hex = digest.replace("sha256:", "");
      return `${endpoint()}${layerPath}${hex}?Expires=${expires}&Signature=${sign(digest, expires)}`;
    },
    read: (path, now) => {
      const url = new URL(path, "http://localhost");
      const digest = `sha256:${url.pathname.slice(layerPath.length)}`;
      const expires = url.searchParams.get("Expires") ?? "";
      if (url.searchParams.get("Signature") !== sign(digest, expires) || Number(expires) < now)
        return undefined;
      return digest;
    },
  };
}
