import type { Handlers } from "../caller.ts";
import type { Ids } from "../ids.ts";
import { accessKeyHandlers } from "./access-keys.ts";
import type { AuthorityParts } from "./authority.ts";
import type { IamState } from "./iam-state.ts";
import { inlinePolicyHandlers } from "./inline-policies.ts";
import { managedPolicyHandlers } from "./managed-policies.ts";
import { oidcProviderHandlers } from "./oidc-providers.ts";
import { roleHandlers } from "./roles.ts";
import { simulationHandlers } from "./simulation.ts";
import { userHandlers } from "./users.ts";

export interface IamParts {
  readonly iam: IamState;
  readonly ids: Ids;
  readonly tagsOf: AuthorityParts["tagsOf"];
}

/** IAM: users, roles, keys, policies, OIDC providers, and what they come to. */
export function iamHandlers(parts: IamParts): Handlers {
  return {
    ...userHandlers(parts),
    ...accessKeyHandlers(parts),
    ...roleHandlers(parts),
    ...inlinePolicyHandlers(parts, "user"),
    ...inlinePolicyHandlers(parts, "role"),
    ...managedPolicyHandlers(parts),
    ...oidcProviderHandlers(parts),
    ...simulationHandlers(parts),
  };
}
