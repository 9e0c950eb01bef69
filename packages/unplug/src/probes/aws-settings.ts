import * as z from "zod";
import { partitionOf } from "../contract/arns.ts";
import type { Connection } from "../contract/connection.ts";
import type { Place } from "../contract/place.ts";
import type { ProbeIo } from "../contract/probe.ts";

/** Left out: the region of the probe's step. */
export const regionSetting = z
  .string()
  .regex(/^[a-z]{2,}(-[a-z]+)+-\d$/, "must be a region like eu-central-1")
  .optional()
  .describe("Region; left out: that of the step");

const PERIOD = /^(\d+)(s|m|h)?$/;
const SECONDS = { s: 1, m: 60, h: 3600 } as const;

/** Seconds inside. Source: GetMetricData, MetricStat, Period. */
export const periodSetting = z
  .union([z.number(), z.string()], "must be a period, like 60s or 5m")
  .default(60)
  .transform((value, context) => {
    const match = PERIOD.exec(String(value).trim());
    const unit = match?.[2] === "m" || match?.[2] === "h" ? match[2] : "s";
    const seconds = match === null ? 0 : Number(match[1]) * SECONDS[unit];
    const isFine = [1, 5, 10, 20, 30].includes(seconds) || (seconds >= 60 && seconds % 60 === 0);
    if (isFine && seconds <= 86_400) return seconds;
    context.addIssue({
      code: "custom",
      message: "must be 1, 5, 10, 20 or 30 s, or whole minutes up to a day",
    });
    return z.NEVER;
  })
  .describe("Period of a datapoint");

/** Where a name without a region of its own is. */
export function placeOf(place: Place, region: string | undefined): Place {
  return region === undefined ? place : { ...place, region };
}

export function arnOf(service: string, place: Place, resource: string): string {
  return `arn:${partitionOf(place.region)}:${service}:${place.region}:${place.account}:${resource}`;
}

/** The region that an ARN names; undefined where it is none. */
export function regionOf(arn: string): string | undefined {
  return arn.startsWith("arn:") ? arn.split(":")[3] : undefined;
}

/** What a setting that is a name or an ARN is asked in. */
export function connectionFor(
  name: string,
  region: string | undefined,
  io: Pick<ProbeIo, "aws">,
): Promise<Connection> {
  return io.aws(region ?? regionOf(name) ?? null);
}

/** `12:03:00`, of UTC. */
export function timeText(ms: number): string {
  return `${new Date(ms).toISOString().slice(11, 19)} UTC`;
}
