import { ApiError, validationError } from "../api-error.ts";
import type { CallContext, Handlers } from "../caller.ts";
import type { Ids } from "../ids.ts";
import { type Input, needText, text } from "../input.ts";
import { versionWithPolicy } from "./layer-input.ts";
import type { LayerStore, LayerVersion } from "./layer-store.ts";

interface Parts {
  readonly layers: LayerStore;
  readonly ids: Ids;
}

const onlyAction = "lambda:GetLayerVersion";
const principalPattern = "\\d{12}|\\*|arn:(aws[a-zA-Z-]*):iam::\\d{12}:root";
const idPattern = "([a-zA-Z0-9-_]+)";

function checked(input: Input, member: string, pattern: string): string {
  const value = needText(input, member);
  if (new RegExp(`^(?:${pattern})$`).test(value)) return value;
  const wire = member.charAt(0).toLowerCase() + member.slice(1);
  throw validationError(value, wire, `Member must satisfy regular expression pattern: ${pattern}`);
}

function checkRevision(version: LayerVersion, input: Input): void {
  const revision = text(input, "RevisionId");
  if (revision === undefined || revision === version.policyRevision) return;
  throw new ApiError(
    412,
    "PreconditionFailedException",
    "The Revision Id provided does not match the latest Revision Id. Call the GetLayerPolicy API to retrieve the latest Revision Id",
  );
}

function add(parts: Parts, input: Input, context: CallContext): unknown {
  const action = checked(input, "Action", onlyAction);
  const principal = checked(input, "Principal", principalPattern);
  const id = checked(input, "StatementId", idPattern);
  const organization = text(input, "OrganizationId");
  const version = versionWithPolicy(parts.layers, input, context);
  if (version.policy.has(id)) {
    throw new ApiError(
      409,
      "ResourceConflictException",
      `The statement id (${id}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
    );
  }
  checkRevision(version, input);
  const statement = {
    Sid: id,
    Effect: "Allow",
    Principal: /^\d{12}$/.test(principal)
      ? { AWS: `arn:aws:iam::${principal}:root` }
      : principal === "*"
        ? "*"
        : { AWS: principal },
    Action: action,
    Resource: version.arn,
    ...(organization === undefined
      ? {}
      : { Condition: { StringEquals: { "aws:PrincipalOrgID": organization } } }),
  };
  version.policy.set(id, statement);
  version.policyRevision = parts.ids.uuid();
  return { Statement: JSON.stringify(statement), RevisionId: version.policyRevision };
}

function remove(parts: Parts, input: Input, context: CallContext): unknown {
  const id = checked(input, "StatementId", idPattern);
  const version = versionWithPolicy(parts.layers, input, context);
  if (!version.policy.has(id)) {
    throw new ApiError(404, "ResourceNotFoundException", `Statement ${id} is not found in resource policy.`);
  }
  checkRevision(version, input);
  version.policy.delete(id);
  version.policyRevision = parts.ids.uuid();
  return {};
}

/** The policy of a layer version: which accounts may use it. */
export function layerPolicyHandlers(parts: Parts): Handlers {
  return {
    AddLayerVersionPermission: (input, context) => add(parts, input, context),
    RemoveLayerVersionPermission: (input, context) => remove(parts, input, context),
    GetLayerVersionPolicy: (input, context) => {
      const version = versionWithPolicy(parts.layers, input, context);
      if (version.policy.size === 0) {
        throw new ApiError(
          404,
          "ResourceNotFoundException",
          "No policy is associated with the given resource.",
        );
      }
      const policy = { Version: "2012-10-17", Id: "default", Statement: [...version.policy.values()] };
      return { Policy: JSON.stringify(policy), RevisionId: version.policyRevision };
    },
  };
}
