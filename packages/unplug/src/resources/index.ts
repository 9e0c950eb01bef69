import type { AnyResource } from "../contract/resource.ts";
import { alias } from "./alias.ts";
import { code } from "./code.ts";
import { concurrency } from "./concurrency.ts";
import { configuration } from "./configuration.ts";
import { functionImage } from "./function-image.ts";
import { image } from "./image.ts";
import { layer } from "./layer.ts";
import { mapping } from "./mapping.ts";
import { mappingTags } from "./mapping-tags.ts";
import { publishedCopy } from "./published-copy.ts";
import { stagedObject } from "./staged-object.ts";
import { version } from "./version.ts";

/**
 * Every kind of thing that Unplug writes. What a kind's edits need stands before it: a restore by marker takes the last out
 * first.
 */
export const builtinResources: readonly AnyResource[] = [
  layer,
  stagedObject,
  code,
  image,
  functionImage,
  configuration,
  version,
  alias,
  publishedCopy,
  concurrency,
  mapping,
  mappingTags,
];
