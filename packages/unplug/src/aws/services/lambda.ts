import {
  DeleteFunctionConcurrencyCommand,
  GetEventSourceMappingCommand,
  GetFunctionCommand,
  GetFunctionConcurrencyCommand,
  GetPolicyCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  ListTagsCommand,
  PutFunctionConcurrencyCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateEventSourceMappingCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import type { ClientConfig, Operation, Service } from "./service.ts";

export function openService(config: ClientConfig): Service {
  const client = new LambdaClient(config);
  const operations: Record<string, Operation> = {
    GetFunction: (input, options) => client.send(new GetFunctionCommand(input), options),
    UpdateFunctionConfiguration: (input, options) =>
      client.send(new UpdateFunctionConfigurationCommand(input), options),
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
