import {
  BatchDeleteImageCommand,
  DescribeImagesCommand,
  ECRClient,
  GetAuthorizationTokenCommand,
  GetLifecyclePolicyCommand,
} from "@aws-sdk/client-ecr";
import type { ClientConfig, Service } from "./service.ts";

export function openService(config: ClientConfig): Service {
  const client = new ECRClient(config);
  return {
    operations: {
      GetAuthorizationToken: async (input, options) => {
        const { authorizationData = [] } = await client.send(
          new GetAuthorizationTokenCommand(input),
          options,
        );
        // The token opens every registry that these credentials may read and write: it stays here.
        return {
          authorizationData: authorizationData.map(({ proxyEndpoint, expiresAt }) => ({
            proxyEndpoint,
            expiresAt: expiresAt?.getTime(),
          })),
        };
      },
      DescribeImages: (input, options) => client.send(new DescribeImagesCommand(input), options),
      GetLifecyclePolicy: (input, options) => client.send(new GetLifecyclePolicyCommand(input), options),
      BatchDeleteImage: (input, options) => client.send(new BatchDeleteImageCommand(input), options),
    },
  };
}
