import { ApiError } from "../api-error.ts";
import { isRecord } from "../input.ts";
import { type HttpAnswer, type HttpRequest, jsonAnswer } from "./http-answer.ts";

interface Route {
  readonly operation: string;
  readonly method: string;
  readonly segments: readonly string[];
  readonly status: number;
}

/** Paths of Lambda's REST API. Source: the service model of Lambda. */
const table: readonly (readonly [string, string, string, number])[] = [
  ["CreateFunction", "POST", "/2015-03-31/functions", 201],
  ["ListFunctions", "GET", "/2015-03-31/functions", 200],
  ["GetFunction", "GET", "/2015-03-31/functions/{FunctionName}", 200],
  ["DeleteFunction", "DELETE", "/2015-03-31/functions/{FunctionName}", 204],
  ["GetFunctionConfiguration", "GET", "/2015-03-31/functions/{FunctionName}/configuration", 200],
  ["UpdateFunctionConfiguration", "PUT", "/2015-03-31/functions/{FunctionName}/configuration", 200],
  ["UpdateFunctionCode", "PUT", "/2015-03-31/functions/{FunctionName}/code", 200],
  ["ListVersionsByFunction", "GET", "/2015-03-31/functions/{FunctionName}/versions", 200],
  ["PublishVersion", "POST", "/2015-03-31/functions/{FunctionName}/versions", 201],
  ["ListAliases", "GET", "/2015-03-31/functions/{FunctionName}/aliases", 200],
  ["CreateAlias", "POST", "/2015-03-31/functions/{FunctionName}/aliases", 201],
  ["GetAlias", "GET", "/2015-03-31/functions/{FunctionName}/aliases/{Name}", 200],
  ["UpdateAlias", "PUT", "/2015-03-31/functions/{FunctionName}/aliases/{Name}", 200],
  ["DeleteAlias", "DELETE", "/2015-03-31/functions/{FunctionName}/aliases/{Name}", 204],
  ["GetPolicy", "GET", "/2015-03-31/functions/{FunctionName}/policy", 200],
  ["AddPermission", "POST", "/2015-03-31/functions/{FunctionName}/policy", 201],
  ["RemovePermission", "DELETE", "/2015-03-31/functions/{FunctionName}/policy/{StatementId}", 204],
  ["Invoke", "POST", "/2015-03-31/functions/{FunctionName}/invocations", 200],
  ["PutFunctionConcurrency", "PUT", "/2017-10-31/functions/{FunctionName}/concurrency", 200],
  ["DeleteFunctionConcurrency", "DELETE", "/2017-10-31/functions/{FunctionName}/concurrency", 204],
  ["GetFunctionConcurrency", "GET", "/2019-09-30/functions/{FunctionName}/concurrency", 200],
  ["TagResource", "POST", "/2017-03-31/tags/{Resource}", 204],
  ["UntagResource", "DELETE", "/2017-03-31/tags/{Resource}", 204],
  ["ListTags", "GET", "/2017-03-31/tags/{Resource}", 200],
  ["GetAccountSettings", "GET", "/2016-08-19/account-settings", 200],
  ["CreateEventSourceMapping", "POST", "/2015-03-31/event-source-mappings", 202],
  ["ListEventSourceMappings", "GET", "/2015-03-31/event-source-mappings", 200],
  ["GetEventSourceMapping", "GET", "/2015-03-31/event-source-mappings/{UUID}", 200],
  ["UpdateEventSourceMapping", "PUT", "/2015-03-31/event-source-mappings/{UUID}", 202],
  ["DeleteEventSourceMapping", "DELETE", "/2015-03-31/event-source-mappings/{UUID}", 202],
];

const routes: readonly Route[] = table.map(([operation, method, path, status]) => ({
  operation,
  method,
  status,
  segments: path.split("/").filter((segment) => segment !== ""),
}));

/** A request to Lambda, read. */
export interface LambdaCall {
  readonly operation: string;
  readonly input: Record<string, unknown>;
  readonly status: number;
}

function segmentsOf(path: string): string[] {
  const raw = path.split("/").filter((segment) => segment !== "");
  try {
    return raw.map(decodeURIComponent);
  } catch {
    throw new ApiError(
      400,
      "InvalidRequestContentException",
      `The path ${path} has a broken percent-encoding.`,
    );
  }
}

function matched(route: Route, segments: readonly string[]): Record<string, unknown> | undefined {
  if (route.segments.length !== segments.length) return undefined;
  const labels: Record<string, unknown> = {};
  for (const [index, wanted] of route.segments.entries()) {
    const segment = segments[index] ?? "";
    if (wanted.startsWith("{")) labels[wanted.slice(1, -1)] = segment;
    else if (wanted !== segment) return undefined;
  }
  return labels;
}

function bodyOf(body: Buffer): Record<string, unknown> {
  if (body.length === 0) return {};
  let read: unknown;
  try {
    read = JSON.parse(body.toString("utf8"));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ApiError(
      400,
      "InvalidRequestContentException",
      `Could not parse request body into json: ${why}`,
    );
  }
  if (isRecord(read)) return read;
  throw new ApiError(400, "InvalidRequestContentException", "The request body must be a JSON object.");
}

function queryOf(search: URLSearchParams): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  for (const name of new Set(search.keys())) {
    if (name === "tagKeys") input["TagKeys"] = search.getAll(name);
    else if (!name.startsWith("X-Amz-")) input[name] = search.get(name);
  }
  return input;
}

function invokeInput(request: HttpRequest): Record<string, unknown> {
  const type = request.headers["x-amz-invocation-type"];
  const log = request.headers["x-amz-log-type"];
  return {
    ...(type === undefined ? {} : { InvocationType: type }),
    ...(log === undefined ? {} : { LogType: log }),
    Payload: request.body,
  };
}

/** Whether a path can only belong to Lambda's REST API. */
export function isLambdaPath(target: string): boolean {
  return /^\/20\d\d-\d\d-\d\d\//.test(target);
}

/** Reads a request to Lambda; throws 404 for a path that is none of its operations. */
export function readLambdaCall(request: HttpRequest): LambdaCall {
  const url = new URL(request.target, "http://localhost");
  const segments = segmentsOf(url.pathname);
  for (const route of routes) {
    if (route.method !== request.method) continue;
    const labels = matched(route, segments);
    if (labels === undefined) continue;
    const { operation, status } = route;
    const rest = operation === "Invoke" ? invokeInput(request) : bodyOf(request.body);
    return { operation, status, input: { ...rest, ...queryOf(url.searchParams), ...labels } };
  }
  throw new ApiError(
    404,
    "UnknownOperationException",
    `${request.method} ${url.pathname} is no operation of Lambda that this cloud has.`,
  );
}

function stringMember(value: unknown, name: string): string | undefined {
  const member = isRecord(value) ? value[name] : undefined;
  return typeof member === "string" ? member : undefined;
}

function invokeAnswer(output: unknown): HttpAnswer {
  const payload = isRecord(output) ? output["Payload"] : undefined;
  const status = isRecord(output) ? Number(output["StatusCode"]) : 200;
  const version = stringMember(output, "ExecutedVersion");
  const error = stringMember(output, "FunctionError");
  const log = stringMember(output, "LogResult");
  return {
    status,
    headers: {
      "content-type": "application/json",
      ...(version === undefined ? {} : { "x-amz-executed-version": version }),
      ...(error === undefined ? {} : { "x-amz-function-error": error }),
      ...(log === undefined ? {} : { "x-amz-log-result": log }),
    },
    body: Buffer.isBuffer(payload) ? payload : Buffer.alloc(0),
  };
}

/** Writes the output of an operation as Lambda does. */
export function lambdaAnswer(call: LambdaCall, output: unknown): HttpAnswer {
  if (call.operation === "Invoke") return invokeAnswer(output);
  if (call.status === 204) return { status: 204, headers: {}, body: Buffer.alloc(0) };
  return jsonAnswer(call.status, output);
}

const capitalMessage = new Set([
  "ResourceNotFoundException",
  "ResourceInUseException",
  "ServiceException",
  "AccessDeniedException",
]);

/** Writes an error as Lambda does: the key of the words depends on the error. Source: the service model of Lambda. */
export function lambdaError(error: ApiError): HttpAnswer {
  const key = capitalMessage.has(error.code) ? "Message" : "message";
  const answer = jsonAnswer(error.status, {
    ...error.body,
    ...(error.type === null ? {} : { Type: error.type }),
    [key]: error.message,
  });
  return { ...answer, headers: { ...answer.headers, "x-amzn-errortype": error.code } };
}
