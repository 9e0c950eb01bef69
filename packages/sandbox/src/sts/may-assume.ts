import { ApiError } from "../api-error.ts";
import type { CallContext } from "../caller.ts";
import type { ConditionKeys } from "../iam/conditions.ts";
import { type Input, records, text } from "../input.ts";
import { namedRole, type StsParts } from "./assume.ts";
import { namesIdentity, trustOf } from "./trust.ts";
import { invalidToken, tokenClaims, verifyToken } from "./web-identity-token.ts";

function denied(identityArn: string, action: string, role: string): ApiError {
  const words = `User: ${identityArn} is not authorized to perform: ${action} on resource: ${role}`;
  return new ApiError(403, "AccessDenied", words, { type: null });
}

function keysOf(input: Input, context: CallContext): ConditionKeys {
  const external = text(input, "ExternalId");
  const session = text(input, "RoleSessionName");
  const { identity, now } = context;
  return {
    "aws:principalarn": [identity.principal ?? identity.arn],
    "aws:principalaccount": [identity.account],
    "aws:currenttime": [new Date(now).toISOString()],
    ...(external === undefined ? {} : { "sts:externalid": [external] }),
    ...(session === undefined ? {} : { "sts:rolesessionname": [session] }),
  };
}

/**
 * Whether the caller may have a role: its trust policy has to say so, and the caller's own policies unless that policy
 * names the caller itself, in the same account. A role that IAM does not have can be assumed by the administrator alone.
 */
export function checkAssume(parts: StsParts, input: Input, context: CallContext): void {
  const role = namedRole(parts, input);
  const { identity, identityArn } = context;
  const refusal = (action = "sts:AssumeRole"): ApiError => denied(identityArn, action, role.arn);
  const isOwn = (action: string): boolean =>
    parts.authority.permits({ action, resource: role.arn, keys: keysOf(input, context) }, context);
  const trust = role.stored?.trust;
  if (trust === undefined || trust === null) {
    if (identity.principal !== null || !isOwn("sts:AssumeRole")) throw refusal();
    return;
  }
  const isTagged = (records(input, "Tags") ?? []).length > 0;
  for (const action of isTagged
    ? (["sts:AssumeRole", "sts:TagSession"] as const)
    : (["sts:AssumeRole"] as const)) {
    const how = trustOf(trust, {
      action,
      keys: keysOf(input, context),
      names: (principals) => namesIdentity(principals, identity),
    });
    const isEnough =
      how === "named" && identity.account === role.account && !isDenied(parts, action, role.arn, context);
    if (how === "none" || how === "denied" || !(isEnough || isOwn(action))) throw refusal(action);
  }
}

/** What the caller's own policies forbid stays forbidden, whoever trusts it. */
function isDenied(parts: StsParts, action: string, resource: string, context: CallContext): boolean {
  return parts.authority.forbids({ action, resource }, context);
}

/** Checks a token, and that the role trusts its bearer. */
export async function checkWebIdentity(
  parts: StsParts,
  token: string,
  input: Input,
  context: CallContext,
): Promise<void> {
  const { stored, account } = namedRole(parts, input);
  if (stored === undefined) return;
  const { issuer = "", subject = "", audience = "" } = tokenClaims(token);
  const provider = [...parts.iam.oidcProviders.values()].find(
    (one) => one.account === account && one.url === issuer.replace(/\/$/, ""),
  );
  if (provider === undefined) {
    throw invalidToken(`No OpenIDConnect provider found in your account for ${issuer}`);
  }
  await verifyToken(token, provider, { now: context.now, fetchJson: parts.fetchJson });
  const host = provider.url.replace(/^https?:\/\//, "").toLowerCase();
  const how = trustOf(stored.trust ?? "", {
    action: "sts:AssumeRoleWithWebIdentity",
    keys: { ...keysOf(input, context), [`${host}:sub`]: [subject], [`${host}:aud`]: [audience] },
    names: (principals) => ((principals["Federated"] ?? []).includes(provider.arn) ? "named" : "none"),
  });
  if (how !== "named") {
    throw new ApiError(403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity", {
      type: null,
    });
  }
}
