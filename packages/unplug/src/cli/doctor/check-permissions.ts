import { AwsError } from "../../contract/aws.ts";
import { Refusal } from "../../contract/refusal.ts";
import type { Parts } from "../../engine/parts.ts";
import { planChecked } from "../../engine/plan.ts";
import { builtinFaults } from "../../faults/index.ts";
import { faultExperiment } from "../../load/fault-experiment.ts";
import { awsHint } from "../aws-hints.ts";
import type { Shell } from "../shell.ts";
import type { Finding } from "./diagnosis.ts";

const FAULTS: readonly (readonly [id: string, assignments: readonly string[]])[] = [
  ["lambda-toggle-event-mapping-state", ["EVENT_UUIDS=all"]],
  ["lambda-block-tcp-connection", []],
];

/** Whether both main faults could be run on a function, restore included; nothing is changed. */
export async function checkPermissions(
  { name, region }: { readonly name: string | undefined; readonly region: string },
  parts: Parts,
  { env }: Pick<Shell, "env">,
): Promise<readonly Finding[]> {
  if (name === undefined) {
    const text = "not looked at: those that a fault needs are the function's own";
    return [{ subject: "permissions", state: "note", text, mend: "unplug doctor --function NAME" }];
  }
  const found = await Promise.all(
    FAULTS.map(([id, more]) => ofFault(id, more, { name, region, parts, env })),
  );
  // What keeps one of them away is the function's kind; what keeps both away stops every run on it.
  return found.every(({ refused }) => refused)
    ? found.flatMap(({ findings }) => findings.map((one): Finding => ({ ...one, state: "bad" })))
    : found.flatMap(({ findings }) => findings);
}

interface Asked {
  readonly name: string;
  readonly region: string;
  readonly parts: Parts;
  readonly env: Shell["env"];
}

async function ofFault(
  id: string,
  more: readonly string[],
  { name, region, parts, env }: Asked,
): Promise<{ readonly findings: readonly Finding[]; readonly refused: boolean }> {
  const of = (state: Finding["state"], text: string, mend?: string): Finding => ({
    subject: "permissions",
    state,
    text: `${id} on ${name}: ${text}`,
    ...(mend === undefined ? {} : { mend }),
  });
  const assignments = [`FUNCTION_NAME=${name}`, `REGION=${region}`, ...more];
  const policy = `unplug policy ${id} ${assignments.join(" ")}`;
  try {
    const { experiment } = faultExperiment({ id, assignments, faults: builtinFaults, env });
    const { preflight, guardRails } = await planChecked(
      experiment,
      "doctor",
      parts,
      new AbortController().signal,
    );
    const { notes = [], warnings = [], refused = [] } = preflight ?? {};
    const rules = guardRails?.refused ?? [];
    const findings = [
      ...refused.map((line) => of("bad", line, policy)),
      ...rules.map((line) => of("bad", line, "A rule is changed in its file, by who keeps it")),
      ...warnings.map((line) => of("note", line)),
      ...notes.map((line) => of(refused.length > 0 || /was not asked/.test(line) ? "note" : "good", line)),
    ];
    return { findings, refused: false };
  } catch (error) {
    if (error instanceof AwsError)
      return {
        findings: [of("bad", `${error.code}: ${error.message}`, awsHint(error) ?? policy)],
        refused: false,
      };
    // It has no mappings, or is of a kind that cannot be blocked: that is no ailment.
    if (error instanceof Refusal)
      return {
        findings: [of("note", `would be refused: ${error.message.split("\n").join(" ")}`)],
        refused: true,
      };
    throw error;
  }
}
