import * as z from "zod";
import type { Access } from "../contract/access.ts";
import type { Timing } from "../contract/events.ts";
import type { TunableValue } from "../contract/experiment.ts";
import type { AnyFault } from "../contract/fault.ts";
import { type CommonTunables, commonTunables, toInner } from "../contract/tunables.ts";

export interface TunableProblem {
  readonly tunable: string;
  /** "must be at least 1 s": what was expected. */
  readonly problem: string;
}

/** Values that do not fit a fault's schema; nothing was called. Exit code 2. */
export class TunableError extends Error {
  readonly fault: string;
  readonly problems: readonly TunableProblem[];

  constructor(fault: string, problems: readonly TunableProblem[]) {
    super(`${fault}: ${problems.map(({ tunable, problem }) => `${tunable} ${problem}`).join("; ")}`);
    this.name = "TunableError";
    this.fault = fault;
    this.problems = problems;
  }
}

export interface ParsedTunables {
  readonly common: CommonTunables;
  /** The fault's own, under inner names. */
  readonly own: Record<string, unknown>;
}

export interface TunableDescription {
  readonly name: string;
  readonly description: string;
  readonly required: boolean;
  /** As a user would write it; null when there is none. */
  readonly default: string | null;
  /** Smallest and largest value; null when it is no number. */
  readonly range: { readonly min: number; readonly max: number } | null;
  /** Of the number: "s"; null when it counts or is none. */
  readonly unit: string | null;
  /** All values that there are; empty when they cannot be listed. */
  readonly values: readonly string[];
  readonly common: boolean;
}

/** All tunables of a fault under their wire names; an unknown one is an error. */
export function tunableSchema(fault: AnyFault): z.ZodObject {
  return z.strictObject({ ...fault.tunables, ...commonTunables });
}

/** Checks the values of one step; throws TunableError with every problem. */
export function parseTunables(fault: AnyFault, values: readonly TunableValue[]): ParsedTunables {
  const given = Object.fromEntries(values.map(({ name, value }) => [name, value]));
  // A schema that is used once is not worth compiling.
  const common = z.object(commonTunables).safeParse(given, { jitless: true });
  const whole = tunableSchema(fault).safeParse(given, { jitless: true });
  if (!whole.success || !common.success) {
    throw new TunableError(
      fault.id,
      (whole.error ?? common.error)?.issues.flatMap((issue) => problemsOf(issue, given)) ?? [],
    );
  }
  const own = Object.fromEntries(Object.entries(whole.data).filter(([name]) => !(name in commonTunables)));
  return { common: inner(common.data), own: toInner(own) };
}

/** The docs of each tunable, the fault's own first. */
export function describeTunables(fault: AnyFault): readonly TunableDescription[] {
  return Object.entries(tunableSchema(fault).shape).map(([name, schema]) => ({
    name,
    ...told(schema),
    required: !isOptional(schema),
    default: defaultText(schema),
    values: valuesOf(schema),
    common: name in commonTunables,
  }));
}

export function timingOf(common: CommonTunables): Timing {
  return {
    holdMs: common.totalChaosDuration,
    intervalMs: common.chaosInterval,
    rampMs: common.rampTime,
    serial: common.sequence === "serial",
    cycles: common.cycles,
    statusTimeoutMs: common.statusCheckTimeout,
    statusDelayMs: common.statusCheckDelay,
    restoreTimeoutMs: common.restoreTimeout,
  };
}

export function accessOf(common: CommonTunables): Access {
  return {
    region: common.region,
    profile: common.awsProfile,
    secret: common.awsAuthenticationSecret,
    assumeRoleArn: common.assumeRoleArn,
    externalId: common.assumeRoleExternalId,
    endpoint: null,
  };
}

function inner(data: z.output<z.ZodObject<typeof commonTunables>>): CommonTunables {
  // `toInner` renames exactly as the type CamelCase does.
  return toInner(data) as unknown as CommonTunables;
}

function problemsOf(
  issue: z.core.$ZodIssue,
  given: Readonly<Record<string, unknown>>,
): readonly TunableProblem[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((tunable) => ({ tunable, problem: "is not a tunable of this fault" }));
  }
  const tunable = String(issue.path[0] ?? "");
  if (!(tunable in given)) return [{ tunable, problem: "is required" }];
  return [{ tunable, problem: issue.message }];
}

function isOptional(schema: z.core.$ZodType): boolean {
  return z.safeParse(schema, undefined).success;
}

function told(schema: z.core.$ZodType): Pick<TunableDescription, "description" | "range" | "unit"> {
  for (let inside: z.core.$ZodType | undefined = schema; inside !== undefined; inside = unwrapped(inside)) {
    const { description, minimum, maximum, unit } = z.globalRegistry.get(inside) ?? {};
    if (description === undefined) continue;
    const isRange = typeof minimum === "number" && typeof maximum === "number";
    return {
      description,
      range: isRange ? { min: minimum, max: maximum } : null,
      unit: typeof unit === "string" ? unit : null,
    };
  }
  return { description: "", range: null, unit: null };
}

function valuesOf(schema: z.core.$ZodType): readonly string[] {
  for (let inside: z.core.$ZodType | undefined = schema; inside !== undefined; inside = unwrapped(inside)) {
    if (inside instanceof z.ZodEnum) return inside.options.map(String);
  }
  return [];
}

function unwrapped(schema: z.core.$ZodType): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) return schema.def.innerType;
  return schema instanceof z.ZodOptional ? schema.def.innerType : undefined;
}

function defaultText(schema: z.core.$ZodType): string | null {
  if (!(schema instanceof z.ZodDefault) && !(schema instanceof z.ZodPrefault)) return null;
  return String(schema.def.defaultValue);
}
