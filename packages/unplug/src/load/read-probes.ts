import * as z from "zod";
import { isSeriesExpectation } from "../contract/expectation.ts";
import type { Json } from "../contract/json.ts";
import type { AnyProbe, ProbeMode, ProbeSpec, ProbeTiming } from "../contract/probe.ts";
import { MOST_LISTED } from "./document-schema.ts";
import { isRecord } from "./expand-tree.ts";
import { issueLines, kindOf } from "./issue-text.ts";
import { didYouMean } from "./nearest.ts";
import { probeShape, stopShape } from "./probe-schema.ts";
import { readExpectations } from "./read-expectations.ts";
import type { Path, YamlSource } from "./yaml-source.ts";

export interface ProbeContext {
  readonly types: readonly AnyProbe[];
  readonly yaml: YamlSource;
  readonly problems: string[];
}

const defaultTiming: ProbeTiming = {
  timeoutMs: 5_000,
  intervalMs: 2_000,
  attempts: 1,
  initialDelayMs: 0,
  tolerate: 0,
  stopOnFailure: false,
};

/** A list of probes, each with every problem at its place; what has one is left out. */
export function readProbes(raw: unknown, at: Path, context: ProbeContext): readonly ProbeSpec[] {
  const specs = listOf(raw, at, context).map((item, i) => readProbe(item, [...at, i], context));
  return unique(specs, at, context);
}

/** As probes that are asked all the time; whatever is no common key of theirs is a setting of the type. */
export function readStopConditions(raw: unknown, at: Path, context: ProbeContext): readonly ProbeSpec[] {
  const specs = listOf(raw, at, context).map((item, i) => readStop(item, [...at, i], context));
  return unique(specs, at, context);
}

function listOf(raw: unknown, at: Path, { yaml, problems }: ProbeContext): readonly unknown[] {
  if (raw === undefined) return [];
  if (Array.isArray(raw) && raw.length > MOST_LISTED)
    problems.push(
      `${yaml.where(at)}: ${String(at.at(-1))} are ${raw.length}, expected at most ${MOST_LISTED}`,
    );
  if (Array.isArray(raw)) return raw.slice(0, MOST_LISTED);
  problems.push(`${yaml.where(at)}: ${String(at.at(-1))} is ${kindOf(raw)}, expected a list`);
  return [];
}

function readProbe(raw: unknown, at: Path, context: ProbeContext): ProbeSpec | null {
  const type = typeOf(raw, at, context);
  if (type === null || !isRecord(raw)) return null;
  const shape = z.strictObject({ ...probeShape, [type.type]: z.unknown() });
  const head = z.strictObject(probeShape);
  const { [type.type]: settings, ...rest } = raw;
  const known = Object.keys(shape.shape);
  const parsed = parse(head, rest, { at, known, context });
  const mode: ProbeMode = parsed?.mode ?? "Continuous";
  const own = readSettings(type, settings ?? {}, [...at, type.type], context);
  const expect = readExpectations(raw["expect"], [...at, "expect"], { ...context, probe: type, mode });
  if (parsed === null || own === null) return null;
  const { name, run, lag, missing } = parsed;
  const spec = { name, type: type.type, mode, settings: own, expect, ...rules(type, run, { lag, missing }) };
  if (spec.run.stopOnFailure && spec.expect.every(isSeriesExpectation))
    context.problems.push(
      `${context.yaml.where([...at, "run", "stopOnFailure"])}: stopOnFailure needs an expectation of one check, and all of these are judged when the run is over`,
    );
  refuseUnmeasured(spec, type, [...at, "expect"], context);
  return spec;
}

function readStop(raw: unknown, at: Path, context: ProbeContext): ProbeSpec | null {
  const type = typeOf(raw, at, context);
  if (type === null || !isRecord(raw)) return null;
  if (isRecord(raw[type.type])) {
    const where = context.yaml.whereKey([...at, type.type]);
    context.problems.push(
      `${where}: the settings of a stop condition stand beside \`type:\`, not under \`${type.type}:\``,
    );
    return null;
  }
  const isCommon = (key: string) => Object.hasOwn(stopShape, key);
  const pick = (wanted: boolean) =>
    Object.fromEntries(Object.entries(raw).filter(([key]) => isCommon(key) === wanted));
  const parsed = parse(z.strictObject(stopShape), pick(true), { at, known: Object.keys(stopShape), context });
  const own = readSettings(type, pick(false), at, { ...context, beside: stopShape });
  const expect = readExpectations(raw["expect"], [...at, "expect"], {
    ...context,
    probe: type,
    mode: "Continuous",
  });
  if (parsed === null || own === null) return null;
  const { run, lag, missing } = parsed;
  const name = parsed.name ?? stopName(type.type, pick(false), Number(at.at(-1)) + 1);
  const head = { name, type: type.type, mode: "Continuous" as const, settings: own, expect };
  const spec = { ...head, ...rules(type, run, { lag, missing }) };
  refuseUnable(spec, at, context);
  refuseUnmeasured(spec, type, [...at, "expect"], context);
  return spec;
}

/** What it looks at, where that can be a name: `cloudwatch-alarm OrdersBurnRate`. */
function stopName(type: string, settings: Readonly<Record<string, unknown>>, number: number): string {
  const subject = Object.values(settings).find((value) => typeof value === "string");
  const name = `${type} ${String(subject)}`;
  return subject !== undefined && probeShape.name.safeParse(name).success ? name : `${type} ${number}`;
}

/** What ends a run must say so at one look, and at the first that is not as expected. */
function refuseUnable({ expect, run }: ProbeSpec, at: Path, { yaml, problems }: ProbeContext): void {
  for (const { measure, operator } of expect.filter(isSeriesExpectation))
    problems.push(
      `${yaml.whereKey([...at, "expect", measure])}: a stop condition is judged at each look, and \`${operator}\` is judged when the run is over: compare with a value, like {"<=": 5}`,
    );
  if (run.tolerate > 0)
    problems.push(
      `${yaml.where([...at, "run", "tolerate"])}: a stop condition tolerates nothing: leave tolerate out, and use attempts where one look may be wrong`,
    );
}

/** What has no value with these settings can never be as expected. */
function refuseUnmeasured(
  spec: ProbeSpec,
  { settings, unmeasured }: AnyProbe,
  at: Path,
  { yaml, problems }: ProbeContext,
): void {
  const why = unmeasured?.(settings.parse(spec.settings), spec) ?? {};
  const expected = new Set(spec.expect.map(({ measure }) => measure));
  for (const measure of expected) {
    const reason = why[measure];
    if (reason !== undefined) problems.push(`${yaml.whereKey([...at, measure])}: ${measure} ${reason}`);
  }
}

/** The type of a probe that is fit to be read on. */
function typeOf(raw: unknown, at: Path, { types, yaml, problems }: ProbeContext): AnyProbe | null {
  if (!isRecord(raw)) {
    problems.push(`${yaml.where(at)}: a probe is a map with \`type:\`, not ${kindOf(raw)}`);
    return null;
  }
  const names = types.map(({ type }) => type);
  const found = types.find(({ type }) => type === raw["type"]);
  if (found !== undefined) return found;
  const said = raw["type"];
  const here = said === undefined ? yaml.where(at) : yaml.where([...at, "type"]);
  const what =
    typeof said === "string"
      ? `unknown type of probe "${said}"${didYouMean(said, names)}`
      : `type of the probe is ${said === undefined ? "missing" : kindOf(said)}`;
  problems.push(`${here}: ${what}, expected one of ${names.join(", ")}`);
  return null;
}

function parse<S extends z.ZodType>(
  schema: S,
  raw: unknown,
  { at, known, context }: { at: Path; known: readonly string[]; context: ProbeContext },
): z.output<S> | null {
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) {
    const keys = issue.path.length === 0 ? known : keysAt(schema, issue.path);
    context.problems.push(...issueLines(issue, { yaml: context.yaml, at, value: raw, known: keys }));
  }
  return null;
}

/** The keys that a place inside knows; none where it is no map with keys of its own. */
function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] {
  const inside = path.reduce<unknown>((outer, key) => shapeOf(outer)[String(key)], schema);
  return Object.keys(shapeOf(inside));
}

function shapeOf(schema: unknown): Readonly<Record<string, unknown>> {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodOptional) return shapeOf(schema.unwrap());
  if (schema instanceof z.ZodPipe) return shapeOf(schema.in);
  return schema instanceof z.ZodObject ? schema.shape : {};
}

/** As written: the journal keeps what the type's schema will read again. */
function readSettings(
  type: AnyProbe,
  raw: unknown,
  at: Path,
  context: ProbeContext & { readonly beside?: Readonly<Record<string, unknown>> },
): Json | null {
  const known = [...Object.keys(context.beside ?? {}), ...Object.keys(shapeOf(type.settings))];
  return parse(type.settings, raw, { at, known, context }) === null ? null : z.json().parse(raw);
}

function rules(
  { defaults = {} }: AnyProbe,
  run: z.output<typeof probeShape.run>,
  { lag, missing }: { lag: number | undefined; missing: ProbeSpec["missing"] | undefined },
): Pick<ProbeSpec, "run" | "lagMs" | "missing"> {
  const timing = { ...defaultTiming, ...defaults.timing };
  return {
    run: {
      timeoutMs: run.timeout ?? timing.timeoutMs,
      intervalMs: run.interval ?? timing.intervalMs,
      attempts: run.attempts ?? timing.attempts,
      initialDelayMs: run.initialDelay ?? timing.initialDelayMs,
      tolerate: run.tolerate ?? timing.tolerate,
      stopOnFailure: run.stopOnFailure ?? timing.stopOnFailure,
    },
    lagMs: lag ?? defaults.lagMs ?? 0,
    missing: missing ?? defaults.missing ?? "fail",
  };
}

/** The same probe may be used in two modes; in one it would overwrite itself. */
function unique(
  specs: readonly (ProbeSpec | null)[],
  at: Path,
  { yaml, problems }: ProbeContext,
): readonly ProbeSpec[] {
  const seen = new Map<string, number>();
  for (const [i, spec] of specs.entries()) {
    if (spec === null) continue;
    const key = JSON.stringify([spec.name, spec.mode]);
    const first = seen.get(key);
    if (first !== undefined)
      problems.push(
        `${yaml.where([...at, i])}: ${at.at(-1) === "probes" ? "probes" : "stop conditions"} ${first + 1} and ${i + 1} are both named "${spec.name}" in mode ${spec.mode}: give each a name of its own`,
      );
    seen.set(key, i);
  }
  return specs.filter((spec) => spec !== null);
}
