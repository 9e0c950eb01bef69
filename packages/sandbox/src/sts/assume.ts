import { ApiError, validationError } from "../api-error.ts";
import type { CallContext } from "../caller.ts";
import type { Authority } from "../iam/authority.ts";
import type { IamState, StoredPrincipal } from "../iam/iam-state.ts";
import { readPolicy } from "../iam/policy-document.ts";
import type { Ids } from "../ids.ts";
import { type Input, needText, numeric, records, text } from "../input.ts";
import type { SwitchEffects } from "../switches.ts";
import type { FetchJson } from "./fetch-json.ts";
import type { Identities, Identity } from "./identities.ts";
import { sessionTags } from "./session-tags.ts";

export interface StsParts {
  readonly identities: Identities;
  readonly ids: Ids;
  readonly iam: IamState;
  readonly authority: Authority;
  readonly switches: SwitchEffects;
  readonly fetchJson: FetchJson;
}

function refused(message: string): ApiError {
  return new ApiError(400, "ValidationError", message);
}

export function checkText(value: string, member: string, low: number, high: number): string {
  const fail = (constraint: string): ApiError => refused(validationError(value, member, constraint).message);
  if (!/^[\w+=,.@-]*$/.test(value)) {
    throw fail("Member must satisfy regular expression pattern: [\\w+=,.@-]*");
  }
  if (value.length < low) throw fail(`Member must have length greater than or equal to ${low}`);
  if (value.length > high) throw fail(`Member must have length less than or equal to ${high}`);
  return value;
}

export function duration(input: Input, usual: number, most: number): number {
  const seconds = numeric(input, "DurationSeconds") ?? usual;
  const words =
    seconds < 900 ? "greater than or equal to 900" : seconds > most ? `less than or equal to ${most}` : null;
  if (words === null) return seconds;
  throw refused(validationError(seconds, "durationSeconds", `Member must have value ${words}`).message);
}

/** When a session of so many seconds ends: earlier where the switch says so; ms. */
export function endOf({ switches }: StsParts, seconds: number, now: number): number {
  return now + Math.min(seconds, switches.get().sessionSeconds ?? Infinity) * 1000;
}

/** Makes credentials that stand for an identity until they end. */
export function credentials(
  parts: StsParts,
  identity: Omit<Identity, "secret" | "sessionToken" | "issuedAt">,
  now: number,
): Record<string, unknown> {
  const accessKey = `ASIA${parts.ids.letters(16)}`;
  const secret = parts.ids.letters(40);
  const sessionToken = parts.ids.letters(120);
  parts.identities.add(accessKey, { ...identity, secret, sessionToken, issuedAt: now });
  return {
    AccessKeyId: accessKey,
    SecretAccessKey: secret,
    SessionToken: sessionToken,
    Expiration: (identity.expiresAt ?? 0) / 1000,
  };
}

/** The policies that a session is given: its own, and managed ones. */
export function sessionPolicies({ iam }: StsParts, input: Input): readonly string[] {
  const own = text(input, "Policy");
  if (own !== undefined) readPolicy(own, "identity");
  const managed = (records(input, "PolicyArns") ?? []).flatMap(
    (one) => iam.managedPolicies.get(text(one, "arn") ?? "")?.document ?? [],
  );
  return own === undefined ? managed : [own, ...managed];
}

export interface Assumed {
  readonly answer: Record<string, unknown>;
  /** Whether tags or policies came with it, which have a packed size. */
  readonly isScoped: boolean;
}

/** The role that an input names, as far as it names one; `stored` is undefined when IAM does not have it. */
export function namedRole({ iam }: StsParts, input: Input) {
  const arn = needText(input, "RoleArn");
  const match = /^arn:aws[a-zA-Z-]*:iam::(\d{12}):role\/(?:.+\/)?([\w+=,.@-]{1,64})$/.exec(arn);
  if (match === null) throw refused(`${arn} is invalid`);
  const stored: StoredPrincipal | undefined = iam.principals.get(arn);
  return { arn, account: match[1] ?? "", name: match[2] ?? "", stored };
}

/** A session of a role, whoever may have it. */
export function assume(
  parts: StsParts,
  input: Input,
  context: CallContext,
  before: Identity | null,
): Assumed {
  const session = checkText(needText(input, "RoleSessionName"), "roleSessionName", 2, 64);
  const role = namedRole(parts, input);
  const seconds = duration(input, 3600, 43_200);
  if (before?.assumed === true && seconds > 3600) {
    throw refused(
      "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
    );
  }
  if (role.stored !== undefined && seconds > role.stored.maxSessionSeconds) {
    throw refused("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
  }
  const tags = sessionTags(input, before?.transitiveTagKeys ?? []);
  const userId = `${parts.identities.roleId(role.arn, parts.ids)}:${session}`;
  const arn = `arn:aws:sts::${role.account}:assumed-role/${role.name}/${session}`;
  const made = credentials(
    parts,
    {
      account: role.account,
      arn,
      userId,
      expiresAt: endOf(parts, seconds, context.now),
      assumed: true,
      transitiveTagKeys: tags.transitiveKeys,
      principal: role.stored?.arn ?? null,
      sessionPolicies: sessionPolicies(parts, input),
    },
    context.now,
  );
  const isScoped = tags.count > 0 || input["Policy"] !== undefined || input["PolicyArns"] !== undefined;
  return { answer: { Credentials: made, AssumedRoleUser: { AssumedRoleId: userId, Arn: arn } }, isScoped };
}
