import { actionFacts } from "../contract/actions.ts";
import { unqualified } from "../contract/arns.ts";
import type { Action, Aws, InputOf, OutputOf } from "../contract/aws.ts";
import type { Clock } from "../contract/clock.ts";
import type { Edit } from "../contract/edit.ts";
import type { Io } from "../contract/io.ts";
import type { Json } from "../contract/json.ts";
import type { AnyResource } from "../contract/resource.ts";
import { type ResourceTable, resourceFor } from "./readings.ts";

export interface RecordedCall {
  readonly action: Action;
  readonly input: Readonly<Record<string, unknown>>;
}

/** The calls that would take `ref` from one state to another, made against a recorder: nothing is sent. */
export async function callsOf(
  resource: AnyResource,
  edit: Edit,
  direction: "inject" | "restore",
): Promise<readonly RecordedCall[]> {
  const [from, to] = direction === "inject" ? [edit.before, edit.after] : [edit.after, edit.before];
  const calls: RecordedCall[] = [];
  const aws: Aws = {
    call<A extends Action>(action: A, input: InputOf<A>): Promise<OutputOf<A>> {
      calls.push({ action, input });
      // Nobody reads a recorder's answer but to pass it on.
      return Promise.resolve({} as OutputOf<A>);
    },
  };
  await resource.write(edit.ref, to, reading(edit, from), recordingIo(aws, edit));
  return calls;
}

function reading(edit: Edit, state: Json | null) {
  return { ref: edit.ref, found: true, state, revision: null, settled: true, status: "" } as const;
}

function recordingIo(aws: Aws, edit: Edit): Io {
  const still: Clock = { now: () => 0, sleep: () => Promise.resolve() };
  return { aws, place: edit.ref.place, clock: still, salt: "", signal: new AbortController().signal };
}

/** The plain AWS CLI lines that undo the edits, for the day when Unplug itself is gone. */
export async function undoLines(edits: readonly Edit[], table: ResourceTable): Promise<readonly string[]> {
  const lines = await Promise.all(
    edits.map(async (edit) =>
      (await callsOf(resourceFor(table, edit.ref.kind), edit, "restore")).flatMap((call) =>
        byHandLines(call, edit),
      ),
    ),
  );
  return lines.flat();
}

/** A write as the stock AWS CLI takes it, and what somebody must add to it; comments are for a shell. */
function byHandLines({ action, input }: RecordedCall, { ref }: Edit): readonly string[] {
  if (!actionFacts[action].write) return [];
  // What puts a deleted image there again is made only where it is missing, and not by the AWS CLI.
  if (action === "registry:PutManifest") {
    const { region } = ref.place;
    return [
      `# Where ECR has the image no more, the next line is refused: unplug restore --function ${unqualified(ref.id)} --region ${region} --yes puts it there again, out of ours.`,
    ];
  }
  if (action.startsWith("registry:")) return [];
  if (Object.values(input).some((value) => value instanceof Uint8Array)) {
    return [
      `# ${action}: the original has to be cut out of the zip, which no line of the AWS CLI does: unplug restore --function ${ref.id} --region ${ref.place.region} --yes. What is in it is inert.`,
    ];
  }
  const line = awsCliLine({ action, input }, ref.place);
  if (!line.includes("<as it is>")) return [line];
  return [
    "# In the next line put name and value of your own variables, which are kept nowhere, for <NAME> and <as it is>; AWS refuses it as it stands.",
    line,
  ];
}

/** One call as the stock AWS CLI takes it. */
function awsCliLine(
  { action, input }: RecordedCall,
  place: { region: string; endpoint: string | null },
): string {
  const [service = "", own = ""] = action.split(":");
  const { operation = own, members = {} } = actionFacts[action].partOf ?? {};
  const where = [
    `--region ${place.region}`,
    ...(place.endpoint === null ? [] : [`--endpoint-url ${place.endpoint}`]),
  ];
  const words = Object.entries(input).flatMap(([name, value]) => cliOption(members[name] ?? name, value));
  return ["aws", service, kebab(operation), ...words, ...where].join(" ");
}

function cliOption(name: string, value: unknown): readonly string[] {
  if (value === undefined) return [];
  const option = `--${kebab(name)}`;
  if (value === true) return [option];
  if (value === false) return [`--no-${kebab(name)}`];
  if (typeof value === "number") return [option, String(value)];
  if (typeof value === "string") return [option, quote(value)];
  if (Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "string"))
    return [option, ...value.map(quote)];
  return [option, quote(JSON.stringify(value))];
}

function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** `GetFunctionConfiguration` is `get-function-configuration`, `UUID` is `uuid`. */
function kebab(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1-$2")
    .toLowerCase();
}
