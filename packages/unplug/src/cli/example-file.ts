import { stringify } from "yaml";
import type { AnyFault } from "../contract/fault.ts";
import type { AnyProbe } from "../contract/probe.ts";
import { describeTunables } from "../engine/tunables.ts";
import { API_VERSION, KIND } from "../load/document-schema.ts";
import { httpProbe } from "../probes/http.ts";

/** An experiment file to start from: the fault's example, and every other tunable with its default, switched off. */
export function exampleFile(fault: AnyFault): string {
  const example: Readonly<Record<string, unknown>> = { REGION: "us-east-1", ...fault.example };
  const tunables = describeTunables(fault);
  const set = tunables.filter(({ name }) => name in example);
  const unset = tunables.filter(({ name }) => !(name in example));
  const head = stringify({ apiVersion: API_VERSION, kind: KIND, metadata: { name: `${fault.id}-example` } });
  return [
    "# Check it: unplug plan FILE. Run it: unplug run FILE.",
    head.trimEnd(),
    "spec:",
    `  description: ${scalar(fault.questions[0] ?? fault.summary)}`,
    "  steps:",
    `    - fault: ${fault.id}`,
    "      tunables:",
    ...set.map(({ name, description }) => `        ${name}: ${scalar(example[name])} # ${description}`),
    ...unset.map((one) => `        # ${one.name}: ${scalar(one.default ?? "")} # ${one.description}`),
    "  # What must hold meanwhile; `unplug probes` lists the types. Without a probe, a run states no hypothesis.",
    ...commented(stringify({ probes: [exampleProbe(httpProbe)] })),
  ].join("\n");
}

function exampleProbe({ type, example }: AnyProbe): object {
  const { settings, expect } = example;
  return { name: "answers", type, mode: "Continuous", [type]: settings, expect };
}

/** In place, and switched off. */
function commented(yaml: string): readonly string[] {
  return yaml
    .trimEnd()
    .split("\n")
    .map((line) => `  # ${line}`);
}

/** Digits as the number that an author would write. */
function scalar(value: unknown): string {
  const plain = typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value;
  return stringify(plain, { lineWidth: 0 }).trimEnd();
}
