import { DescribeStreamSummaryCommand, KinesisClient } from "@aws-sdk/client-kinesis";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import type { ClientConfig, Service } from "./service.ts";

export function openService(config: ClientConfig): Service {
  // By itself this client speaks HTTP/2, which local endpoints do not.
  const client = new KinesisClient({ ...config, requestHandler: new NodeHttpHandler() });
  return {
    operations: {
      DescribeStreamSummary: (input, options) =>
        client.send(new DescribeStreamSummaryCommand(input), options),
    },
  };
}
