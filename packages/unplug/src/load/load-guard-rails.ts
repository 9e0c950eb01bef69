import * as z from "zod";
import type { AnyFault } from "../contract/fault.ts";
import { GUARD_RAILS_KIND, type GuardRules, guardRulesSchema, type RuleFile } from "../guard/rules.ts";
import { API_VERSION } from "./document-schema.ts";
import { InvalidExperiment } from "./invalid-experiment.ts";
import { issueLines } from "./issue-text.ts";
import { isSchema, type JsonSchema, toSchema } from "./json-schema.ts";
import { didYouMean } from "./nearest.ts";
import { type Path, readYaml, type WantedFile, type YamlSource } from "./yaml-source.ts";

export interface GuardRailsInput {
  /** As its author calls it, for messages. */
  readonly file: string;
  readonly text: string;
  readonly faults: readonly Pick<AnyFault, "id">[];
  /** Types of probes. */
  readonly probes: readonly string[];
  /** Kinds of change. */
  readonly kinds: readonly string[];
}

const document = z.strictObject({
  apiVersion: z.literal(API_VERSION, `must be ${API_VERSION}`),
  kind: z.literal(GUARD_RAILS_KIND, `must be ${GUARD_RAILS_KIND}`),
  spec: guardRulesSchema,
});

const wanted: WantedFile = {
  article: "a",
  noun: "file of guard rails",
  start: "docs/guard-rails.md shows one",
};

/** Reads one file of guard rails; throws InvalidExperiment with every problem at once. Variables are not filled in. */
export function loadGuardRails(input: GuardRailsInput): RuleFile {
  const yaml = readYaml(input.text, input.file, wanted);
  const parsed = document.safeParse(yaml.data);
  if (!parsed.success) {
    const lines = parsed.error.issues.flatMap((issue) =>
      issueLines(issue, { yaml, at: [], value: yaml.data, known: keysAt(issue.path) }),
    );
    throw new InvalidExperiment([...new Set(lines)]);
  }
  const rules = parsed.data.spec;
  const problems = strangers(rules, input, yaml);
  if (problems.length > 0) throw new InvalidExperiment(problems);
  return { file: input.file, rules, where: (path) => yaml.whereKey(["spec", ...path]) };
}

/** The JSON Schema of a file of guard rails. */
export function guardRailsSchema(): JsonSchema {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: "https://unplug.dev/v1/guard-rails.schema.json",
    title: "Unplug guard rails",
    ...toSchema(document),
  };
}

/** The keys that a place in the document knows. */
function keysAt(path: Path): readonly string[] {
  const found = path.reduce<unknown>((schema, key) => {
    if (!isSchema(schema)) return undefined;
    const { properties, items } = schema;
    return typeof key === "number" ? items : isSchema(properties) ? properties[String(key)] : undefined;
  }, toSchema(document));
  const properties = isSchema(found) ? found["properties"] : undefined;
  return isSchema(properties) ? Object.keys(properties) : [];
}

/** Names of what this Unplug does not have: most often misspelt, and a rule that never applies protects nothing. */
function strangers(rules: GuardRules, input: GuardRailsInput, yaml: YamlSource): readonly string[] {
  const check = (
    given: readonly string[] | undefined,
    path: Path,
    { noun, known }: { readonly noun: string; readonly known: readonly string[] },
  ) =>
    (given ?? []).flatMap((name, i) =>
      name.includes("*") || known.includes(name)
        ? []
        : [
            `${yaml.where(["spec", ...path, i])}: unknown ${noun} ${JSON.stringify(name)}${didYouMean(name, known)}, expected one of ${known.join(", ")}`,
          ],
    );
  const faults = { noun: "fault", known: input.faults.map(({ id }) => id) };
  const probes = { noun: "type of probe", known: input.probes };
  const { allow, require: required, forbid } = rules;
  return [
    ...check(allow.faults, ["allow", "faults"], faults),
    ...check(allow.probes, ["allow", "probes"], probes),
    ...(allow.who ?? []).flatMap((who, i) => check(who.faults, ["allow", "who", i, "faults"], faults)),
    ...check(required.stopCondition, ["require", "stopCondition"], probes),
    ...(forbid ?? []).flatMap((kind, i) =>
      input.kinds.includes(kind)
        ? []
        : [
            `${yaml.where(["spec", "forbid", i])}: unknown kind of change ${JSON.stringify(kind)}${didYouMean(kind, input.kinds)}, expected one of ${input.kinds.join(", ")}`,
          ],
    ),
  ];
}
