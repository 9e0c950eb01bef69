import {
  DeleteFunctionCommand,
  DeleteFunctionConcurrencyCommand,
  GetAliasCommand,
  GetCodeSigningConfigCommand,
  GetEventSourceMappingCommand,
  GetFunctionCodeSigningConfigCommand,
  GetFunctionCommand,
  GetFunctionConcurrencyCommand,
  GetLayerVersionCommand,
  GetPolicyCommand,
  GetRuntimeManagementConfigCommand,
  InvokeCommand,
  LambdaClient,
  ListAliasesCommand,
  ListEventSourceMappingsCommand,
  ListFunctionsCommand,
  ListLayersCommand,
  ListLayerVersionsCommand,
  ListProvisionedConcurrencyConfigsCommand,
  ListTagsCommand,
  ListVersionsByFunctionCommand,
  PublishLayerVersionCommand,
  PublishVersionCommand,
  PutFunctionConcurrencyCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateAliasCommand,
  UpdateEventSourceMappingCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import type { ClientConfig, Operation, Service } from "./service.ts";

export function openService(config: ClientConfig): Service {
  const client = new LambdaClient(config);
  const operations: Record<string, Operation> = {
    GetFunction: (input, options) => client.send(new GetFunctionCommand(input), options),
    UpdateFunctionConfiguration: (input, options) =>
      client.send(new UpdateFunctionConfigurationCommand(input), options),
    // Whatever it is given.
    TryUpdateFunctionCode: (input: OfCode, options) =>
      client.send(new UpdateFunctionCodeCommand({ ...input, DryRun: true }), options),
    Invoke: (input, options) => client.send(new InvokeCommand(input), options),
    UpdateFunctionCode: (input, options) => client.send(new UpdateFunctionCodeCommand(input), options),
    ListVersionsByFunction: (input, options) =>
      client.send(new ListVersionsByFunctionCommand(input), options),
    GetVersion: (input: OfVersion, options) => client.send(new GetFunctionCommand(versionOf(input)), options),
    PublishVersion: (input, options) => client.send(new PublishVersionCommand(input), options),
    DeleteVersion: (input: OfVersion, options) =>
      client.send(new DeleteFunctionCommand(versionOf(input)), options),
    GetAlias: (input, options) => client.send(new GetAliasCommand(input), options),
    UpdateAlias: (input, options) => client.send(new UpdateAliasCommand(input), options),
    ListFunctions: (input, options) => client.send(new ListFunctionsCommand(input), options),
    ListLayers: (input, options) => client.send(new ListLayersCommand(input), options),
    ListAliases: (input, options) => client.send(new ListAliasesCommand(input), options),
    GetFunctionCodeSigningConfig: (input, options) =>
      client.send(new GetFunctionCodeSigningConfigCommand(input), options),
    GetCodeSigningConfig: (input, options) => client.send(new GetCodeSigningConfigCommand(input), options),
    GetRuntimeManagementConfig: (input, options) =>
      client.send(new GetRuntimeManagementConfigCommand(input), options),
    ListProvisionedConcurrencyConfigs: (input, options) =>
      client.send(new ListProvisionedConcurrencyConfigsCommand(input), options),
    ListLayerVersions: (input, options) => client.send(new ListLayerVersionsCommand(input), options),
    GetLayerVersion: (input, options) => client.send(new GetLayerVersionCommand(input), options),
    PublishLayerVersion: (input, options) => client.send(new PublishLayerVersionCommand(input), options),
    GetFunctionConcurrency: (input, options) =>
      client.send(new GetFunctionConcurrencyCommand(input), options),
    PutFunctionConcurrency: (input, options) =>
      client.send(new PutFunctionConcurrencyCommand(input), options),
    DeleteFunctionConcurrency: (input, options) =>
      client.send(new DeleteFunctionConcurrencyCommand(input), options),
    GetPolicy: (input, options) => client.send(new GetPolicyCommand(input), options),
    ListEventSourceMappings: (input, options) =>
      client.send(new ListEventSourceMappingsCommand(input), options),
    GetEventSourceMapping: (input, options) => client.send(new GetEventSourceMappingCommand(input), options),
    UpdateEventSourceMapping: (input, options) =>
      client.send(new UpdateEventSourceMappingCommand(input), options),
    ListTags: (input, options) => client.send(new ListTagsCommand(input), options),
    TagResource: (input, options) => client.send(new TagResourceCommand(input), options),
    UntagResource: (input, options) => client.send(new UntagResourceCommand(input), options),
  };
  return { operations };
}

interface OfCode {
  readonly FunctionName: string;
  readonly ZipFile: Uint8Array;
}

interface OfVersion {
  readonly FunctionName: string;
  readonly Version: string;
}

/** Without a version, or with an empty one, DeleteFunction deletes the function: what is no number is not sent. */
function versionOf({ FunctionName, Version }: OfVersion): { FunctionName: string; Qualifier: string } {
  if (/^[1-9][0-9]*$/.test(Version)) return { FunctionName, Qualifier: Version };
  throw new Error(
    `${JSON.stringify(Version)} is not the number of a version of ${FunctionName}; nothing was sent.`,
  );
}
