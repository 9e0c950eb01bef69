import type { CallContext, Handlers } from "../caller.ts";
import type { Input } from "../input.ts";
import type { IamParts } from "./iam.ts";
import type { StoredPrincipal } from "./iam-state.ts";
import { holderView, newHolder, ofAccount } from "./new-holder.ts";
import { boundaryOf, boundaryView } from "./permissions-boundaries.ts";
import { namedPrincipal, removePrincipal, tagList, tagsOf, whole } from "./principals.ts";

function view(user: StoredPrincipal): Record<string, unknown> {
  return { ...holderView(user), ...boundaryView(user), ...tagList(user.tags) };
}

function create(parts: IamParts, input: Input, context: CallContext): unknown {
  const { iam } = parts;
  const user: StoredPrincipal = {
    ...newHolder(parts, "user", input, context),
    tags: tagsOf(input),
    boundary: boundaryOf(iam, input),
    trust: null,
    description: "",
    maxSessionSeconds: 0,
  };
  iam.principals.set(user.arn, user);
  return { User: view(user) };
}

export function userHandlers(parts: IamParts): Handlers {
  const { iam } = parts;
  return {
    CreateUser: (input, context) => create(parts, input, context),
    GetUser: (input, context) => ({ User: view(namedPrincipal(iam, "user", input, context)) }),
    // Lists show neither tags nor boundaries.
    ListUsers: (_input, context) =>
      whole("Users", ofAccount(iam.principals, "user", context).map(holderView)),
    DeleteUser: (input, context) => {
      removePrincipal(iam, namedPrincipal(iam, "user", input, context));
      return {};
    },
  };
}
