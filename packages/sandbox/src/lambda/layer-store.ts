import type { Place } from "../arns.ts";
import type { FunctionCode } from "./function-code.ts";

/** One version of a layer; it never changes, but for its policy. */
export interface LayerVersion {
  readonly name: string;
  readonly layerArn: string;
  readonly arn: string;
  readonly version: number;
  readonly code: FunctionCode;
  readonly description: string;
  /** Null here and in the lists: the member is not shown. */
  readonly licenseInfo: string | null;
  readonly runtimes: readonly string[] | null;
  readonly architectures: readonly string[] | null;
  readonly created: string;
  /** Statements by their id. */
  readonly policy: Map<string, Readonly<Record<string, unknown>>>;
  /** Null as long as nobody has set a policy. */
  policyRevision: string | null;
}

/** A layer, with its versions, newest first. */
export interface StoredLayer {
  /** The number given out last. */
  last: number;
  versions: LayerVersion[];
}

/** The layers of a cloud. */
export interface LayerStore {
  /** Adds the next version: its number grows also when former ones were deleted. */
  publish(place: Place, name: string, make: (version: number) => LayerVersion): LayerVersion;
  find(layerArn: string, version: number): LayerVersion | undefined;
  /** Newest first. */
  versionsOf(layerArn: string): readonly LayerVersion[];
  /** All layers of a place that have a version, by name; each with its versions, newest first. */
  of(place: Place): readonly (readonly LayerVersion[])[];
  /** Functions that use the version keep it. */
  remove(version: LayerVersion): void;
}

/** The ARN of a layer, without a version. */
export function layerArn(place: Place, name: string): string {
  return `arn:aws:lambda:${place.region}:${place.account}:layer:${name}`;
}

/** `layers` by ARN. */
export function createLayerStore(layers: Map<string, StoredLayer>): LayerStore {
  const versionsOf = (arn: string): readonly LayerVersion[] => layers.get(arn)?.versions ?? [];
  return {
    publish: (place, name, make) => {
      const arn = layerArn(place, name);
      const layer = layers.get(arn) ?? { last: 0, versions: [] };
      const made = make(layer.last + 1);
      layer.last = made.version;
      layer.versions.unshift(made);
      layers.set(arn, layer);
      return made;
    },
    find: (arn, version) => versionsOf(arn).find((one) => one.version === version),
    versionsOf,
    of: (place) =>
      [...layers]
        .filter(([arn, { versions }]) => versions.length > 0 && arn.startsWith(layerArn(place, "")))
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([, { versions }]) => versions),
    remove: (version) => {
      const layer = layers.get(version.layerArn);
      if (layer !== undefined) layer.versions = layer.versions.filter((one) => one !== version);
    },
  };
}
