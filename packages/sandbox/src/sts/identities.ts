import { ApiError } from "../api-error.ts";
import type { Ids } from "../ids.ts";

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
}

export interface Identities {
  /** The identity of a key: the sandbox's user for keys that were not made here. Throws ExpiredTokenException. */
  of(accessKey: string | undefined, now: number): Identity;
  add(accessKey: string, identity: Identity): void;
  /** The unique id of a role: the same whenever it is assumed. */
  roleId(roleArn: string, ids: Ids): string;
}

export interface IdentityParts {
  readonly account: string;
  /** By access key. */
  readonly sessions: Map<string, Identity>;
  /** By ARN. */
  readonly roleIds: Map<string, string>;
}

export function createIdentities({ account, sessions, roleIds }: IdentityParts): Identities {
  const user: Identity = {
    account,
    arn: `arn:aws:iam::${account}:user/sandbox`,
    userId: "AIDASANDBOXSANDBOX000",
    expiresAt: null,
    assumed: false,
    transitiveTagKeys: [],
  };
  return {
    of: (accessKey, now) => {
      const identity = (accessKey === undefined ? undefined : sessions.get(accessKey)) ?? user;
      if (identity.expiresAt !== null && now >= identity.expiresAt) {
        const words = "The security token included in the request is expired";
        throw new ApiError(403, "ExpiredTokenException", words, { type: null });
      }
      return identity;
    },
    add: (accessKey, identity) => {
      sessions.set(accessKey, identity);
    },
    roleId: (roleArn, ids) => {
      const id = roleIds.get(roleArn) ?? `AROA${ids.letters(17)}`;
      roleIds.set(roleArn, id);
      return id;
    },
  };
}
