import { invalidParameter, noResource } from "../api-error.ts";
import { mappingArn, parseFunctionReference } from "../arns.ts";
import type { CallContext, Handlers } from "../caller.ts";
import { type Input, needText, textMap, texts } from "../input.ts";
import type { FunctionStore } from "./function-store.ts";
import { refuseWhileInProgress } from "./functions.ts";
import type { MappingStore } from "./mapping-store.ts";
import { checkTags } from "./tag-limits.ts";

/** Source: recorded answers of Lambda's tag operations. */
function taggedBy(parts: TagParts, input: Input, context: CallContext, writes: boolean): Map<string, string> {
  const arn = needText(input, "Resource");
  const mapping = /^arn:aws[a-zA-Z-]*:lambda:[a-z0-9-]+:\d{12}:event-source-mapping:(.+)$/.exec(arn);
  if (mapping !== null) {
    const stored = parts.mappings.find(context, mapping[1] ?? "");
    if (stored === undefined || mappingArn(context, stored.uuid) !== arn) {
      throw noResource();
    }
    return stored.tags;
  }
  if (!/^arn:aws[a-zA-Z-]*:lambda:[a-z0-9-]+:\d{12}:function:/.test(arn)) {
    throw invalidParameter(
      `${arn} is not a taggable resource: give the ARN of a function or event source mapping.`,
    );
  }
  const reference = parseFunctionReference(arn, context);
  if (reference.qualifier !== null) {
    throw invalidParameter(
      "Tags on function aliases and versions are not supported. Please specify a function ARN.",
    );
  }
  const stored = parts.functions.get(context, reference.name, null);
  if (writes) refuseWhileInProgress(stored);
  return stored.tags;
}

interface TagParts {
  readonly functions: FunctionStore;
  readonly mappings: MappingStore;
}

/** TagResource, UntagResource and ListTags for functions and event source mappings. */
export function tagHandlers(parts: TagParts): Handlers {
  return {
    TagResource: (input, context) => {
      const tags = textMap(input, "Tags") ?? {};
      const tagged = taggedBy(parts, input, context, true);
      checkTags({ ...Object.fromEntries(tagged), ...tags });
      for (const [key, value] of Object.entries(tags)) tagged.set(key, value);
      return {};
    },
    UntagResource: (input, context) => {
      const tagged = taggedBy(parts, input, context, true);
      for (const key of texts(input, "TagKeys") ?? []) tagged.delete(key);
      return {};
    },
    ListTags: (input, context) => ({ Tags: Object.fromEntries(taggedBy(parts, input, context, false)) }),
  };
}
