import { createHmac } from "node:crypto";
import * as z from "zod";
import { equalJson } from "../contract/json.ts";
import { isWhollyOurs, TOLD_VARIABLE } from "./our-names.ts";

/**
 * A function's variables: `own` by value (ours, and those that others' values are chained to), `others` as salted hashes,
 * enough to tell that they are unchanged. Null: they cannot be read. None at all is an empty one, as AWS has it.
 */
export const environmentState = z
  .strictObject({ own: z.record(z.string(), z.string()), others: z.record(z.string(), z.string()) })
  .nullable();

export type EnvironmentState = z.infer<typeof environmentState>;
type Variables = Readonly<Record<string, string>>;

/** Lists into which ours is put beside what is there; the separators that whoever reads them takes. */
const chained: Readonly<Record<string, RegExp>> = {
  LD_PRELOAD: /[\s:]+/,
  NODE_OPTIONS: / +/,
  GODEBUG: /,/,
};

function isOwn(name: string): boolean {
  return name === TOLD_VARIABLE || Object.hasOwn(chained, name);
}

export function environmentOf(variables: Variables, salt: string): NonNullable<EnvironmentState> {
  const entries = Object.entries(variables);
  return {
    own: Object.fromEntries(entries.filter(([name]) => isOwn(name))),
    others: Object.fromEntries(
      entries.filter(([name]) => !isOwn(name)).map(([name, value]) => [name, hashOf(name, value, salt)]),
    ),
  };
}

function hashOf(name: string, value: string, salt: string): string {
  return createHmac("sha256", salt).update(`${name}=${value}`).digest("hex").slice(0, 32);
}

/** All variables of `to`, with the values that were just read. Null values: what would be sent, for people to read. */
export function variablesOf(
  to: NonNullable<EnvironmentState>,
  values: Variables | null,
  salt: string,
): Variables {
  const others = Object.entries(to.others).map(([name, hash]): [string, string] => {
    // No name of a variable can be this: AWS refuses the line if somebody sends it as it is.
    if (values === null) return [`<${name}>`, "<as it is>"];
    const value = values[name];
    if (value === undefined || hashOf(name, value, salt) !== hash)
      throw new Error(`The variable ${name} is not the one that was read.`);
    return [name, value];
  });
  return { ...Object.fromEntries(others), ...to.own };
}

/**
 * `now` less what was put in between `before` and `after`; what others did to the lists stays. Throws when something was and
 * cannot be seen any more: that says nothing of whether it is still there.
 */
export function environmentWithout(
  now: EnvironmentState,
  before: EnvironmentState,
  after: EnvironmentState,
): EnvironmentState {
  if (equalJson(before, after)) return now;
  if (now === null || before === null || after === null)
    throw new Error(
      "The function's variables cannot be read (kms:Decrypt), so ours cannot be taken out of them.",
    );
  const names = new Set([...Object.keys(now.own), ...Object.keys(before.own), ...Object.keys(after.own)]);
  const own = [...names].flatMap((name): [string, string][] => {
    const left = variableWithout(name, now.own[name], before.own[name], after.own[name]);
    return left === undefined ? [] : [[name, left]];
  });
  return { own: Object.fromEntries(own), others: now.others };
}

function variableWithout(
  name: string,
  now: string | undefined,
  before: string | undefined,
  after: string | undefined,
): string | undefined {
  if (before === after) return now;
  if (now === after) return before;
  const separator = chained[name];
  if (separator === undefined || now === undefined || after === undefined) return now;
  const theirs = new Set(before?.split(separator) ?? []);
  return listWithout(now, (item) => after.split(separator).includes(item) && !theirs.has(item), separator);
}

/** Takes items out of a list and leaves the rest as it was written, to the byte where ours comes first; undefined when nothing is left. */
function listWithout(list: string, isOurs: (item: string) => boolean, separator: RegExp): string | undefined {
  const [first = ""] = list.split(separator, 1);
  if (isOurs(first) && list.length > first.length) {
    const rest = list.slice(first.length + 1);
    return rest.split(separator).some(isOurs) ? listWithout(rest, isOurs, separator) : rest;
  }
  const parts = list.split(new RegExp(`(${separator.source})`));
  const kept: string[] = [];
  for (let at = 0; at < parts.length; at += 2) {
    const item = parts[at] ?? "";
    if (isOurs(item)) continue;
    if (kept.length > 0) kept.push(parts[at - 1] ?? "");
    kept.push(item);
  }
  const left = kept.join("");
  return left.trim() === "" ? undefined : left;
}

/** As if nobody of ours had been there: what is marked as ours by itself, whatever run put it in. */
export function environmentOfOthers(
  now: NonNullable<EnvironmentState>,
  isOurs: (item: string) => boolean,
): NonNullable<EnvironmentState> {
  const own = Object.entries(now.own).flatMap(([name, value]): [string, string][] => {
    if (name === TOLD_VARIABLE || isWhollyOurs(value)) return [];
    const separator = chained[name];
    const left = separator === undefined ? value : listWithout(value, isOurs, separator);
    return left === undefined ? [] : [[name, left]];
  });
  return { own: Object.fromEntries(own), others: now.others };
}
