import { ApiError } from "../api-error.ts";
import type { CallContext, Handlers } from "../caller.ts";
import type { Ids } from "../ids.ts";
import { type Input, needText, text } from "../input.ts";
import type { Timing } from "../timing.ts";
import { type Alias, additionalFrom, refuseSecond, weightFailures } from "./alias-routing.ts";
import { lengthFailures, patternFailures } from "./constraints.ts";
import { checkRevision } from "./function-changes.ts";
import { namedFunction } from "./function-reference.ts";
import { type FunctionStore, notFound, type StoredFunction } from "./function-store.ts";
import { pageOf } from "./paging.ts";
import { moveProvisioned } from "./provisioned-concurrency.ts";

interface AliasParts {
  readonly functions: FunctionStore;
  readonly ids: Ids;
  readonly timing: Timing;
}

function aliasView(alias: Alias): Record<string, unknown> {
  const { additional } = alias;
  return {
    AliasArn: alias.arn,
    Name: alias.name,
    FunctionVersion: alias.functionVersion,
    Description: alias.description,
    ...(additional === null
      ? {}
      : { RoutingConfig: { AdditionalVersionWeights: { [additional.version]: additional.weight } } }),
    RevisionId: alias.revisionId,
  };
}

/** What an input names: the function need not exist, nor the alias. */
interface NamedAlias {
  readonly functionName: string;
  readonly stored: StoredFunction | undefined;
  readonly name: string;
  readonly arn: string;
}

function namedAlias(parts: AliasParts, input: Input, context: CallContext): NamedAlias {
  const name = needText(input, "Name");
  const named = namedFunction(input, context, "plain", [
    ...patternFailures(input, "Name", "(?!^[0-9]+$)([a-zA-Z0-9-_]+)"),
    ...lengthFailures(input, "Name", 128),
    ...patternFailures(input, "FunctionVersion", "(\\$LATEST(\\.PUBLISHED)?|[0-9]+)"),
    ...lengthFailures(input, "Description", 256),
    ...weightFailures(input),
  ]);
  const stored = parts.functions.find(context, named.name);
  return { functionName: named.name, stored, name, arn: `${named.arn}:${name}` };
}

/** Throws 404 for a version that the function does not have. */
function checkVersion({ stored, functionName }: NamedAlias, version: string, context: CallContext): void {
  if (stored !== undefined && (version === "$LATEST" || stored.versions.has(version))) return;
  throw notFound(context, functionName, version);
}

function create(parts: AliasParts, input: Input, context: CallContext): unknown {
  const named = namedAlias(parts, input, context);
  const functionVersion = needText(input, "FunctionVersion");
  const additional = additionalFrom(input, functionVersion) ?? null;
  checkVersion(named, functionVersion, context);
  if (additional !== null) checkVersion(named, additional.version, context);
  if (named.stored === undefined) throw notFound(context, named.functionName, functionVersion);
  if (named.stored.aliases.has(named.name)) {
    throw new ApiError(409, "ResourceConflictException", `Alias already exists: ${named.arn}`);
  }
  const alias: Alias = {
    name: named.name,
    arn: named.arn,
    functionVersion,
    description: text(input, "Description") ?? "",
    additional,
    revisionId: parts.ids.uuid(),
  };
  named.stored.aliases.set(alias.name, alias);
  return aliasView(alias);
}

function found(named: NamedAlias, words: string): Alias {
  const alias = named.stored?.aliases.get(named.name);
  if (alias !== undefined) return alias;
  throw new ApiError(404, "ResourceNotFoundException", `${words}: ${named.arn}`);
}

/** A change of the main version alone keeps the weight of the other one, which must not become the same. */
function update(parts: AliasParts, input: Input, context: CallContext): unknown {
  const named = namedAlias(parts, input, context);
  const alias = found(named, "Alias not found");
  checkRevision(alias.revisionId, input);
  const functionVersion = text(input, "FunctionVersion") ?? alias.functionVersion;
  const additional = additionalFrom(input, functionVersion);
  if (additional === undefined && alias.additional !== null) {
    refuseSecond(functionVersion, alias.additional.version);
  }
  checkVersion(named, functionVersion, context);
  if (additional) checkVersion(named, additional.version, context);
  if (named.stored !== undefined && functionVersion !== alias.functionVersion) {
    moveProvisioned(named.stored, alias.name, parts.timing, context.now);
  }
  alias.functionVersion = functionVersion;
  alias.description = text(input, "Description") ?? alias.description;
  if (additional !== undefined) alias.additional = additional;
  alias.revisionId = parts.ids.uuid();
  return aliasView(alias);
}

/** An alias that does not exist is as good as deleted; its URL stays. Source: recorded answers of Lambda. */
function remove(parts: AliasParts, input: Input, context: CallContext): unknown {
  const { stored, functionName, name } = namedAlias(parts, input, context);
  if (stored === undefined) throw notFound(context, functionName, null);
  stored.aliases.delete(name);
  stored.policies.delete(name);
  stored.provisioned.delete(name);
  stored.eventInvokeConfigs.delete(name);
  return {};
}

const largestPage = 50;

function list(parts: AliasParts, input: Input, context: CallContext): unknown {
  const { name } = namedFunction(input, context, "plain");
  const stored = parts.functions.get(context, name, null);
  const version = text(input, "FunctionVersion");
  const matching = [...stored.aliases.values()]
    .filter((alias) => version === undefined || alias.functionVersion === version)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const page = pageOf(matching, input, largestPage);
  return {
    Aliases: page.items.map(aliasView),
    ...(page.next === null ? {} : { NextMarker: page.next }),
  };
}

/** Lambda's operations on aliases. */
export function aliasHandlers(parts: AliasParts): Handlers {
  return {
    CreateAlias: (input, context) => create(parts, input, context),
    GetAlias: (input, context) =>
      aliasView(found(namedAlias(parts, input, context), "Cannot find alias arn")),
    UpdateAlias: (input, context) => update(parts, input, context),
    DeleteAlias: (input, context) => remove(parts, input, context),
    ListAliases: (input, context) => list(parts, input, context),
  };
}
