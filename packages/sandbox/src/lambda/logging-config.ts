import type { ModelFailure } from "../api-error.ts";
import { type Input, record, text } from "../input.ts";
import { enumFailures, patternFailures } from "./constraints.ts";

/** How and where a function logs. */
export interface LoggingConfig {
  readonly format: string;
  readonly group: string;
  /** What is logged at least; null with the format Text, which has no levels. */
  readonly levels: { readonly application: string; readonly system: string } | null;
}

export function loggingFailures(input: Input): readonly ModelFailure[] {
  const logging = record(input, "LoggingConfig") ?? {};
  return [
    ...enumFailures(logging, "LoggingConfig.LogFormat", ["JSON", "Text"]),
    ...enumFailures(logging, "LoggingConfig.ApplicationLogLevel", [
      "TRACE",
      "DEBUG",
      "INFO",
      "WARN",
      "ERROR",
      "FATAL",
    ]),
    ...enumFailures(logging, "LoggingConfig.SystemLogLevel", ["DEBUG", "INFO", "WARN"]),
    ...patternFailures(logging, "LoggingConfig.LogGroup", "[\\.\\-_/#A-Za-z0-9]+"),
  ];
}

/** What is not given stays; JSON has the levels INFO until others are set. Source: recorded answers of Lambda. */
export function loggingAfter(before: LoggingConfig, given: Input): LoggingConfig {
  const format = text(given, "LogFormat") ?? before.format;
  return {
    format,
    group: text(given, "LogGroup") ?? before.group,
    levels:
      format === "Text"
        ? null
        : {
            application: text(given, "ApplicationLogLevel") ?? before.levels?.application ?? "INFO",
            system: text(given, "SystemLogLevel") ?? before.levels?.system ?? "INFO",
          },
  };
}

export function loggingView({ format, group, levels }: LoggingConfig): Record<string, unknown> {
  return {
    LogFormat: format,
    LogGroup: group,
    ...(levels === null ? {} : { ApplicationLogLevel: levels.application, SystemLogLevel: levels.system }),
  };
}
