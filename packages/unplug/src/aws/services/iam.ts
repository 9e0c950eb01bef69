import { GetRoleCommand, IAMClient, SimulatePrincipalPolicyCommand } from "@aws-sdk/client-iam";
import type { ClientConfig, Service } from "./service.ts";

export function openService(config: ClientConfig): Service {
  const client = new IAMClient(config);
  return {
    operations: {
      SimulatePrincipalPolicy: (input, options) =>
        client.send(new SimulatePrincipalPolicyCommand(input), options),
      GetRole: (input, options) => client.send(new GetRoleCommand(input), options),
    },
  };
}
