import { ApiError, validationError } from "../api-error.ts";
import type { CallContext, Handlers } from "../caller.ts";
import type { Ids } from "../ids.ts";
import { type Input, needText, numeric } from "../input.ts";

/** Who an access key stands for. */
export interface Identity {
  readonly account: string;
  readonly arn: string;
  readonly userId: string;
  /** ms; null: no end */
  readonly expiresAt: number | null;
  /** True for credentials that came from a role. */
  readonly assumed: boolean;
}

export interface Identities {
  /** The identity of a key: the sandbox's user for keys that were not made here. Throws ExpiredTokenException. */
  of(accessKey: string | undefined, now: number): Identity;
  add(accessKey: string, identity: Identity): void;
}

export function createIdentities(account: string): Identities {
  const sessions = new Map<string, Identity>();
  const user: Identity = {
    account,
    arn: `arn:aws:iam::${account}:user/sandbox`,
    userId: "AIDASANDBOXSANDBOX00",
    expiresAt: null,
    assumed: false,
  };
  return {
    of: (accessKey, now) => {
      const identity = (accessKey === undefined ? undefined : sessions.get(accessKey)) ?? user;
      if (identity.expiresAt !== null && now >= identity.expiresAt) {
        throw new ApiError(
          403,
          "ExpiredTokenException",
          "The security token included in the request is expired",
          {
            type: null,
          },
        );
      }
      return identity;
    },
    add: (accessKey, identity) => {
      sessions.set(accessKey, identity);
    },
  };
}

export interface StsParts {
  readonly identities: Identities;
  readonly ids: Ids;
}

function assume(parts: StsParts, input: Input, context: CallContext, assumed: boolean): unknown {
  const role = needText(input, "RoleArn");
  const session = needText(input, "RoleSessionName");
  const match = /^arn:aws[a-zA-Z-]*:iam::(\d{12}):role\/(?:.+\/)?([\w+=,.@-]{1,64})$/.exec(role);
  if (match === null) {
    throw new ApiError(400, "ValidationError", `${role} is invalid: expected arn:aws:iam::ACCOUNT:role/NAME`);
  }
  if (!/^[\w+=,.@-]{2,64}$/.test(session)) {
    const error = validationError(
      session,
      "roleSessionName",
      "Member must satisfy regular expression pattern: [\\w+=,.@-]*, with a length of 2 to 64",
    );
    throw new ApiError(400, "ValidationError", error.message);
  }
  const seconds = numeric(input, "DurationSeconds") ?? 3600;
  if (assumed && seconds > 3600) {
    throw new ApiError(
      400,
      "ValidationError",
      "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
    );
  }
  if (seconds < 900 || seconds > 43_200) {
    throw new ApiError(
      400,
      "ValidationError",
      `1 validation error detected: Value '${seconds}' at 'durationSeconds' failed to satisfy constraint: Member must have value between 900 and 43200`,
    );
  }
  const account = match[1] ?? "";
  const accessKey = `ASIA${parts.ids.letters(16)}`;
  const userId = `AROA${parts.ids.letters(16)}:${session}`;
  const arn = `arn:aws:sts::${account}:assumed-role/${match[2] ?? ""}/${session}`;
  const expiresAt = context.now + seconds * 1000;
  parts.identities.add(accessKey, { account, arn, userId, expiresAt, assumed: true });
  return {
    Credentials: {
      AccessKeyId: accessKey,
      SecretAccessKey: parts.ids.letters(40),
      SessionToken: parts.ids.letters(120),
      Expiration: expiresAt / 1000,
    },
    AssumedRoleUser: { AssumedRoleId: userId, Arn: arn },
    PackedPolicySize: 1,
  };
}

/** STS: who the caller is, and credentials of roles. Any role can be assumed. */
export function stsHandlers(parts: StsParts): Handlers {
  return {
    GetCallerIdentity: (_input, context) => {
      const { account, arn, userId } = parts.identities.of(context.caller.accessKey, context.now);
      return { UserId: userId, Account: account, Arn: arn };
    },
    AssumeRole: (input, context) => {
      const before = parts.identities.of(context.caller.accessKey, context.now);
      return assume(parts, input, context, before.assumed);
    },
    AssumeRoleWithWebIdentity: (input, context) => {
      needText(input, "WebIdentityToken");
      return assume(parts, input, context, false);
    },
  };
}
