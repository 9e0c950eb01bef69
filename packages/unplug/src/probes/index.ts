import type { AnyProbe } from "../contract/probe.ts";
import { backlogProbe } from "./backlog.ts";
import { cloudwatchProbe } from "./cloudwatch.ts";
import { cloudwatchAlarmProbe } from "./cloudwatch-alarm.ts";
import { commandProbe } from "./command.ts";
import { httpProbe } from "./http.ts";
import { lambdaProbe } from "./lambda.ts";
import { prometheusProbe } from "./prometheus.ts";

/** All types of probe that Unplug has. */
export const builtinProbes: readonly AnyProbe[] = [
  httpProbe,
  prometheusProbe,
  commandProbe,
  cloudwatchProbe,
  cloudwatchAlarmProbe,
  lambdaProbe,
  backlogProbe,
];
