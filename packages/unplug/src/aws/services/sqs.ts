import { GetQueueAttributesCommand, GetQueueUrlCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { ClientConfig, Service } from "./service.ts";

export function openService(config: ClientConfig): Service {
  // Else the client sends to the host in the queue's URL, whatever endpoint is set.
  const client = new SQSClient({ ...config, useQueueUrlAsEndpoint: false });
  return {
    operations: {
      GetQueueUrl: (input, options) => client.send(new GetQueueUrlCommand(input), options),
      GetQueueAttributes: (input, options) => client.send(new GetQueueAttributesCommand(input), options),
    },
  };
}
