import type { CallContext, Handlers } from "../caller.ts";
import { type Input, needText, numeric, text } from "../input.ts";
import type { IamParts } from "./iam.ts";
import { invalidInput } from "./iam-errors.ts";
import type { StoredPrincipal } from "./iam-state.ts";
import { holderView, newHolder, ofAccount } from "./new-holder.ts";
import { boundaryOf, boundaryView } from "./permissions-boundaries.ts";
import { readPolicy } from "./policy-document.ts";
import { escapedDocument, namedPrincipal, removePrincipal, tagList, tagsOf, whole } from "./principals.ts";

/** As lists show it: with neither tags nor boundary. */
function listView(role: StoredPrincipal): Record<string, unknown> {
  return {
    ...holderView(role),
    AssumeRolePolicyDocument: escapedDocument(role.trust ?? ""),
    ...(role.description === "" ? {} : { Description: role.description }),
    MaxSessionDuration: role.maxSessionSeconds,
  };
}

function view(role: StoredPrincipal): Record<string, unknown> {
  return { ...listView(role), ...boundaryView(role), ...tagList(role.tags) };
}

function trustOf(input: Input, member: string): string {
  const trust = needText(input, member);
  readPolicy(trust, "trust");
  return trust;
}

function sessionSecondsOf(input: Input): number {
  const seconds = numeric(input, "MaxSessionDuration") ?? 3600;
  if (seconds >= 3600 && seconds <= 43_200) return seconds;
  throw invalidInput("The MaxSessionDuration of a role must be between 3600 and 43200 seconds.");
}

function create(parts: IamParts, input: Input, context: CallContext): unknown {
  const { iam } = parts;
  const role: StoredPrincipal = {
    ...newHolder(parts, "role", input, context),
    trust: trustOf(input, "AssumeRolePolicyDocument"),
    maxSessionSeconds: sessionSecondsOf(input),
    description: text(input, "Description") ?? "",
    tags: tagsOf(input),
    boundary: boundaryOf(iam, input),
  };
  iam.principals.set(role.arn, role);
  return { Role: view(role) };
}

export function roleHandlers(parts: IamParts): Handlers {
  const { iam } = parts;
  return {
    CreateRole: (input, context) => create(parts, input, context),
    GetRole: (input, context) => ({ Role: view(namedPrincipal(iam, "role", input, context)) }),
    ListRoles: (_input, context) => whole("Roles", ofAccount(iam.principals, "role", context).map(listView)),
    UpdateAssumeRolePolicy: (input, context) => {
      namedPrincipal(iam, "role", input, context).trust = trustOf(input, "PolicyDocument");
      return {};
    },
    DeleteRole: (input, context) => {
      removePrincipal(iam, namedPrincipal(iam, "role", input, context));
      return {};
    },
  };
}
