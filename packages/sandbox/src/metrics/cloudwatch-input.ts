import { ApiError } from "../api-error.ts";
import { type Input, instant, text } from "../input.ts";
import { type Statistic, statistics } from "./metric-statistics.ts";

export function invalid(message: string, code = "InvalidParameterValue"): ApiError {
  return new ApiError(400, code, message);
}

/** Some codes are named otherwise in CloudWatch's model than on the wire of older clients. Source: the service's model. */
export function validation(message: string): ApiError {
  return invalid(message, "ValidationError");
}

export function statisticOf(value: string, parameter = "Statistics"): Statistic {
  const found = statistics.find((known) => known === value);
  if (found !== undefined) return found;
  throw invalid(
    `The value ${value} for parameter ${parameter} is not supported: expected one of ${statistics.join(", ")}.`,
  );
}

/** Milliseconds. */
export function checkPeriod(seconds: number | undefined): number {
  if (seconds === undefined) throw invalid("The parameter Period is required.", "MissingParameter");
  if (![1, 5, 10, 20, 30].includes(seconds) && (seconds < 60 || seconds % 60 !== 0)) {
    throw invalid("The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60.");
  }
  return seconds * 1000;
}

/** Milliseconds since the epoch. */
export function checkSpan(input: Input): { readonly from: number; readonly to: number } {
  const from = instant(input, "StartTime");
  const to = instant(input, "EndTime");
  if (from === undefined) throw invalid("The parameter StartTime is required.", "MissingParameter");
  if (to === undefined) throw invalid("The parameter EndTime is required.", "MissingParameter");
  if (from >= to) throw invalid("The parameter StartTime must be less than the parameter EndTime.");
  return { from, to };
}

export function required(input: Input, name: string): string {
  const value = text(input, name);
  if (value !== undefined && value !== "") return value;
  throw invalid(`The parameter ${name} is required.`, "MissingParameter");
}
