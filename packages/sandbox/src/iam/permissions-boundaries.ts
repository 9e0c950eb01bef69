import type { Handlers } from "../caller.ts";
import { type Input, needText, text } from "../input.ts";
import type { IamParts } from "./iam.ts";
import { noSuchEntity } from "./iam-errors.ts";
import type { IamState, StoredPrincipal } from "./iam-state.ts";
import { namedPrincipal, titles } from "./principals.ts";

/** The boundary that an input gives to a new user or role; null where it gives none. Throws NoSuchEntity. */
export function boundaryOf(state: IamState, input: Input): string | null {
  const arn = text(input, "PermissionsBoundary");
  return arn === undefined ? null : attachable(state, arn);
}

/** Source: answers that users report. */
function attachable({ managedPolicies }: IamState, arn: string): string {
  if (managedPolicies.has(arn)) return arn;
  throw noSuchEntity(`Scope ARN: ${arn} does not exist or is not attachable.`);
}

/** The type is Policy, whatever the model says. Source: answers that users report. */
export function boundaryView({ boundary }: StoredPrincipal): object {
  if (boundary === null) return {};
  return {
    PermissionsBoundary: { PermissionsBoundaryType: "Policy", PermissionsBoundaryArn: boundary },
  };
}

/** What limits the policies of users and roles: Put and Delete. */
export function permissionsBoundaryHandlers({ iam }: IamParts, kind: StoredPrincipal["kind"]): Handlers {
  return {
    [`Put${titles[kind]}PermissionsBoundary`]: (input, context) => {
      const principal = namedPrincipal(iam, kind, input, context);
      principal.boundary = attachable(iam, needText(input, "PermissionsBoundary"));
      return {};
    },
    [`Delete${titles[kind]}PermissionsBoundary`]: (input, context) => {
      namedPrincipal(iam, kind, input, context).boundary = null;
      return {};
    },
  };
}
