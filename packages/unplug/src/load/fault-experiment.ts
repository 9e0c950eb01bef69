import type { AnyFault } from "../contract/fault.ts";
import { describeTunables } from "../engine/tunables.ts";
import { checkTunables, type GivenTunable } from "./check-tunables.ts";
import { InvalidExperiment } from "./invalid-experiment.ts";
import type { Loaded } from "./load-experiment.ts";
import { readAssignment } from "./overrides.ts";
import { unknownFault } from "./unknown-fault.ts";
import type { Environment } from "./variables.ts";

/**
 * Tunables that the fault pages do not know.
 *
 * Their names are common words, so that they are read from the environment only by those who give all by environment.
 */
const OURS: readonly string[] = [
  "QUALIFIER",
  "TRAFFIC_PERCENTAGE",
  "CYCLES",
  "RESTORE_TIMEOUT",
  "DRAIN_TIMEOUT",
  "RECOVERY_TIMEOUT",
];

/** An experiment of one fault, from `TUNABLE=VALUE` and, for what is not given, the environment. */
export function faultExperiment(input: {
  readonly id: string;
  readonly assignments: readonly string[];
  readonly faults: readonly AnyFault[];
  readonly env: Environment;
}): Loaded {
  const { id, env } = input;
  const fault = input.faults.find((candidate) => candidate.id === id);
  if (fault === undefined) throw new InvalidExperiment([unknownFault("argument", id, input.faults)]);
  const { given, problems } = fromArguments(input.assignments);
  const all = [...given, ...fromEnvironment(fault, given, env)];
  // An argument that could not be read may be the tunable that seems to be missing.
  const whole = problems.length === 0;
  const checked = checkTunables(fault, all, { where: `fault ${id}`, env, whole });
  const found = [...problems, ...checked.problems];
  if (found.length > 0) throw new InvalidExperiment(found);
  return {
    experiment: {
      name: id,
      description: "",
      requireEffect: false,
      steps: [{ kind: "fault", name: id, fault: id, weight: 10, tunables: checked.tunables }],
    },
    notices: checked.notices,
  };
}

function fromArguments(assignments: readonly string[]): {
  given: readonly GivenTunable[];
  problems: readonly string[];
} {
  const given: GivenTunable[] = [];
  const problems: string[] = [];
  for (const text of assignments) {
    const found = readAssignment(text);
    if (found === null) {
      problems.push(`argument ${text}: expected TUNABLE=VALUE, like FUNCTION_NAME=orders`);
    } else if (given.some(({ name }) => name === found.name)) {
      problems.push(`argument ${text}: ${found.name} is given twice: keep one`);
    } else {
      given.push({ ...found, source: "argument", where: "argument", expansion: "complete" });
    }
  }
  return { given, problems };
}

function fromEnvironment(
  fault: AnyFault,
  given: readonly GivenTunable[],
  env: Environment,
): readonly GivenTunable[] {
  return describeTunables(fault).flatMap(({ name }) => {
    const value = env[name];
    if (value === undefined || value === "" || given.some((one) => one.name === name)) return [];
    if (given.length > 0 && OURS.includes(name)) return [];
    return [
      { name, value, source: "environment" as const, where: "environment", expansion: "complete" as const },
    ];
  });
}
