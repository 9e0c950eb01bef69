import { actionFacts } from "../contract/actions.ts";
import type { Place } from "../contract/place.ts";
import type { RecordedCall } from "./recorder.ts";

/** Services that have another name there: its `s3` copies files. */
const CLI_NAMES: Readonly<Record<string, string>> = { s3: "s3api" };

/** One call as the stock AWS CLI takes it. */
export function awsCliLine({ action, input }: RecordedCall, place: Place): string {
  const [service = "", own = ""] = action.split(":");
  const { operation = own, members = {} } = actionFacts[action].partOf ?? {};
  const words = Object.entries(input).flatMap(([name, value]) => cliOption(members[name] ?? name, value));
  return ["aws", CLI_NAMES[service] ?? service, kebab(operation), ...words, whereOf(place)].join(" ");
}

/** The options that say where a call of the AWS CLI goes. */
export function whereOf({ region, endpoint }: Place): string {
  return `--region ${region}${endpoint === null ? "" : ` --endpoint-url ${endpoint}`}`;
}

function cliOption(name: string, value: unknown): readonly string[] {
  if (value === undefined) return [];
  const option = `--${kebab(name)}`;
  if (value === true) return [option];
  if (value === false) return [`--no-${kebab(name)}`];
  if (typeof value === "number") return [option, String(value)];
  if (typeof value === "string") return [option, shellWord(value)];
  if (Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "string"))
    return [option, ...value.map(shellWord)];
  return [option, shellWord(JSON.stringify(value))];
}

/** In quotes where a shell needs them. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** `GetFunctionConfiguration` is `get-function-configuration`, `UUID` is `uuid`. */
function kebab(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1-$2")
    .toLowerCase();
}
