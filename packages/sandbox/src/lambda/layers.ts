import { noResource, validationError } from "../api-error.ts";
import type { CallContext, Handlers } from "../caller.ts";
import { type Input, needText, record } from "../input.ts";
import type { CodeLinks } from "./code-links.ts";
import { type CodeSources, zipFrom } from "./function-code.ts";
import { functionTime } from "./function-view.ts";
import { layerFilter, layerMembers, layerOf, versionNumber, versionOf } from "./layer-input.ts";
import { layerVersionParts, layerVersionPattern } from "./layer-references.ts";
import { type LayerStore, type LayerVersion, layerArn } from "./layer-store.ts";
import { pageOf } from "./paging.ts";

export interface LayerParts extends Pick<CodeSources, "buckets"> {
  readonly layers: LayerStore;
  readonly links: CodeLinks;
}

const largestPage = 50;

function listView(version: LayerVersion): Record<string, unknown> {
  return {
    LayerVersionArn: version.arn,
    Version: version.version,
    Description: version.description,
    CreatedDate: version.created,
    ...(version.runtimes === null ? {} : { CompatibleRuntimes: version.runtimes }),
    ...(version.architectures === null ? {} : { CompatibleArchitectures: version.architectures }),
    ...(version.licenseInfo === null ? {} : { LicenseInfo: version.licenseInfo }),
  };
}

function versionView(parts: LayerParts, version: LayerVersion, now: number): Record<string, unknown> {
  const { code } = version;
  return {
    ...listView(version),
    LayerArn: version.layerArn,
    Content: {
      Location: parts.links.of(version.arn, code, now),
      CodeSha256: code.sha256,
      CodeSize: code.zip.length,
    },
  };
}

function publish(parts: LayerParts, input: Input, context: CallContext): unknown {
  const { name, ...members } = layerMembers(input);
  const code = zipFrom(parts, record(input, "Content") ?? {}, context);
  const arn = layerArn(context, name);
  const made = parts.layers.publish(context, name, (version) => ({
    ...members,
    name,
    layerArn: arn,
    arn: `${arn}:${version}`,
    version,
    code,
    created: functionTime(context.now),
    policy: new Map(),
    policyRevision: null,
  }));
  return versionView(parts, made, context.now);
}

function byArn(parts: LayerParts, input: Input, context: CallContext): unknown {
  const arn = needText(input, "Arn");
  const read = layerVersionParts(arn);
  if (read === undefined) {
    throw validationError(
      arn,
      "arn",
      `Member must satisfy regular expression pattern: ${layerVersionPattern}`,
    );
  }
  const found = parts.layers.find(read.layerArn, read.version);
  if (found === undefined) throw noResource();
  return versionView(parts, found, context.now);
}

function listLayers(parts: LayerParts, input: Input, context: CallContext): unknown {
  const wanted = layerFilter(input);
  const matching = parts.layers.of(context).flatMap((versions) => versions.find(wanted) ?? []);
  const page = pageOf(matching, input, largestPage);
  return {
    Layers: page.items.map((version) => ({
      LayerName: version.name,
      LayerArn: version.layerArn,
      LatestMatchingVersion: listView(version),
    })),
    ...(page.next === null ? {} : { NextMarker: page.next }),
  };
}

function listVersions(parts: LayerParts, input: Input, context: CallContext): unknown {
  const wanted = layerFilter(input);
  const matching = parts.layers.versionsOf(layerOf(input, context)).filter(wanted);
  const page = pageOf(matching, input, largestPage);
  return {
    LayerVersions: page.items.map(listView),
    ...(page.next === null ? {} : { NextMarker: page.next }),
  };
}

/** Lambda's operations on layers and their versions. */
export function layerHandlers(parts: LayerParts): Handlers {
  return {
    PublishLayerVersion: (input, context) => publish(parts, input, context),
    GetLayerVersion: (input, context) =>
      versionView(parts, versionOf(parts.layers, input, context), context.now),
    GetLayerVersionByArn: (input, context) => byArn(parts, input, context),
    ListLayers: (input, context) => listLayers(parts, input, context),
    ListLayerVersions: (input, context) => listVersions(parts, input, context),
    DeleteLayerVersion: (input, context) => {
      const found = parts.layers.find(layerOf(input, context), versionNumber(input));
      if (found !== undefined) parts.layers.remove(found);
      return {};
    },
  };
}
