import type { AnyFault } from "../../contract/fault.ts";
import { describeTunables, type TunableDescription } from "../../engine/tunables.ts";
import type { Environment } from "../../load/variables.ts";
import type { Candidate } from "./candidates.ts";
import { profiles, regions } from "./from-state.ts";

export async function faultIds(): Promise<readonly Candidate[]> {
  const { builtinFaults } = await import("../../faults/index.ts");
  return builtinFaults.map(({ id, summary }) => ({ value: id, about: summary }));
}

/** `NAME=` of what is not given yet, and behind the `=` the values that there are. */
export async function tunables(
  [id, ...given]: readonly string[],
  typed: string,
  env: Environment,
): Promise<readonly Candidate[]> {
  const { builtinFaults } = await import("../../faults/index.ts");
  const fault = builtinFaults.find((one) => one.id === id);
  if (fault === undefined) return [];
  return assignments(fault, { given: given.map((text) => text.split("=")[0] ?? ""), typed, env });
}

/** Assignments to the tunables of one fault; `before` stands in front of each. */
export async function assignments(
  fault: AnyFault,
  input: {
    readonly given: readonly string[];
    readonly typed: string;
    readonly env: Environment;
    readonly before?: string;
  },
): Promise<readonly Candidate[]> {
  const { given, typed, env, before = "" } = input;
  const all = describeTunables(fault);
  const named = all.find(({ name }) => typed.startsWith(`${before}${name}=`));
  if (named === undefined) {
    const open = all.filter(({ name }) => !given.includes(name));
    return open.map((one) => ({ value: `${before}${one.name}=`, about: one.description }));
  }
  return (await valuesOf(named, env)).map(({ value, about }) => ({
    value: `${before}${named.name}=${value}`,
    about,
  }));
}

async function valuesOf(tunable: TunableDescription, env: Environment): Promise<readonly Candidate[]> {
  const isDefault = (value: string) => (value === tunable.default ? "default" : "");
  if (tunable.values.length > 0) return tunable.values.map((value) => ({ value, about: isDefault(value) }));
  if (tunable.name === "REGION") return regions(env);
  if (tunable.name === "AWS_PROFILE") return profiles(env);
  const { default: standard } = tunable;
  return standard === null || standard === "" ? [] : [{ value: standard, about: "default" }];
}
