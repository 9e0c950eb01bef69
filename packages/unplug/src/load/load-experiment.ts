import type { Experiment, FaultStep, Step } from "../contract/experiment.ts";
import type { AnyFault } from "../contract/fault.ts";
import type { AnyProbe } from "../contract/probe.ts";
import { checkTunables, type GivenTunable } from "./check-tunables.ts";
import {
  documentSchema,
  faultStepSchema,
  MOST_LISTED,
  parallelStepSchema,
  waitStepSchema,
} from "./document-schema.ts";
import { type ExpandedTree, expandTree, isRecord } from "./expand-tree.ts";
import { InvalidExperiment } from "./invalid-experiment.ts";
import { issueLines, kindOf } from "./issue-text.ts";
import { didYouMean } from "./nearest.ts";
import { type Override, readOverrides } from "./overrides.ts";
import { readProbes, readStopConditions } from "./read-probes.ts";
import { unknownFault } from "./unknown-fault.ts";
import { type Environment, lookupIn } from "./variables.ts";
import { type Path, readYaml, type YamlSource } from "./yaml-source.ts";

export interface LoadInput {
  /** As the author calls it, for messages. */
  readonly file: string;
  readonly text: string;
  readonly faults: readonly AnyFault[];
  /** Left out, no type of probe is known. */
  readonly probes?: readonly AnyProbe[];
  readonly env: Environment;
  /** `--var NAME=VALUE`. */
  readonly vars?: ReadonlyMap<string, string>;
  /** `--set STEP.TUNABLE=VALUE`, as typed. */
  readonly sets?: readonly string[];
}

export interface Loaded {
  readonly experiment: Experiment;
  /** One line each: what was accepted and means nothing. */
  readonly notices: readonly string[];
}

interface StepContext {
  readonly input: LoadInput;
  readonly yaml: YamlSource;
  readonly tree: ExpandedTree;
  readonly overrides: readonly Override[];
  readonly problems: string[];
  readonly notices: string[];
}

/** Reads an experiment file; throws InvalidExperiment with every problem at once. */
export function loadExperiment(input: LoadInput): Loaded {
  const yaml = readYaml(input.text, input.file);
  const vars = input.vars ?? new Map<string, string>();
  const used = new Set<string>();
  const lookup = lookupIn(vars, input.env);
  const tree = expandTree(yaml, (name) => {
    used.add(name);
    return lookup(name);
  });
  const problems = [...tree.problems, ...strayVariables(vars, used, input.file)];
  const { overrides, problems: malformed } = readOverrides(input.sets ?? []);
  problems.push(...malformed);

  const parsed = documentSchema.safeParse(tree.data);
  for (const issue of parsed.error?.issues ?? []) {
    problems.push(...issueLines(issue, { yaml, at: [], value: tree.data, known: keysAt(issue.path) }));
  }
  const notices: string[] = [];
  const context = { input, yaml, tree, overrides, problems, notices };
  const placed = rawSteps(tree.data).flatMap((raw, i) =>
    readStep(raw, i, context).map((step) => ({ step, i })),
  );
  const steps = placed.map(({ step }) => step);
  const probing = { types: input.probes ?? [], yaml, problems };
  const stated = isRecord(tree.data) && isRecord(tree.data["spec"]) ? tree.data["spec"] : {};
  const probes = readProbes(stated["probes"], ["spec", "probes"], probing);
  const stops = readStopConditions(stated["stopConditions"], ["spec", "stopConditions"], probing);
  problems.push(...uniqueNames(placed, yaml), ...strayOverrides(overrides, steps));
  if (problems.length > 0 || !parsed.success)
    throw new InvalidExperiment(inOrder(withoutEchoes(problems, tree.problems)));
  const { metadata, spec } = parsed.data;
  return {
    experiment: {
      name: metadata.name,
      description: spec.description,
      requireEffect: spec.requireEffect,
      steps: steps.filter((step) => step !== null),
      probes,
      stopConditions: stops,
    },
    notices,
  };
}

/** What is given and used by nothing is most often misspelt; the run would go on with a default. */
function strayVariables(
  vars: ReadonlyMap<string, string>,
  used: ReadonlySet<string>,
  file: string,
): readonly string[] {
  const known = [...used];
  const all = known.length === 0 ? "no variable" : known.map((name) => `\${${name}}`).join(", ");
  return [...vars.keys()]
    .filter((name) => !used.has(name))
    .map((name) => `--var ${name}: ${file} has no \${${name}}${didYouMean(name, known)}, it uses ${all}`);
}

/** Whatever else is wrong where a variable has no value comes from that. */
function withoutEchoes(problems: readonly string[], ofVariables: readonly string[]): readonly string[] {
  const placeOf = (problem: string) => /^.*?:\d+:\d+: /.exec(problem)?.[0];
  const spoilt = new Set(ofVariables.map(placeOf));
  const kept = new Set(ofVariables);
  return problems.filter((problem) => kept.has(problem) || !spoilt.has(placeOf(problem)));
}

/** As the author meets them in the file; those that stand elsewhere last. */
function inOrder(problems: readonly string[]): readonly string[] {
  const position = (problem: string) => {
    const match = /^.*?:(\d+):(\d+): /.exec(problem);
    return match === null ? Number.POSITIVE_INFINITY : Number(match[1]) * 1e6 + Number(match[2]);
  };
  return [...new Set(problems)].sort((a, b) => position(a) - position(b) || 0);
}

function rawSteps(data: unknown): readonly unknown[] {
  const spec = isRecord(data) ? data["spec"] : undefined;
  const steps = isRecord(spec) ? spec["steps"] : undefined;
  return Array.isArray(steps) ? steps.slice(0, MOST_LISTED) : [];
}

/** The keys that a place in the document knows. */
function keysAt(path: Path): readonly string[] {
  if (path.length === 0) return Object.keys(documentSchema.shape);
  if (path[0] === "metadata") return Object.keys(documentSchema.shape.metadata.shape);
  return Object.keys(documentSchema.shape.spec.shape);
}

function readStep(raw: unknown, index: number, context: StepContext): readonly (Step | null)[] {
  const at: Path = ["spec", "steps", index];
  const { yaml, problems } = context;
  if (!isRecord(raw)) {
    problems.push(
      `${yaml.where(at)}: a step is a map with \`fault:\`, \`parallel:\` or \`wait:\`, not ${kindOf(raw)}`,
    );
    return [null];
  }
  const [kind, other] = ["fault", "parallel", "wait"].filter((key) => key in raw);
  if (other !== undefined) {
    problems.push(
      `${yaml.where(at)}: a step has either \`${kind}:\` or \`${other}:\`, not both: make it two steps`,
    );
    return [null];
  }
  if (kind === "wait") return [readWait(raw, index, context)];
  return kind === "parallel" ? readParallel(raw, at, context) : [readFault(raw, at, context)];
}

function readParallel(
  raw: Readonly<Record<string, unknown>>,
  at: Path,
  context: StepContext,
): readonly (Step | null)[] {
  const { yaml, problems } = context;
  const parsed = parallelStepSchema.safeParse(raw);
  for (const issue of parsed.error?.issues ?? [])
    problems.push(
      ...issueLines(issue, { yaml, at, value: raw, known: Object.keys(parallelStepSchema.shape) }),
    );
  if (!parsed.success) return [null];
  return parsed.data.parallel.map((item, i) => {
    const here: Path = [...at, "parallel", i];
    if (isRecord(item) && "fault" in item) {
      const step = readFault(item, here, context);
      return step === null ? null : { ...step, parallel: Number(at.at(-1)) };
    }
    problems.push(`${yaml.where(here)}: \`parallel:\` holds faults only, each a map with \`fault:\``);
    return null;
  });
}

function readWait(
  raw: Readonly<Record<string, unknown>>,
  index: number,
  { yaml, problems }: StepContext,
): Step | null {
  const at: Path = ["spec", "steps", index];
  const parsed = waitStepSchema.safeParse(raw);
  if (parsed.success) return { kind: "wait", name: `wait-${index + 1}`, waitMs: parsed.data.wait };
  for (const issue of parsed.error.issues) {
    problems.push(...issueLines(issue, { yaml, at, value: raw, known: Object.keys(waitStepSchema.shape) }));
  }
  return null;
}

function readFault(raw: Readonly<Record<string, unknown>>, at: Path, context: StepContext): FaultStep | null {
  const { input, yaml, tree, problems, notices } = context;
  const parsed = faultStepSchema.safeParse(raw);
  for (const issue of parsed.error?.issues ?? []) {
    const known = [...Object.keys(faultStepSchema.shape), "wait", "parallel"];
    problems.push(...issueLines(issue, { yaml, at, value: raw, known }));
  }
  const id = raw["fault"];
  const fault = input.faults.find((candidate) => candidate.id === id);
  if (fault === undefined) {
    if (typeof id === "string" && id !== "")
      problems.push(unknownFault(yaml.where([...at, "fault"]), id, input.faults));
    return null;
  }
  const written = raw["tunables"] ?? {};
  // What is no map, or one of too many keys, has been complained of; its tunables are not missing one by one.
  if (!isRecord(written) || Object.keys(written).length > MOST_LISTED) return null;
  const name = parsed.data?.name ?? fault.id;
  const own = context.overrides.filter(({ step }) => step === name);
  const checked = checkTunables(fault, given(written, at, own, { yaml, tree }), {
    where: yaml.where(at),
    env: input.env,
  });
  problems.push(...checked.problems);
  notices.push(...checked.notices);
  if (!parsed.success) return null;
  const types = input.probes ?? [];
  const probes = readProbes(raw["probes"], [...at, "probes"], { types, yaml, problems });
  const { weight } = parsed.data;
  return { kind: "fault", name, fault: fault.id, weight, tunables: checked.tunables, probes };
}

/** What the file says, less what `--set` says instead. */
function given(
  written: Readonly<Record<string, unknown>>,
  at: Path,
  overrides: readonly Override[],
  { yaml, tree }: { yaml: YamlSource; tree: ExpandedTree },
): readonly GivenTunable[] {
  const fromFile = Object.entries(written)
    .filter(([name]) => !overrides.some(({ tunable }) => tunable === name))
    .map(([name, value]) => {
      const path = [...at, "tunables", name];
      return {
        name,
        value,
        source: tree.sourceAt(path),
        where: yaml.whereKey(path),
        expansion: tree.expansionAt(path),
      };
    });
  const fromArguments = overrides.map(({ tunable, value, typed }) => ({
    name: tunable,
    value,
    source: "argument" as const,
    where: `--set ${typed}`,
    expansion: "complete" as const,
  }));
  return [...fromFile, ...fromArguments];
}

/** `i`: the place in the file's list; those that run together share one. */
function uniqueNames(
  placed: readonly { readonly step: Step | null; readonly i: number }[],
  yaml: YamlSource,
): readonly string[] {
  return placed.flatMap(({ step, i }, at) => {
    const first = placed.findIndex((other) => other.step?.name === step?.name);
    if (step === null || first === at) return [];
    const where = yaml.where(["spec", "steps", i]);
    const other = placed[first]?.i ?? 0;
    const which = other === i ? `two faults of step ${i + 1}` : `steps ${other + 1} and ${i + 1}`;
    return [`${where}: ${which} are both named "${step.name}": give each a \`name\` of its own`];
  });
}

function strayOverrides(overrides: readonly Override[], steps: readonly (Step | null)[]): readonly string[] {
  // A step that could not be read has problems enough, and may be the one that was meant.
  if (steps.includes(null)) return [];
  const names = steps.flatMap((step) => (step?.kind === "fault" ? [step.name] : []));
  return overrides
    .filter(({ step }) => !names.includes(step))
    .map(
      ({ step, typed }) =>
        `--set ${typed}: no step is named "${step}"${didYouMean(step, names)}, expected one of ${names.join(", ") || "none"}`,
    );
}
