import type { TunableSource, TunableValue } from "../contract/experiment.ts";
import type { AnyFault } from "../contract/fault.ts";
import { knownRegions } from "../contract/regions.ts";
import { foreignTunables } from "../contract/tunables.ts";
import { describeTunables, parseTunables, TunableError, type TunableProblem } from "../engine/tunables.ts";
import { kindOf, quoted } from "./issue-text.ts";
import { didYouMean, nearest } from "./nearest.ts";
import type { Environment } from "./variables.ts";

/** A tunable as it was handed in, before anybody looked at it. */
export interface GivenTunable {
  readonly name: string;
  readonly value: unknown;
  readonly source: TunableSource;
  /** `file:line:column`, or what else the author recognises. */
  readonly where: string;
  /** What its variables did to it: `unset` has been complained of already. */
  readonly expansion: "complete" | "emptied" | "unset";
}

export interface CheckedTunables {
  /** What was given, then the defaults. */
  readonly tunables: readonly TunableValue[];
  readonly problems: readonly string[];
  readonly notices: readonly string[];
}

/** What the SDK reads when nothing else is said: tunables that fall back to variables of other names. */
const FALLBACKS: Readonly<Record<string, readonly string[]>> = {
  REGION: ["REGION", "AWS_REGION", "AWS_DEFAULT_REGION"],
  AWS_PROFILE: ["AWS_PROFILE"],
};

/** Values that are most likely meant, of tunables that take others, too: AWS opens new regions. */
const LIKELY: Readonly<Record<string, readonly string[]>> = { REGION: knownRegions };

/** Checks the tunables of one step; `where` is what a missing one is reported at, unless the step is not `whole`. */
export function checkTunables(
  fault: AnyFault,
  given: readonly GivenTunable[],
  { where, env, whole = true }: { where: string; env: Environment; whole?: boolean },
): CheckedTunables {
  const known = describeTunables(fault);
  const names = known.map(({ name }) => name);
  const problems: string[] = [];
  const notices: string[] = [];
  const values = new Map<string, TunableValue>();
  const places = new Map<string, string>();
  const meant = new Set<string | null>();

  for (const { name, value, source, where: place, expansion } of given) {
    places.set(name, place);
    if (expansion === "unset") continue;
    if (foreignTunables.includes(name)) {
      notices.push(`${place}: ${name} means nothing to Unplug and is ignored`);
    } else if (!names.includes(name)) {
      meant.add(nearest(name, names));
      problems.push(
        `${place}: unknown tunable ${name}${didYouMean(name, names)}: \`unplug faults ${fault.id}\` lists them`,
      );
    } else if (expansion === "emptied") {
      problems.push(
        `${place}: ${name} is empty once its variables are filled in: set them, or leave ${name} out`,
      );
    } else if (typeof value === "object" && value !== null) {
      const comma = Array.isArray(value) ? `, comma-separated: "${value.join(",")}"` : "";
      problems.push(`${place}: ${name} is ${kindOf(value)}, expected one text${comma}`);
    } else {
      values.set(name, { name, value: scalar(value), source });
    }
  }
  for (const value of inherited(env, names)) {
    if (!places.has(value.name)) values.set(value.name, value);
  }
  problems.push(...findings(fault, values, { where: whole ? where : null, places, meant }));
  notices.push(...unlikely(values, places));
  const defaults = known.flatMap(({ name, default: value }) =>
    value === null || value === "" || values.has(name) ? [] : [{ name, value, source: "default" as const }],
  );
  return { tunables: [...values.values(), ...defaults], problems, notices };
}

function scalar(value: unknown): string | number | boolean {
  return typeof value === "number" || typeof value === "boolean" || typeof value === "string" ? value : "";
}

function inherited(env: Environment, names: readonly string[]): readonly TunableValue[] {
  return Object.entries(FALLBACKS).flatMap(([name, variables]) => {
    const found = variables
      .map((variable) => env[variable])
      .find((value) => value !== undefined && value !== "");
    return found === undefined || !names.includes(name)
      ? []
      : [{ name, value: found, source: "environment" as const }];
  });
}

function findings(
  fault: AnyFault,
  values: ReadonlyMap<string, TunableValue>,
  seen: { where: string | null; places: ReadonlyMap<string, string>; meant: ReadonlySet<string | null> },
): readonly string[] {
  try {
    parseTunables(fault, [...values.values()]);
    return [];
  } catch (error) {
    if (!(error instanceof TunableError)) throw error;
    // What stands there and was complained of already, or under another spelling, is not missing.
    const found = error.problems.filter(
      ({ tunable }) =>
        values.has(tunable) || !(seen.where === null || seen.places.has(tunable) || seen.meant.has(tunable)),
    );
    const told = ({ tunable, problem }: TunableProblem): string => {
      const value = values.get(tunable);
      if (value === undefined) return `${seen.where}: ${tunable} ${problem}${missing(fault, tunable)}`;
      const place = seen.places.get(tunable) ?? "environment";
      if (value.value === "") return `${place}: ${tunable} is empty ${meaning(fault, tunable)}`;
      return `${place}: ${tunable} ${rule(fault, value, problem)}`;
    };
    // Of the rules that a value breaks one is told: the last, which is the narrowest.
    return [...new Map(found.map((one) => [one.tunable, told(one)])).values()];
  }
}

/** A file may call a tunable as every object calls a part of its own. */
function likelyOf(name: string): readonly string[] | undefined {
  return Object.hasOwn(LIKELY, name) ? LIKELY[name] : undefined;
}

/** Values that are taken, and look like a slip. */
function unlikely(
  values: ReadonlyMap<string, TunableValue>,
  places: ReadonlyMap<string, string>,
): readonly string[] {
  return [...values.values()].flatMap(({ name, value }) => {
    const likely = likelyOf(name);
    const text = String(value).trim();
    if (likely === undefined || likely.includes(text)) return [];
    return [
      `${places.get(name) ?? "environment"}: ${name} ${quoted(text)} is none that this Unplug knows${didYouMean(text, likely)}; it is taken as it is`,
    ];
  });
}

function missing(fault: AnyFault, tunable: string): string {
  const known = Object.hasOwn(FALLBACKS, tunable) ? FALLBACKS[tunable] : undefined;
  const fallback = known?.find((name) => name !== tunable);
  return ` ${meaning(fault, tunable)}${fallback === undefined ? "" : `; it is also read from ${fallback}`}`;
}

function rule(fault: AnyFault, { name, value }: TunableValue, problem: string): string {
  if (problem.startsWith("names ")) return problem;
  if (!problem.startsWith("Invalid "))
    return `${problem}${didYouMean(String(value), likelyOf(name) ?? [])}, not ${quoted(value)}`;
  if (problem.includes("expected string")) return `is ${kindOf(value)}, expected text: put it in quotes`;
  return `cannot be ${quoted(value)} ${meaning(fault, name)}`;
}

/** `(target function: name or ARN)` */
function meaning(fault: AnyFault, tunable: string): string {
  const about = describeTunables(fault).find(({ name }) => name === tunable)?.description ?? tunable;
  return `(${about.replace(/^[A-Z](?![A-Z])/, (letter) => letter.toLowerCase())})`;
}
