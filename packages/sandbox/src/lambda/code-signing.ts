import { ApiError } from "../api-error.ts";
import type { CallContext, Handlers } from "../caller.ts";
import type { Ids } from "../ids.ts";
import { type Input, needText, record, text, textMap, texts } from "../input.ts";
import { type CodeSigningConfig, type CodeSigningStore, codeSigningArnFrom } from "./code-signing-store.ts";
import { enumFailures, lengthFailures, refuseFailures } from "./constraints.ts";
import { namedFunction, wholeFunction } from "./function-reference.ts";
import type { FunctionStore, StoredFunction } from "./function-store.ts";
import { functionTime } from "./function-view.ts";
import { pageOf } from "./paging.ts";
import { checkTags } from "./tag-limits.ts";

interface Parts {
  readonly codeSigning: CodeSigningStore;
  readonly functions: FunctionStore;
  readonly ids: Ids;
}

function configView(config: CodeSigningConfig): Record<string, unknown> {
  return {
    CodeSigningConfigId: config.id,
    CodeSigningConfigArn: config.arn,
    Description: config.description,
    AllowedPublishers: { SigningProfileVersionArns: [...config.publishers] },
    CodeSigningPolicies: { UntrustedArtifactOnDeployment: config.untrusted },
    LastModified: config.lastModified,
  };
}

function foundConfig(parts: Parts, input: Input): CodeSigningConfig {
  const arn = needText(input, "CodeSigningConfigArn");
  const config = parts.codeSigning.find(arn);
  if (config !== undefined) return config;
  throw new ApiError(
    404,
    "ResourceNotFoundException",
    `The Lambda code signing configuration ${arn} can not be found.`,
    { type: null },
  );
}

function publishersOf(input: Input): readonly string[] | undefined {
  const given = record(input, "AllowedPublishers");
  return given === undefined ? undefined : (texts(given, "SigningProfileVersionArns") ?? []);
}

function untrustedOf(input: Input): string | undefined {
  const policies = record(input, "CodeSigningPolicies") ?? {};
  refuseFailures(
    enumFailures(policies, "CodeSigningPolicies.UntrustedArtifactOnDeployment", ["Warn", "Enforce"]),
    lengthFailures(input, "Description", 256),
  );
  return text(policies, "UntrustedArtifactOnDeployment");
}

function create(parts: Parts, input: Input, context: CallContext): unknown {
  const publishers = publishersOf(input);
  if (publishers === undefined) needText(input, "AllowedPublishers");
  const untrusted = untrustedOf(input) ?? "Warn";
  const tags = textMap(input, "Tags") ?? {};
  checkTags(tags);
  const id = `csc-${parts.ids.uuid().replaceAll("-", "").slice(0, 17)}`;
  const config: CodeSigningConfig = {
    place: { region: context.region, account: context.account },
    id,
    arn: `arn:aws:lambda:${context.region}:${context.account}:code-signing-config:${id}`,
    description: text(input, "Description") ?? "",
    publishers: publishers ?? [],
    untrusted,
    lastModified: functionTime(context.now),
    tags: new Map(Object.entries(tags)),
  };
  parts.codeSigning.add(config);
  return { CodeSigningConfig: configView(config) };
}

function update(parts: Parts, input: Input, context: CallContext): unknown {
  const config = foundConfig(parts, input);
  config.untrusted = untrustedOf(input) ?? config.untrusted;
  config.publishers = publishersOf(input) ?? config.publishers;
  config.description = text(input, "Description") ?? config.description;
  config.lastModified = functionTime(context.now);
  return { CodeSigningConfig: configView(config) };
}

function users(parts: Parts, config: CodeSigningConfig): readonly StoredFunction[] {
  return parts.functions.of(config.place).filter((stored) => stored.codeSigningConfigArn === config.arn);
}

function remove(parts: Parts, input: Input): unknown {
  const config = foundConfig(parts, input);
  const count = users(parts, config).length;
  if (count > 0) {
    throw new ApiError(
      409,
      "ResourceConflictException",
      `The code signing configuration ${config.arn} is used by ${count} function(s): take it from them first.`,
    );
  }
  parts.codeSigning.remove(config);
  return {};
}

function attachmentView(stored: StoredFunction): unknown {
  const { codeSigningConfigArn, name } = stored;
  return codeSigningConfigArn === null
    ? {}
    : { CodeSigningConfigArn: codeSigningConfigArn, FunctionName: name };
}

function attach(parts: Parts, input: Input, context: CallContext): unknown {
  namedFunction(input, context);
  needText(input, "CodeSigningConfigArn");
  const arn = codeSigningArnFrom(parts.codeSigning, input) ?? null;
  const stored = wholeFunction(parts, input, context, "wide");
  stored.codeSigningConfigArn = arn;
  return attachmentView(stored);
}

const largestPage = 50;

/** Code signing configurations and which function has which. */
export function codeSigningHandlers(parts: Parts): Handlers {
  return {
    CreateCodeSigningConfig: (input, context) => create(parts, input, context),
    GetCodeSigningConfig: (input) => ({ CodeSigningConfig: configView(foundConfig(parts, input)) }),
    UpdateCodeSigningConfig: (input, context) => update(parts, input, context),
    DeleteCodeSigningConfig: (input) => remove(parts, input),
    ListCodeSigningConfigs: (input, context) => {
      const page = pageOf(parts.codeSigning.of(context), input, largestPage);
      return {
        CodeSigningConfigs: page.items.map(configView),
        ...(page.next === null ? {} : { NextMarker: page.next }),
      };
    },
    ListFunctionsByCodeSigningConfig: (input) => {
      const page = pageOf(users(parts, foundConfig(parts, input)), input, largestPage);
      return {
        FunctionArns: page.items.map((stored) => stored.arn),
        ...(page.next === null ? {} : { NextMarker: page.next }),
      };
    },
    PutFunctionCodeSigningConfig: (input, context) => attach(parts, input, context),
    GetFunctionCodeSigningConfig: (input, context) =>
      attachmentView(wholeFunction(parts, input, context, "wide")),
    DeleteFunctionCodeSigningConfig: (input, context) => {
      wholeFunction(parts, input, context, "wide").codeSigningConfigArn = null;
      return {};
    },
  };
}
