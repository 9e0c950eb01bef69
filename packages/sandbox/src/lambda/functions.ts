import { ApiError, invalidParameter } from "../api-error.ts";
import type { CallContext, Handlers } from "../caller.ts";
import { type Input, text } from "../input.ts";
import type { CodeLinks } from "./code-links.ts";
import { enumFailures, refuseFailures } from "./constraints.ts";
import { type CreateParts, createFunction } from "./create-function.ts";
import { concealing, type Secrecy } from "./environment-secrecy.ts";
import { type FoundVersion, foundVersion, isAliasName, namedFunction } from "./function-reference.ts";
import type { StoredFunction } from "./function-store.ts";
import { functionListView, functionView } from "./function-view.ts";
import { pageOf } from "./paging.ts";
import { updateHandlers } from "./update-function.ts";

export interface FunctionParts extends CreateParts, Secrecy {
  readonly links: CodeLinks;
  /** Whether a caller may list tags; GetFunction leaves them out when not. */
  readonly mayListTags: (arn: string, context: CallContext) => boolean;
}

function tagMember(parts: FunctionParts, stored: StoredFunction, context: CallContext): object {
  if (!parts.mayListTags(stored.arn, context)) {
    const Message = `User: ${context.identityArn} is not authorized to perform: lambda:ListTags on resource: ${stored.arn}`;
    return { TagsError: { ErrorCode: "AccessDeniedException", Message } };
  }
  return stored.tags.size === 0 ? {} : { Tags: Object.fromEntries(stored.tags) };
}

function getFunction(parts: FunctionParts, found: FoundVersion, context: CallContext): unknown {
  const { stored, version, qualifier } = found;
  const { code } = version.shown;
  const { image } = code;
  return {
    Configuration: functionView(stored, version, qualifier),
    Code:
      image === null
        ? { RepositoryType: "S3", Location: parts.links.of(stored.arn, code, context.now) }
        : { RepositoryType: "ECR", ImageUri: image.uri, ResolvedImageUri: image.resolvedUri },
    ...tagMember(parts, stored, context),
    ...(stored.concurrency === null
      ? {}
      : { Concurrency: { ReservedConcurrentExecutions: stored.concurrency } }),
  };
}

/** A version that an alias uses stays; one that does not exist is as good as deleted. Source: recorded answers. */
function deleteVersion(stored: StoredFunction, version: string): void {
  const users = [...stored.aliases.values()]
    .filter((alias) => alias.functionVersion === version || alias.additional?.version === version)
    .map((alias) => alias.name);
  if (users.length > 0) {
    throw new ApiError(
      409,
      "ResourceConflictException",
      `Unable to delete version because the following aliases reference it: [${users.join(", ")}]`,
    );
  }
  stored.versions.delete(version);
  stored.policies.delete(version);
  stored.provisioned.delete(version);
  stored.eventInvokeConfigs.delete(version);
  stored.runtimeManagement.delete(version);
}

function remove(parts: FunctionParts, input: Input, context: CallContext): unknown {
  const { name, qualifier } = namedFunction(input, context);
  if (qualifier === "$LATEST") {
    throw invalidParameter("$LATEST version cannot be deleted without deleting the function.");
  }
  if (isAliasName(qualifier)) throw invalidParameter("Deletion of aliases is not currently supported.");
  const stored = parts.functions.get(context, name, null);
  if (qualifier === null) parts.functions.remove(stored);
  else deleteVersion(stored, qualifier);
  return {};
}

const largestPage = 50;

function list(parts: FunctionParts, input: Input, context: CallContext): unknown {
  refuseFailures(enumFailures(input, "FunctionVersion", ["ALL"]));
  const stored = parts.functions.of(context);
  const all: readonly FoundVersion[] =
    text(input, "FunctionVersion") === undefined
      ? stored.map((one) => ({ stored: one, version: one.latest, qualifier: null }))
      : stored.flatMap((one) =>
          [one.latest, ...one.versions.values()].map((version) => ({
            stored: one,
            version,
            qualifier: version.version,
          })),
        );
  const page = pageOf(all, input, largestPage);
  return {
    Functions: page.items.map((item) => functionListView(item.stored, item.version, item.qualifier)),
    ...(page.next === null ? {} : { NextMarker: page.next }),
  };
}

/** Lambda's operations on functions themselves. */
export function functionHandlers(parts: FunctionParts): Handlers {
  return concealing(parts, {
    ...updateHandlers(parts),
    CreateFunction: (input, context) => createFunction(parts, input, context),
    GetFunction: (input, context) => getFunction(parts, foundVersion(parts, input, context), context),
    GetFunctionConfiguration: (input, context) => {
      const { stored, version, qualifier } = foundVersion(parts, input, context);
      return functionView(stored, version, qualifier);
    },
    DeleteFunction: (input, context) => remove(parts, input, context),
    ListFunctions: (input, context) => list(parts, input, context),
  });
}
