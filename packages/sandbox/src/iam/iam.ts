import type { Handlers } from "../caller.ts";
import type { Ids } from "../ids.ts";
import { accessKeyHandlers } from "./access-keys.ts";
import type { AuthorityParts } from "./authority.ts";
import { groupHandlers } from "./groups.ts";
import type { IamState, PolicyHolder } from "./iam-state.ts";
import { inlinePolicyHandlers } from "./inline-policies.ts";
import { attachmentHandlers, managedPolicyHandlers } from "./managed-policies.ts";
import { oidcProviderHandlers } from "./oidc-providers.ts";
import { permissionsBoundaryHandlers } from "./permissions-boundaries.ts";
import { roleHandlers } from "./roles.ts";
import { simulationHandlers } from "./simulation.ts";
import { userHandlers } from "./users.ts";

export interface IamParts {
  readonly iam: IamState;
  readonly ids: Ids;
  readonly tagsOf: AuthorityParts["tagsOf"];
}

/** IAM: users, roles, groups, keys, policies, OIDC providers, and what they come to. */
export function iamHandlers(parts: IamParts): Handlers {
  return {
    ...userHandlers(parts),
    ...accessKeyHandlers(parts),
    ...roleHandlers(parts),
    ...groupHandlers(parts),
    ...policyHandlers(parts, "user"),
    ...policyHandlers(parts, "role"),
    ...policyHandlers(parts, "group"),
    ...permissionsBoundaryHandlers(parts, "user"),
    ...permissionsBoundaryHandlers(parts, "role"),
    ...managedPolicyHandlers(parts),
    ...oidcProviderHandlers(parts),
    ...simulationHandlers(parts),
  };
}

function policyHandlers(parts: IamParts, kind: PolicyHolder["kind"]): Handlers {
  return { ...inlinePolicyHandlers(parts, kind), ...attachmentHandlers(parts, kind) };
}
