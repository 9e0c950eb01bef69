import { ApiError, invalidParameter } from "../api-error.ts";
import { functionArn, oneQualifier, type Place, parseFunctionReference } from "../arns.ts";
import type { CallContext, Handlers } from "../caller.ts";
import type { Ids } from "../ids.ts";
import { blob, flag, type Input, needText, record, text, textMap, texts } from "../input.ts";
import type { Timing } from "../timing.ts";
import type { CodeLinks } from "./code-links.ts";
import { initialSettings, updatedSettings } from "./function-settings.ts";
import {
  codeOf,
  type FunctionCode,
  type FunctionState,
  type FunctionStore,
  type StoredFunction,
} from "./function-store.ts";
import { functionListView, functionTime, functionView } from "./function-view.ts";
import { pageOf } from "./paging.ts";
import { checkTags } from "./tag-limits.ts";

export interface FunctionParts {
  readonly functions: FunctionStore;
  readonly ids: Ids;
  readonly timing: Timing;
  readonly links: CodeLinks;
  /** Whether a caller may list tags; GetFunction leaves them out when not. */
  readonly mayListTags: () => boolean;
}

/** The function that an input names, and throws 404 when there is none. */
export function functionOf(
  parts: { functions: FunctionStore },
  input: Input,
  context: Place,
): StoredFunction {
  const reference = parseFunctionReference(needText(input, "FunctionName"), context);
  return parts.functions.get(context, reference.name, oneQualifier(reference, text(input, "Qualifier")));
}

/** Throws 409 while an update or the creation runs. */
export function refuseWhileInProgress(stored: StoredFunction): void {
  if (stored.pending === null) return;
  const words =
    stored.pending.kind === "create"
      ? "The function is currently in the following state: Pending"
      : `An update is in progress for resource: ${stored.arn}`;
  throw new ApiError(
    409,
    "ResourceConflictException",
    `The operation cannot be performed at this time. ${words}`,
  );
}

function checkRevision(stored: StoredFunction, input: Input): void {
  const revision = text(input, "RevisionId");
  if (revision === undefined || revision === stored.revisionId) return;
  throw new ApiError(
    412,
    "PreconditionFailedException",
    "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id",
  );
}

function codeFrom(input: Input): FunctionCode {
  const zip = blob(input, "ZipFile");
  if (zip !== undefined) return codeOf(zip);
  if (text(input, "S3Bucket") !== undefined || text(input, "ImageUri") !== undefined) {
    throw invalidParameter(
      "Code can only be given as ZipFile here: this cloud has no S3 objects and no container images.",
    );
  }
  throw invalidParameter("Please provide a source for function code.");
}

function refusePublish(input: Input): void {
  if (flag(input, "Publish") !== true) return;
  throw invalidParameter("Publish is not supported here: this cloud has no function versions yet.");
}

function create(parts: FunctionParts, input: Input, context: CallContext): unknown {
  const { name } = parseFunctionReference(needText(input, "FunctionName"), context);
  for (const member of ["Role", "Code"]) if (input[member] === undefined) needText(input, member);
  const settings = updatedSettings(initialSettings(name), input, context.region);
  if (settings.runtime === "" || settings.handler === "") {
    throw invalidParameter(
      "Runtime and Handler are mandatory parameters for functions created with deployment packages.",
    );
  }
  refusePublish(input);
  const code = codeFrom(record(input, "Code") ?? {});
  if (parts.functions.find(context, name) !== undefined) {
    throw new ApiError(409, "ResourceConflictException", `Function already exist: ${name}`);
  }
  const state: FunctionState = {
    settings,
    code,
    architectures: texts(input, "Architectures") ?? ["x86_64"],
    lastModified: functionTime(context.now),
  };
  const tags = textMap(input, "Tags") ?? {};
  checkTags(tags);
  const stored: StoredFunction = {
    place: { region: context.region, account: context.account },
    name,
    arn: functionArn(context, name),
    effective: state,
    effectiveRevision: "",
    latest: state,
    pending: {
      kind: "create",
      state,
      effectiveAt: context.now + parts.timing.functionCreate,
      nextRevisionId: parts.ids.uuid(),
    },
    created: false,
    failure: null,
    revisionId: parts.ids.uuid(),
    concurrency: null,
    tags: new Map(Object.entries(tags)),
    policy: new Map(),
  };
  parts.functions.add(stored);
  return functionView(stored);
}

function begin(
  parts: FunctionParts,
  stored: StoredFunction,
  change: Partial<FunctionState>,
  context: CallContext,
): unknown {
  const state = { ...stored.latest, ...change, lastModified: functionTime(context.now) };
  stored.latest = state;
  stored.failure = null;
  stored.revisionId = parts.ids.uuid();
  stored.pending = {
    kind: "update",
    state,
    effectiveAt: context.now + parts.timing.functionUpdate,
    nextRevisionId: parts.ids.uuid(),
  };
  return functionView(stored);
}

function updateConfiguration(parts: FunctionParts, input: Input, context: CallContext): unknown {
  const stored = functionOf(parts, input, context);
  const settings = updatedSettings(stored.latest.settings, input, context.region);
  refuseWhileInProgress(stored);
  checkRevision(stored, input);
  return begin(parts, stored, { settings }, context);
}

function updateCode(parts: FunctionParts, input: Input, context: CallContext): unknown {
  const stored = functionOf(parts, input, context);
  refusePublish(input);
  const code = codeFrom(input);
  refuseWhileInProgress(stored);
  checkRevision(stored, input);
  const architectures = texts(input, "Architectures") ?? stored.latest.architectures;
  if (flag(input, "DryRun") === true) {
    return { ...functionView(stored), CodeSha256: code.sha256, CodeSize: code.zip.length };
  }
  return begin(parts, stored, { code, architectures }, context);
}

function getFunction(parts: FunctionParts, input: Input, context: CallContext): unknown {
  const stored = functionOf(parts, input, context);
  const tags = Object.fromEntries(stored.tags);
  const tagMember = parts.mayListTags()
    ? stored.tags.size === 0
      ? {}
      : { Tags: tags }
    : {
        TagsError: {
          ErrorCode: "AccessDeniedException",
          Message: `User: ${context.identityArn} is not authorized to perform: lambda:ListTags on resource: ${stored.arn}`,
        },
      };
  return {
    Configuration: functionView(stored),
    Code: { RepositoryType: "S3", Location: parts.links.make(stored, context.now) },
    ...tagMember,
    ...(stored.concurrency === null
      ? {}
      : { Concurrency: { ReservedConcurrentExecutions: stored.concurrency } }),
  };
}

/** Lambda's operations on functions themselves. */
export function functionHandlers(parts: FunctionParts): Handlers {
  return {
    CreateFunction: (input, context) => create(parts, input, context),
    GetFunction: (input, context) => getFunction(parts, input, context),
    GetFunctionConfiguration: (input, context) => functionView(functionOf(parts, input, context)),
    UpdateFunctionConfiguration: (input, context) => updateConfiguration(parts, input, context),
    UpdateFunctionCode: (input, context) => updateCode(parts, input, context),
    DeleteFunction: (input, context) => {
      const stored = functionOf(parts, input, context);
      if (text(input, "Qualifier") === "$LATEST") {
        throw invalidParameter("$LATEST version cannot be deleted without deleting the function.");
      }
      parts.functions.remove(stored);
      return {};
    },
    ListFunctions: (input, context) => {
      const page = pageOf(parts.functions.of(context), input, 50);
      return {
        Functions: page.items.map(functionListView),
        ...(page.next === null ? {} : { NextMarker: page.next }),
      };
    },
    ListVersionsByFunction: (input, context) => ({
      Versions: [versionView(functionOf(parts, input, context))],
    }),
    ListAliases: (input, context) => {
      functionOf(parts, input, context);
      return { Aliases: [] };
    },
  };
}

function versionView(stored: StoredFunction): unknown {
  return { ...functionListView(stored), FunctionArn: `${stored.arn}:$LATEST` };
}
