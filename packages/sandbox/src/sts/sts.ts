import type { CallContext, Handlers } from "../caller.ts";
import { type Input, needText, text } from "../input.ts";
import { assume, checkText, credentials, duration, endOf, type StsParts, sessionPolicies } from "./assume.ts";
import { checkAssume, checkWebIdentity } from "./may-assume.ts";
import { tokenClaims } from "./web-identity-token.ts";

/** A share of what a session may carry that is used up by anything small, in percent. */
const packedSize = 1;

async function withWebIdentity(parts: StsParts, input: Input, context: CallContext): Promise<unknown> {
  const token = needText(input, "WebIdentityToken");
  await checkWebIdentity(parts, token, input, context);
  const { subject, audience, issuer } = tokenClaims(token);
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
  const { account, principal } = context.identity;
  const arn = `arn:aws:sts::${account}:federated-user/${name}`;
  const identity = {
    account,
    arn,
    userId: `${account}:${name}`,
    expiresAt: endOf(parts, seconds, context.now),
    assumed: false,
    transitiveTagKeys: [],
    principal,
    sessionPolicies: sessionPolicies(parts, input),
  };
  return {
    Credentials: credentials(parts, identity, context.now),
    FederatedUser: { FederatedUserId: identity.userId, Arn: arn },
    PackedPolicySize: text(input, "Policy") === undefined ? 0 : packedSize,
  };
}

/** STS: who the caller is, and credentials of roles. */
export function stsHandlers(parts: StsParts): Handlers {
  return {
    GetCallerIdentity: (_input, { identity }) => ({
      UserId: identity.userId,
      Account: identity.account,
      Arn: identity.arn,
    }),
    AssumeRole: (input, context) => {
      checkAssume(parts, input, context);
      const { answer, isScoped } = assume(parts, input, context, context.identity);
      return isScoped ? { ...answer, PackedPolicySize: packedSize } : answer;
    },
    AssumeRoleWithWebIdentity: (input, context) => withWebIdentity(parts, input, context),
    GetFederationToken: (input, context) => federationToken(parts, input, context),
    GetSessionToken: (input, context) => {
      const expiresAt = endOf(parts, duration(input, 43_200, 129_600), context.now);
      return { Credentials: credentials(parts, { ...context.identity, expiresAt }, context.now) };
    },
  };
}
