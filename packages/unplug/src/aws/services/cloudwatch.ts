import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  type GetMetricDataCommandInput,
  ListMetricsCommand,
} from "@aws-sdk/client-cloudwatch";
import type { ClientConfig, Service } from "./service.ts";

export function openService(config: ClientConfig): Service {
  const client = new CloudWatchClient(config);
  return {
    operations: {
      GetMetricData: async (input: MetricDataInput, options) => {
        const { StartTime, EndTime, ...rest } = input;
        const dated = { ...rest, StartTime: new Date(StartTime), EndTime: new Date(EndTime) };
        const { MetricDataResults = [], ...answer } = await client.send(
          new GetMetricDataCommand(dated),
          options,
        );
        const results = MetricDataResults.map(({ Timestamps = [], ...result }) => ({
          ...result,
          Timestamps: Timestamps.map((at) => at.getTime()),
        }));
        return { ...answer, MetricDataResults: results };
      },
      ListMetrics: (input, options) => client.send(new ListMetricsCommand(input), options),
      DescribeAlarms: (input, options) => client.send(new DescribeAlarmsCommand(input), options),
    },
  };
}

/** With milliseconds since 1970 for dates. */
interface MetricDataInput extends Omit<GetMetricDataCommandInput, "StartTime" | "EndTime"> {
  readonly StartTime: number;
  readonly EndTime: number;
}
