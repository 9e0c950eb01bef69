import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import type { ClientConfig, Service } from "./service.ts";

export function openService(config: ClientConfig): Service {
  const client = new STSClient(config);
  return {
    operations: {
      GetCallerIdentity: (input, options) => client.send(new GetCallerIdentityCommand(input), options),
    },
  };
}
