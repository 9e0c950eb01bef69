import { ApiError, invalidParameter, type ModelFailure, noResource } from "../api-error.ts";
import type { Place } from "../arns.ts";
import { type Input, needText, numeric, text, texts } from "../input.ts";
import {
  enumFailures,
  itemFailures,
  lengthFailures,
  patternFailures,
  refuseFailures,
} from "./constraints.ts";
import { knownRuntimes } from "./layer-runtimes.ts";
import { type LayerStore, type LayerVersion, layerArn } from "./layer-store.ts";
import { supportedRuntimes } from "./runtimes.ts";

const namePattern = "(arn:[a-zA-Z0-9-]+:lambda:[a-zA-Z0-9-]+:\\d{12}:layer:[a-zA-Z0-9-_]+)|[a-zA-Z0-9-_]+";
const architectures = ["x86_64", "arm64"];
const longestName = 140;
const mostRuntimes = 15;

function nameFailures(input: Input): readonly ModelFailure[] {
  const tooLong = lengthFailures(input, "LayerName", longestName);
  return tooLong.length > 0 ? tooLong : patternFailures(input, "LayerName", namePattern);
}

/** The ARN of the layer that `LayerName` names, by name or by ARN. */
export function layerOf(input: Input, place: Place): string {
  const name = needText(input, "LayerName");
  refuseFailures(nameFailures(input));
  return name.startsWith("arn:") ? name : layerArn(place, name);
}

/** The number in `VersionNumber`; throws Lambda's 400 below 1. */
export function versionNumber(input: Input): number {
  const version = numeric(input, "VersionNumber") ?? 0;
  if (version < 1) throw invalidParameter("Layer Version Cannot be less than 1");
  return version;
}

/** The layer version that an input names; throws 404 in the words of the operations on layers. */
export function versionOf(layers: LayerStore, input: Input, place: Place): LayerVersion {
  const found = layers.find(layerOf(input, place), versionNumber(input));
  if (found === undefined) throw noResource();
  return found;
}

/** The layer version that an input names; throws 404 in the words of the operations on policies. */
export function versionWithPolicy(layers: LayerStore, input: Input, place: Place): LayerVersion {
  const arn = layerOf(input, place);
  const version = versionNumber(input);
  const found = layers.find(arn, version);
  if (found !== undefined) return found;
  throw new ApiError(404, "ResourceNotFoundException", `Layer version ${arn}:${version} does not exist.`);
}

/** Which versions a list is to show. Throws 400 for what no layer can be compatible with. */
export function layerFilter(input: Input): (version: LayerVersion) => boolean {
  refuseFailures(
    enumFailures(input, "CompatibleRuntime", knownRuntimes),
    enumFailures(input, "CompatibleArchitecture", architectures),
  );
  const runtime = text(input, "CompatibleRuntime");
  const architecture = text(input, "CompatibleArchitecture");
  return (version) =>
    (runtime === undefined || version.runtimes?.includes(runtime) === true) &&
    (architecture === undefined || version.architectures?.includes(architecture) === true);
}

function runtimesFailures(runtimes: readonly string[] | undefined): readonly ModelFailure[] {
  if (runtimes === undefined) return [];
  const tooMany = runtimes.length > mostRuntimes;
  if (!tooMany && runtimes.every((runtime) => knownRuntimes.includes(runtime))) return [];
  const constraint = tooMany
    ? `Member must have length less than or equal to ${mostRuntimes}`
    : `Member must satisfy enum value set: [${supportedRuntimes.join(", ")}]`;
  return [{ value: `[${runtimes.join(", ")}]`, member: "compatibleRuntimes", constraint }];
}

/** What PublishLayerVersion is told beside the code; throws the model's 400s, all at once. */
export function layerMembers(input: Input): {
  readonly name: string;
  readonly description: string;
  readonly licenseInfo: string | null;
  readonly runtimes: readonly string[] | null;
  readonly architectures: readonly string[] | null;
} {
  const name = needText(input, "LayerName");
  const runtimes = texts(input, "CompatibleRuntimes");
  refuseFailures(
    nameFailures(input),
    lengthFailures(input, "Description", 256),
    runtimesFailures(runtimes),
    lengthFailures(input, "LicenseInfo", 512),
    itemFailures(input, "CompatibleArchitectures", (one) => architectures.includes(one), [
      `Member must satisfy enum value set: [${architectures.join(", ")}]`,
      "Member must not be null",
    ]),
  );
  return {
    name: name.split(":").at(-1) ?? name,
    description: text(input, "Description") ?? "",
    licenseInfo: text(input, "LicenseInfo") ?? null,
    runtimes: runtimes ?? null,
    architectures: texts(input, "CompatibleArchitectures") ?? null,
  };
}
