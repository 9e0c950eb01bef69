import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import type { ClientConfig, Service } from "./service.ts";

export function openService(config: ClientConfig): Service {
  const client = new CloudWatchLogsClient(config);
  return {
    operations: {
      FilterLogEvents: (input, options) => client.send(new FilterLogEventsCommand(input), options),
    },
  };
}
