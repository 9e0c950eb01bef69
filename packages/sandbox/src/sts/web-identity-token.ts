import { isRecord } from "../input.ts";

/** What a token says of its bearer; a member that it does not have is left out. */
export interface TokenClaims {
  readonly subject?: string;
  readonly audience?: string;
  readonly issuer?: string;
}

/** Reads the claims of a JSON web token, without a look at its signature; empty for text that is none. */
export function tokenClaims(token: string): TokenClaims {
  let read: unknown;
  try {
    read = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
  } catch {
    return {};
  }
  const { sub, aud, iss } = isRecord(read) ? read : {};
  const audience: unknown = Array.isArray(aud) ? aud[0] : aud;
  return {
    ...(typeof sub === "string" ? { subject: sub } : {}),
    ...(typeof audience === "string" ? { audience } : {}),
    ...(typeof iss === "string" ? { issuer: iss } : {}),
  };
}
