import type { Caller } from "../caller.ts";
import type { IamState } from "../iam/iam-state.ts";
import type { Ids } from "../ids.ts";
import { expiredToken, unknownToken, wrongSignature } from "./token-errors.ts";

/** Who an access key stands for. */
export interface Identity {
  readonly account: string;
  readonly arn: string;
  readonly userId: string;
  /** ms; null: no end */
  readonly expiresAt: number | null;
  /** True for credentials that came from a role. */
  readonly assumed: boolean;
  /** Keys of the session's tags that sessions of further roles inherit, in lower case. */
  readonly transitiveTagKeys: readonly string[];
  /** ARN of the user or role of IAM whose policies hold; null: an administrator. */
  readonly principal: string | null;
  /** Policies that came with the session: what none of them allows is denied. */
  readonly sessionPolicies: readonly string[];
  /** Null: any secret will do. */
  readonly secret: string | null;
  /** Null: there is none. */
  readonly sessionToken: string | null;
  /** ms; null: of no session. */
  readonly issuedAt: number | null;
}

export interface Identities {
  /**
   * The identity behind a call: the sandbox's user for keys that were not made here. Throws ExpiredTokenException,
   * UnrecognizedClientException and InvalidSignatureException.
   */
  of(caller: Caller, now: number): Identity;
  add(accessKey: string, identity: Identity): void;
  /** The unique id of a role: the same whenever it is assumed. */
  roleId(roleArn: string, ids: Ids): string;
}

export interface IdentityParts extends IamState {
  readonly account: string;
  /** By access key. */
  readonly sessions: Map<string, Identity>;
  /** By ARN. */
  readonly roleIds: Map<string, string>;
}

/** The sandbox's own user, who may do everything. */
function administrator(account: string): Identity {
  return {
    account,
    arn: `arn:aws:iam::${account}:user/sandbox`,
    userId: "AIDASANDBOXSANDBOX000",
    expiresAt: null,
    assumed: false,
    transitiveTagKeys: [],
    principal: null,
    sessionPolicies: [],
    secret: null,
    sessionToken: null,
    issuedAt: null,
  };
}

/** The user of a key that IAM made; undefined for any other key. */
function ofKey({ accessKeys, principals, account }: IdentityParts, accessKey: string): Identity | undefined {
  const key = accessKeys.get(accessKey);
  if (key === undefined) return undefined;
  const user = principals.get(key.userArn);
  if (key.secret === null || key.status === "Inactive" || user === undefined) throw unknownToken();
  return {
    ...administrator(account),
    account: user.account,
    arn: user.arn,
    userId: user.id,
    principal: user.arn,
    secret: key.secret,
  };
}

/** A session whose role was deleted, or made anew, stands for nobody. */
function isOrphan({ principals }: IdentityParts, { principal, userId, assumed }: Identity): boolean {
  if (principal === null) return false;
  const found = principals.get(principal);
  return found === undefined || (assumed && !userId.startsWith(`${found.id}:`));
}

export function createIdentities(parts: IdentityParts): Identities {
  const { sessions, roleIds, principals } = parts;
  const user = administrator(parts.account);
  return {
    of: (caller, now) => {
      const { accessKey, signedBy, sessionToken } = caller;
      if (accessKey === undefined) return user;
      const identity = ofKey(parts, accessKey) ?? sessions.get(accessKey);
      if (identity === undefined) return user;
      const { expiresAt, secret } = identity;
      if (isOrphan(parts, identity)) throw unknownToken();
      // In process nothing is signed.
      if (signedBy !== undefined) {
        if (identity.sessionToken !== null && sessionToken !== identity.sessionToken) throw unknownToken();
        if (secret !== null && !signedBy(secret)) throw wrongSignature();
      }
      if (expiresAt !== null && now >= expiresAt) throw expiredToken();
      return identity;
    },
    add: (accessKey, identity) => {
      sessions.set(accessKey, identity);
    },
    roleId: (roleArn, ids) => {
      const id = principals.get(roleArn)?.id ?? roleIds.get(roleArn) ?? `AROA${ids.letters(17)}`;
      if (!principals.has(roleArn)) roleIds.set(roleArn, id);
      return id;
    },
  };
}
