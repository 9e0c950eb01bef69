import { invalidParameter, validationError } from "../api-error.ts";
import type { Place } from "../arns.ts";
import type { LayerStore } from "./layer-store.ts";

/** A layer version as a function holds it: it works on when the version is deleted. */
export interface LayerReference {
  readonly arn: string;
  /** Bytes, zipped. */
  readonly codeSize: number;
  readonly zip: Buffer;
  /** Base64. */
  readonly codeSha256: string;
}

const mostLayers = 5;

/** Of the ARN of a layer version. Source: recorded answers of Lambda. */
export const layerVersionPattern =
  "(arn:(aws[a-zA-Z-]*)?:lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:\\d{12}:layer:[a-zA-Z0-9-_]+:[0-9]+)|(arn:[a-zA-Z0-9-]+:lambda:::awslayer:[a-zA-Z0-9-_]+)";

const wholeArn = new RegExp(`^(?:${layerVersionPattern})$`);

/** The parts of the ARN of a layer version; undefined when it is none. */
export function layerVersionParts(
  arn: string,
): { readonly layerArn: string; readonly region: string; readonly version: number } | undefined {
  if (!wholeArn.test(arn)) return undefined;
  const end = arn.lastIndexOf(":");
  return {
    layerArn: arn.slice(0, end),
    region: arn.split(":")[3] ?? "",
    version: Number(arn.slice(end + 1)),
  };
}

function malformed(arns: readonly string[]): Error {
  return validationError(
    `[${arns.join(", ")}]`,
    "layers",
    `Member must satisfy constraint: [Member must have length less than or equal to 2048, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: ${layerVersionPattern}, Member must not be null]`,
  );
}

/**
 * The layer versions that a function is to have. Throws Lambda's 400 for more than five, for two of one layer, and for
 * what is malformed, of another region or unknown. Source: recorded answers of Lambda.
 */
export function layerReferences(
  layers: LayerStore,
  arns: readonly string[],
  place: Place,
): readonly LayerReference[] {
  const parts = arns.map((arn) => {
    const read = layerVersionParts(arn);
    if (read === undefined) throw malformed(arns);
    return { arn, ...read };
  });
  if (arns.length > mostLayers) throw invalidParameter(`Cannot reference more than ${mostLayers} layers.`);
  const first = new Map<string, string>();
  const references: LayerReference[] = [];
  for (const { arn, layerArn, region, version } of parts) {
    if (region !== place.region) {
      throw invalidParameter(
        `Layers are not in the same region as the function. Layers are expected to be in region ${place.region}.`,
      );
    }
    const twin = first.get(layerArn);
    if (twin !== undefined) {
      throw invalidParameter(
        `Two different versions of the same layer are not allowed to be referenced in the same function. ${twin} and ${arn} are versions of the same layer.`,
      );
    }
    first.set(layerArn, arn);
    const found = layers.find(layerArn, version);
    if (found === undefined) throw invalidParameter(`Layer version ${arn} does not exist.`);
    const { zip, sha256 } = found.code;
    references.push({ arn, codeSize: zip.length, zip, codeSha256: sha256 });
  }
  return references;
}
