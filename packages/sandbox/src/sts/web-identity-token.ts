import { createPublicKey, type JsonWebKey, verify } from "node:crypto";
import { ApiError } from "../api-error.ts";
import type { StoredProvider } from "../iam/iam-state.ts";
import { isRecord } from "../input.ts";
import type { FetchJson } from "./fetch-json.ts";

/** What a token says of its bearer; a member that it does not have is left out. */
export interface TokenClaims {
  readonly subject?: string;
  readonly audience?: string;
  readonly issuer?: string;
  /** s since 1970 */
  readonly expires?: number;
}

function part(token: string, at: number): Readonly<Record<string, unknown>> {
  try {
    const read: unknown = JSON.parse(Buffer.from(token.split(".")[at] ?? "", "base64url").toString());
    return isRecord(read) ? read : {};
  } catch {
    return {};
  }
}

/** Reads the claims of a JSON web token, without a look at its signature; empty for text that is none. */
export function tokenClaims(token: string): TokenClaims {
  const { sub, aud, iss, exp } = part(token, 1);
  const audience: unknown = Array.isArray(aud) ? aud[0] : aud;
  return {
    ...(typeof sub === "string" ? { subject: sub } : {}),
    ...(typeof audience === "string" ? { audience } : {}),
    ...(typeof iss === "string" ? { issuer: iss } : {}),
    ...(typeof exp === "number" ? { expires: exp } : {}),
  };
}

export function invalidToken(message: string): ApiError {
  return new ApiError(400, "InvalidIdentityToken", message, { type: null });
}

const noKey =
  "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements";

async function keysOf(provider: StoredProvider, fetchJson: FetchJson): Promise<readonly unknown[]> {
  try {
    const configuration = await fetchJson(`${provider.url}/.well-known/openid-configuration`);
    const place: unknown = isRecord(configuration) ? configuration["jwks_uri"] : undefined;
    if (typeof place !== "string") throw invalidToken(noKey);
    const found = await fetchJson(place);
    const keys: unknown = isRecord(found) ? found["keys"] : undefined;
    return Array.isArray(keys) ? keys : [];
  } catch {
    throw invalidToken(noKey);
  }
}

const digests: Readonly<Record<string, string>> = { RS256: "sha256", RS384: "sha384", RS512: "sha512" };

/**
 * Checks a token's end, audience and signature, for which its issuer is asked. Throws InvalidIdentityToken, and
 * ExpiredTokenException. Source: API reference of STS, AssumeRoleWithWebIdentity; words from answers that users report.
 */
export async function verifyToken(
  token: string,
  provider: StoredProvider,
  { now, fetchJson }: { readonly now: number; readonly fetchJson: FetchJson },
): Promise<void> {
  const { expires = 0, audience } = tokenClaims(token);
  const seconds = Math.floor(now / 1000);
  if (seconds >= expires) {
    // A code of its own: as a query code it keeps the ending that STS gives it here and nowhere else.
    throw new ApiError(
      400,
      "ExpiredWebIdentityToken",
      `Token expired: current date/time ${seconds} must be before the expiration date/time ${expires}`,
      { type: null, queryCode: "ExpiredTokenException" },
    );
  }
  if (audience === undefined || !provider.clientIds.includes(audience)) {
    throw invalidToken("Incorrect token audience");
  }
  const { alg, kid } = part(token, 0);
  const digest = Object.hasOwn(digests, String(alg)) ? digests[String(alg)] : undefined;
  const jwk = (await keysOf(provider, fetchJson)).find((one) => isRecord(one) && one["kid"] === kid);
  if (digest === undefined || !isRecord(jwk)) throw invalidToken(noKey);
  const [head = "", body = "", signature = ""] = token.split(".");
  if (!isSigned(`${head}.${body}`, signature, jwk, digest)) throw invalidToken("Token signature invalid");
}

function isSigned(text: string, signature: string, jwk: JsonWebKey, digest: string): boolean {
  try {
    const key = createPublicKey({ key: jwk, format: "jwk" });
    return verify(digest, Buffer.from(text), key, Buffer.from(signature, "base64url"));
  } catch {
    return false;
  }
}
