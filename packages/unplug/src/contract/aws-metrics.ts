/** The operations of CloudWatch that Unplug uses, as `AwsCalls` has the others. */
export interface MetricCalls {
  "cloudwatch:GetMetricData": {
    input: {
      StartTime: number;
      EndTime: number;
      MetricDataQueries: readonly MetricQuery[];
      NextToken?: string;
    };
    output: {
      MetricDataResults?: readonly {
        readonly Id?: string;
        readonly Timestamps?: readonly number[];
        readonly Values?: readonly number[];
        readonly StatusCode?: string;
      }[];
      Messages?: readonly { readonly Code?: string; readonly Value?: string }[];
      NextToken?: string;
    };
  };
  "cloudwatch:ListMetrics": {
    input: { Namespace?: string; MetricName?: string; NextToken?: string };
    output: {
      Metrics?: readonly { readonly MetricName?: string; readonly Dimensions?: readonly Dimension[] }[];
      NextToken?: string;
    };
  };
  "cloudwatch:DescribeAlarms": {
    input: { AlarmNames?: readonly string[]; AlarmTypes: readonly string[]; MaxRecords?: number };
    output: { MetricAlarms?: readonly AlarmAnswer[]; CompositeAlarms?: readonly AlarmAnswer[] };
  };
}

/** One of CloudWatch's queries: of a metric, or metric math over the others. */
export interface MetricQuery {
  readonly Id: string;
  readonly ReturnData?: boolean;
  /** Seconds; of an expression. */
  readonly Period?: number;
  readonly Expression?: string;
  readonly MetricStat?: {
    readonly Metric: {
      readonly Namespace: string;
      readonly MetricName: string;
      readonly Dimensions: readonly Dimension[];
    };
    /** Seconds. */
    readonly Period: number;
    readonly Stat: string;
  };
}

export interface Dimension {
  readonly Name?: string;
  readonly Value?: string;
}

export interface AlarmAnswer {
  readonly AlarmName?: string;
  readonly StateValue?: string;
  readonly StateReason?: string;
}
