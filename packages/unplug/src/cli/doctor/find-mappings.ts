import { mappingArn, unqualified } from "../../contract/arns.ts";
import type { MappingConfiguration } from "../../contract/aws-calls.ts";
import type { Finding } from "./diagnosis.ts";
import type { Looking } from "./find-leftovers.ts";

/** A call for each: of so many that deliver, which is what a restored one does, the tags are read too. */
const MOST_ENABLED = 100;

/** Mappings with our tags, and whether they deliver. */
export async function findMappings(looking: Looking): Promise<readonly Finding[]> {
  const all = await allMappings(looking);
  const stopped = all.filter((one) => !delivers(one));
  const enabled = all.filter(delivers);
  const asked = enabled.length <= MOST_ENABLED ? all : stopped;
  const found = (await Promise.all(asked.map((one) => ofMapping(one, looking)))).flat();
  const skipped: readonly Finding[] =
    asked.length === all.length
      ? []
      : [
          {
            subject: "account",
            state: "note",
            text: `${enabled.length} mappings that deliver were not asked for their tags: more than ${MOST_ENABLED}`,
          },
        ];
  if (found.length > 0) return [...found, ...skipped];
  const text = `${all.length} event source mappings: none of the ${asked.length} that were asked has a tag of Unplug's`;
  return [{ subject: "account", state: "good", text }, ...skipped];
}

function delivers({ State = "" }: MappingConfiguration): boolean {
  return /^(Enabled|Enabling|Creating|Updating)$/.test(State);
}

async function allMappings({ connection, signal }: Looking): Promise<readonly MappingConfiguration[]> {
  const all: MappingConfiguration[] = [];
  let Marker: string | undefined;
  do {
    const page: { EventSourceMappings?: readonly MappingConfiguration[]; NextMarker?: string } =
      await connection.aws.call(
        "lambda:ListEventSourceMappings",
        Marker === undefined ? {} : { Marker },
        signal,
      );
    all.push(...(page.EventSourceMappings ?? []));
    Marker = page.NextMarker === "" ? undefined : page.NextMarker;
  } while (Marker !== undefined);
  return all;
}

async function ofMapping(
  one: MappingConfiguration,
  { connection, known, signal }: Looking,
): Promise<readonly Finding[]> {
  const { UUID = "", FunctionArn = "" } = one;
  const Resource = one.EventSourceMappingArn ?? mappingArn(UUID, connection.place);
  const { Tags = {} } = await connection.aws.call("lambda:ListTags", { Resource }, signal);
  const ours = Object.keys(Tags).filter((key) => key.startsWith("unplug:"));
  if (ours.length === 0) return [];
  const { region } = connection.place;
  const run = Tags["unplug:run"] ?? "unknown";
  const end = Date.parse(Tags["unplug:until"] ?? "");
  const { alive, text } = known.stateOf(run, Number.isNaN(end) ? null : end);
  const name = unqualified(FunctionArn).split(":").at(-1) ?? FunctionArn;
  const what = `mapping ${UUID} of ${name} has a marker ${text}, and ${delivers(one) ? "delivers" : "is disabled"}`;
  const mend =
    known.restoreOf(run) ??
    (delivers(one)
      ? `aws lambda untag-resource --resource ${Resource} --tag-keys ${ours.join(" ")} --region ${region}`
      : `unplug restore --function ${name} --region ${region}`);
  return [{ subject: "account", state: alive ? "note" : "left", text: what, mend }];
}
