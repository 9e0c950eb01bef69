import { ApiError, invalidParameter, type ModelFailure } from "../api-error.ts";
import { mappingArn, parseFunctionReference } from "../arns.ts";
import type { CallContext, Handlers } from "../caller.ts";
import type { Ids } from "../ids.ts";
import { type Input, needText, textMap, texts } from "../input.ts";
import type { CodeSigningStore } from "./code-signing-store.ts";
import { patternFailures, refuseFailures } from "./constraints.ts";
import { refuseWhileInProgress } from "./function-changes.ts";
import type { FunctionStore } from "./function-store.ts";
import type { MappingStore } from "./mapping-store.ts";
import { checkTags } from "./tag-limits.ts";

interface TagParts {
  readonly functions: FunctionStore;
  readonly mappings: MappingStore;
  readonly codeSigning: CodeSigningStore;
  readonly ids: Ids;
}

const taggable =
  "arn:(aws[a-zA-Z-]*):lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:\\d{12}:(function:[a-zA-Z0-9-_]+(:(\\$LATEST|[a-zA-Z0-9-_]+))?|layer:([a-zA-Z0-9-_]+)|code-signing-config:csc-[a-z0-9]{17}|event-source-mapping:[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|capacity-provider:[a-zA-Z0-9-_]+)";

/** Tags of something, and what happens around a change of them. */
interface Tagged {
  readonly tags: Map<string, string>;
  /** Throws when they cannot be changed now. */
  check(): void;
  changed(): void;
}

function plain(tags: Map<string, string>): Tagged {
  return { tags, check: () => undefined, changed: () => undefined };
}

function notFound(kind: string, arn: string): ApiError {
  return new ApiError(404, "ResourceNotFoundException", `${kind} not found: ${arn}`);
}

/** A change of its tags gives a function a new revision id. Source: recorded answers of Lambda. */
function taggedFunction(parts: TagParts, arn: string, context: CallContext): Tagged {
  const reference = parseFunctionReference(arn, context);
  if (reference.qualifier !== null) {
    throw invalidParameter(
      "Tags on function aliases and versions are not supported. Please specify a function ARN.",
    );
  }
  const stored = parts.functions.get(context, reference.name, null);
  return {
    tags: stored.tags,
    check: () => refuseWhileInProgress(stored),
    changed: () => {
      stored.latest.revisionId = parts.ids.uuid();
    },
  };
}

function tagged(
  parts: TagParts,
  input: Input,
  context: CallContext,
  failures: readonly ModelFailure[] = [],
): Tagged {
  const arn = needText(input, "Resource");
  refuseFailures(patternFailures(input, "Resource", taggable), failures);
  const [, , , , , kind, id = ""] = arn.split(":");
  switch (kind) {
    case "function":
      return taggedFunction(parts, arn, context);
    case "event-source-mapping": {
      const stored = parts.mappings.find(context, id);
      if (stored === undefined || mappingArn(context, stored.uuid) !== arn) {
        throw notFound("Event source mapping", arn);
      }
      return plain(stored.tags);
    }
    case "code-signing-config": {
      const config = parts.codeSigning.find(arn);
      if (config === undefined) throw notFound("Code signing config", arn);
      return plain(config.tags);
    }
    case "capacity-provider":
      throw notFound("Capacity provider", arn);
    default:
      throw invalidParameter(`${arn} cannot have tags: give a function, a mapping or a code signing config.`);
  }
}

function tag(parts: TagParts, input: Input, context: CallContext): unknown {
  const given = textMap(input, "Tags") ?? {};
  const target = tagged(parts, input, context);
  if (Object.keys(given).length === 0) {
    throw invalidParameter("An error occurred and the request cannot be processed.");
  }
  target.check();
  checkTags({ ...Object.fromEntries(target.tags), ...given });
  for (const [key, value] of Object.entries(given)) target.tags.set(key, value);
  target.changed();
  return {};
}

function untag(parts: TagParts, input: Input, context: CallContext): unknown {
  const keys = texts(input, "TagKeys") ?? [];
  const missing = { value: null, member: "tagKeys", constraint: "Member must not be null" };
  const target = tagged(parts, input, context, keys.length === 0 ? [missing] : []);
  target.check();
  for (const key of keys) target.tags.delete(key);
  target.changed();
  return {};
}

/** TagResource, UntagResource and ListTags for functions, event source mappings and code signing configurations. */
export function tagHandlers(parts: TagParts): Handlers {
  return {
    TagResource: (input, context) => tag(parts, input, context),
    UntagResource: (input, context) => untag(parts, input, context),
    ListTags: (input, context) => ({ Tags: Object.fromEntries(tagged(parts, input, context).tags) }),
  };
}
