import { ApiError, invalidParameter } from "../api-error.ts";
import { functionArn, functionNameFailures, parseFunctionReference } from "../arns.ts";
import type { CallContext } from "../caller.ts";
import { flag, type Input, needText, record, text, textMap, texts } from "../input.ts";
import { architectureFailures } from "./architecture-failures.ts";
import { refuseUnsigned } from "./code-signature.ts";
import type { CodeSigningStore } from "./code-signing-store.ts";
import { codeSigningArnFrom } from "./code-signing-store.ts";
import { enumFailures, refuseFailures } from "./constraints.ts";
import { type ChangeParts, pendingVersion, publish } from "./function-changes.ts";
import { type CodeSources, codeFrom } from "./function-code.ts";
import { initialSettings, settingsFailures, updatedSettings } from "./function-settings.ts";
import type { FunctionStore, StoredFunction } from "./function-store.ts";
import type { FunctionState, FunctionVersion } from "./function-version.ts";
import { functionTime, functionView } from "./function-view.ts";
import { refuseImageConfig, refuseZipMembers } from "./image-config.ts";
import { layerReferences } from "./layer-references.ts";
import type { LayerStore } from "./layer-store.ts";
import { refuseTooLarge } from "./package-size.ts";
import { checkTags } from "./tag-limits.ts";

export interface CreateParts extends ChangeParts, CodeSources {
  readonly functions: FunctionStore;
  readonly layers: LayerStore;
  readonly codeSigning: CodeSigningStore;
}

const longestName = 64;

/** The name of a function to be made. Source: recorded answers of Lambda, also for the missing words of the 403. */
function newName(input: Input, context: CallContext): string {
  const given = needText(input, "FunctionName");
  refuseFailures(
    functionNameFailures(given, "plain"),
    settingsFailures(input),
    architectureFailures(input),
    enumFailures(input, "PackageType", ["Zip", "Image"]),
  );
  let name: string;
  try {
    name = parseFunctionReference(given, context, "plain").name;
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== "AccessDeniedException") throw error;
    throw new ApiError(403, error.code, error.message, { type: null, body: { Message: null } });
  }
  if (name.length <= longestName) return name;
  throw invalidParameter(
    `1 validation error detected: Value '${name}' at 'functionName' failed to satisfy constraint: Member must have length less than or equal to ${longestName}`,
  );
}

/** A function of one version, without anything attached to it. */
function newFunction(context: CallContext, name: string, latest: FunctionVersion): StoredFunction {
  return {
    place: { region: context.region, account: context.account },
    name,
    arn: functionArn(context, name),
    latest,
    versions: new Map(),
    lastNumber: 0,
    published: null,
    aliases: new Map(),
    concurrency: null,
    tags: new Map(),
    codeSigningConfigArn: null,
    recursiveLoop: "Terminate",
    policies: new Map(),
    provisioned: new Map(),
    eventInvokeConfigs: new Map(),
    urls: new Map(),
    runtimeManagement: new Map(),
  };
}

async function stateFrom(
  parts: CreateParts,
  name: string,
  input: Input,
  context: CallContext,
): Promise<FunctionState> {
  const isImage = text(input, "PackageType") === "Image";
  if (isImage) refuseZipMembers(input);
  else refuseImageConfig(input);
  const settings = updatedSettings(initialSettings(name), input, (arns) =>
    layerReferences(parts.layers, arns, context),
  );
  if (!isImage && (settings.runtime === "" || settings.handler === "")) {
    throw invalidParameter(
      "Runtime and Handler are mandatory parameters for functions created with deployment packages.",
    );
  }
  const code = await codeFrom(parts, record(input, "Code") ?? {}, context, { isImage, what: "creating" });
  refuseTooLarge({ code, settings });
  return {
    settings,
    code,
    architectures: texts(input, "Architectures") ?? ["x86_64"],
    lastModified: functionTime(context.now),
  };
}

/** CreateFunction: Pending at first; with Publish it is described as the version that it makes. */
export async function createFunction(
  parts: CreateParts,
  input: Input,
  context: CallContext,
): Promise<unknown> {
  const name = newName(input, context);
  needText(input, "Role");
  if (input["Code"] === undefined) needText(input, "Code");
  const state = await stateFrom(parts, name, input, context);
  if (parts.functions.find(context, name) !== undefined) {
    throw new ApiError(409, "ResourceConflictException", `Function already exist: ${name}`);
  }
  const tags = textMap(input, "Tags") ?? {};
  checkTags(tags);
  const codeSigningConfigArn = codeSigningArnFrom(parts.codeSigning, input) ?? null;
  refuseUnsigned(parts.codeSigning, codeSigningConfigArn, name);
  const imageTime = state.code.image === null ? 0 : parts.timing.imageOptimisation;
  const effectiveAt = context.now + parts.timing.functionCreate + imageTime;
  const latest = pendingVersion("$LATEST", state, effectiveAt, {
    revisionId: parts.ids.uuid(),
    nextRevisionId: parts.ids.uuid(),
  });
  const stored = newFunction(context, name, latest);
  stored.tags = new Map(Object.entries(tags));
  stored.codeSigningConfigArn = codeSigningConfigArn;
  parts.functions.add(stored);
  const published = flag(input, "Publish") === true ? publish(parts, stored, undefined, context) : undefined;
  const view = functionView(stored, latest, null);
  return published === undefined ? view : { ...view, Version: published.version };
}
