import { ApiError, validationError } from "../api-error.ts";
import type { CallContext, Handlers } from "../caller.ts";
import type { Ids } from "../ids.ts";
import { type Input, needText, numeric, text } from "../input.ts";
import type { Identities, Identity } from "./identities.ts";
import { sessionTags } from "./session-tags.ts";
import { tokenClaims } from "./web-identity-token.ts";

export interface StsParts {
  readonly identities: Identities;
  readonly ids: Ids;
}

function refused(message: string): ApiError {
  return new ApiError(400, "ValidationError", message);
}

function checkText(value: string, member: string, low: number, high: number): string {
  const fail = (constraint: string): ApiError => refused(validationError(value, member, constraint).message);
  if (!/^[\w+=,.@-]*$/.test(value)) {
    throw fail("Member must satisfy regular expression pattern: [\\w+=,.@-]*");
  }
  if (value.length < low) throw fail(`Member must have length greater than or equal to ${low}`);
  if (value.length > high) throw fail(`Member must have length less than or equal to ${high}`);
  return value;
}

function duration(input: Input, usual: number, most: number): number {
  const seconds = numeric(input, "DurationSeconds") ?? usual;
  const words =
    seconds < 900 ? "greater than or equal to 900" : seconds > most ? `less than or equal to ${most}` : null;
  if (words === null) return seconds;
  throw refused(validationError(seconds, "durationSeconds", `Member must have value ${words}`).message);
}

/** Makes credentials that stand for an identity until they end. */
function credentials(parts: StsParts, identity: Identity): Record<string, unknown> {
  const accessKey = `ASIA${parts.ids.letters(16)}`;
  parts.identities.add(accessKey, identity);
  return {
    AccessKeyId: accessKey,
    SecretAccessKey: parts.ids.letters(40),
    SessionToken: parts.ids.letters(120),
    Expiration: (identity.expiresAt ?? 0) / 1000,
  };
}

interface Assumed {
  readonly answer: Record<string, unknown>;
  /** Whether tags or policies came with it, which have a packed size. */
  readonly isScoped: boolean;
}

function assume(parts: StsParts, input: Input, context: CallContext, before: Identity | null): Assumed {
  const role = needText(input, "RoleArn");
  const session = checkText(needText(input, "RoleSessionName"), "roleSessionName", 2, 64);
  const match = /^arn:aws[a-zA-Z-]*:iam::(\d{12}):role\/(?:.+\/)?([\w+=,.@-]{1,64})$/.exec(role);
  if (match === null) throw refused(`${role} is invalid`);
  const seconds = duration(input, 3600, 43_200);
  if (before?.assumed === true && seconds > 3600) {
    throw refused(
      "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
    );
  }
  const tags = sessionTags(input, before?.transitiveTagKeys ?? []);
  const account = match[1] ?? "";
  const userId = `${parts.identities.roleId(role, parts.ids)}:${session}`;
  const arn = `arn:aws:sts::${account}:assumed-role/${match[2] ?? ""}/${session}`;
  const made = credentials(parts, {
    account,
    arn,
    userId,
    expiresAt: context.now + seconds * 1000,
    assumed: true,
    transitiveTagKeys: tags.transitiveKeys,
  });
  const isScoped = tags.count > 0 || input["Policy"] !== undefined || input["PolicyArns"] !== undefined;
  return { answer: { Credentials: made, AssumedRoleUser: { AssumedRoleId: userId, Arn: arn } }, isScoped };
}

/** A share of what a session may carry that is used up by anything small, in percent. */
const packedSize = 1;

function withWebIdentity(parts: StsParts, input: Input, context: CallContext): unknown {
  const { subject, audience, issuer } = tokenClaims(needText(input, "WebIdentityToken"));
  const { answer } = assume(parts, input, context, null);
  return {
    ...answer,
    ...(subject === undefined ? {} : { SubjectFromWebIdentityToken: subject }),
    ...(audience === undefined ? {} : { Audience: audience }),
    ...(issuer === undefined ? {} : { Provider: issuer }),
  };
}

function federationToken(parts: StsParts, input: Input, context: CallContext): unknown {
  const name = checkText(needText(input, "Name"), "name", 2, 32);
  const seconds = duration(input, 43_200, 129_600);
  const { account } = parts.identities.of(context.caller.accessKey, context.now);
  const arn = `arn:aws:sts::${account}:federated-user/${name}`;
  const userId = `${account}:${name}`;
  const expiresAt = context.now + seconds * 1000;
  const identity = { account, arn, userId, expiresAt, assumed: false, transitiveTagKeys: [] };
  return {
    Credentials: credentials(parts, identity),
    FederatedUser: { FederatedUserId: userId, Arn: arn },
    PackedPolicySize: text(input, "Policy") === undefined ? 0 : packedSize,
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
      const { answer, isScoped } = assume(parts, input, context, before);
      return isScoped ? { ...answer, PackedPolicySize: packedSize } : answer;
    },
    AssumeRoleWithWebIdentity: (input, context) => withWebIdentity(parts, input, context),
    GetFederationToken: (input, context) => federationToken(parts, input, context),
    GetSessionToken: (input, context) => {
      const before = parts.identities.of(context.caller.accessKey, context.now);
      const expiresAt = context.now + duration(input, 43_200, 129_600) * 1000;
      return { Credentials: credentials(parts, { ...before, expiresAt }) };
    },
  };
}
