import { ApiError, type ModelFailure, noResource } from "../api-error.ts";
import type { CallContext, Handlers } from "../caller.ts";
import type { Ids } from "../ids.ts";
import { type Input, needText, record, text } from "../input.ts";
import { enumFailures, patternFailures, rangeFailures } from "./constraints.ts";
import { type NamedFunction, namedFunction } from "./function-reference.ts";
import { type FunctionStore, type StoredFunction, versionNamed } from "./function-store.ts";
import { pageOf } from "./paging.ts";

/** An address of a function: what comes in with this host goes to it. */
export interface FunctionUrl {
  readonly url: string;
  readonly arn: string;
  authType: string;
  /** Null: not given; reads of such a one say BUFFERED. */
  invokeMode: string | null;
  cors: Readonly<Record<string, unknown>> | null;
  readonly created: string;
  lastModified: string;
}

interface Parts {
  readonly functions: FunctionStore;
  readonly ids: Ids;
}

const aliasPattern = "((?!^\\d+$)^[0-9a-zA-Z-_]+$)";

function urlFailures(input: Input): readonly ModelFailure[] {
  const cors = record(input, "Cors") ?? {};
  return [
    ...patternFailures(input, "Qualifier", aliasPattern),
    ...enumFailures(input, "AuthType", ["NONE", "AWS_IAM"]),
    ...enumFailures(input, "InvokeMode", ["RESPONSE_STREAM", "BUFFERED"]),
    ...rangeFailures(cors, "Cors.MaxAge", 0, 86_400),
  ];
}

function noFunction(): ApiError {
  return new ApiError(404, "ResourceNotFoundException", "Function does not exist");
}

interface Target {
  readonly stored: StoredFunction | undefined;
  readonly named: NamedFunction;
  readonly key: string;
}

function targetOf(parts: Parts, input: Input, context: CallContext): Target {
  const named = namedFunction(input, context, "plain", urlFailures(input));
  const stored = parts.functions.find(context, named.name);
  return { stored, named, key: named.qualifier ?? "" };
}

/** Create and update answer as much as is new: no time of a change at first, no mode that was not given. */
function view(url: FunctionUrl, shown: "created" | "updated" | "read"): Record<string, unknown> {
  const mode = url.invokeMode ?? (shown === "read" ? "BUFFERED" : null);
  return {
    FunctionUrl: url.url,
    FunctionArn: url.arn,
    AuthType: url.authType,
    ...(url.cors === null ? {} : { Cors: url.cors }),
    ...(mode === null ? {} : { InvokeMode: mode }),
    CreationTime: url.created,
    ...(shown === "created" ? {} : { LastModifiedTime: url.lastModified }),
  };
}

function create(parts: Parts, input: Input, context: CallContext): unknown {
  const { stored, named, key } = targetOf(parts, input, context);
  needText(input, "AuthType");
  if (stored === undefined || versionNamed(stored, named.qualifier) === undefined) throw noFunction();
  if (stored.urls.has(key)) {
    throw new ApiError(
      409,
      "ResourceConflictException",
      `Failed to create function url config for [functionArn = ${named.qualifiedArn}]. Error message:  FunctionUrlConfig exists for this Lambda function`,
    );
  }
  const id = parts.ids.letters(32).toLowerCase();
  const now = new Date(context.now).toISOString();
  const url: FunctionUrl = {
    url: `https://${id}.lambda-url.${context.region}.on.aws/`,
    arn: named.qualifiedArn,
    authType: needText(input, "AuthType"),
    invokeMode: text(input, "InvokeMode") ?? null,
    cors: record(input, "Cors") ?? null,
    created: now,
    lastModified: now,
  };
  stored.urls.set(key, url);
  return view(url, "created");
}

function found({ stored, key }: Target): FunctionUrl {
  const url = stored?.urls.get(key);
  if (url === undefined) throw noResource();
  return url;
}

function update(parts: Parts, input: Input, context: CallContext): unknown {
  const target = targetOf(parts, input, context);
  const { stored, named } = target;
  if (stored === undefined || versionNamed(stored, named.qualifier) === undefined) throw noFunction();
  const url = found(target);
  url.authType = text(input, "AuthType") ?? url.authType;
  url.invokeMode = text(input, "InvokeMode") ?? url.invokeMode;
  url.cors = record(input, "Cors") ?? url.cors;
  url.lastModified = new Date(context.now).toISOString();
  return view(url, "updated");
}

const largestPage = 50;

function list(parts: Parts, input: Input, context: CallContext): unknown {
  const { stored } = targetOf(parts, input, context);
  if (stored === undefined) throw noFunction();
  const page = pageOf([...stored.urls.values()], input, largestPage, largestPage);
  return {
    FunctionUrlConfigs: page.items.map((url) => view(url, "read")),
    ...(page.next === null ? {} : { NextMarker: page.next }),
  };
}

/** Function URLs, of functions and aliases. */
export function urlHandlers(parts: Parts): Handlers {
  return {
    CreateFunctionUrlConfig: (input, context) => create(parts, input, context),
    GetFunctionUrlConfig: (input, context) => view(found(targetOf(parts, input, context)), "read"),
    UpdateFunctionUrlConfig: (input, context) => update(parts, input, context),
    DeleteFunctionUrlConfig: (input, context) => {
      const target = targetOf(parts, input, context);
      found(target);
      target.stored?.urls.delete(target.key);
      return {};
    },
    ListFunctionUrlConfigs: (input, context) => list(parts, input, context),
  };
}
