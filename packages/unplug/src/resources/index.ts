import type { AnyResource } from "../contract/resource.ts";
import { concurrency } from "./concurrency.ts";
import { configuration } from "./configuration.ts";
import { mapping } from "./mapping.ts";
import { mappingTags } from "./mapping-tags.ts";

/** Every kind of thing that Unplug writes. */
export const builtinResources: readonly AnyResource[] = [concurrency, configuration, mapping, mappingTags];
