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
