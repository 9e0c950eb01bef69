import { ApiError } from "../api-error.ts";
import { isRecord } from "../input.ts";
import { type HttpAnswer, type HttpRequest, jsonAnswer } from "./http-answer.ts";
import { type LambdaOperation, lambdaOperations } from "./lambda-operations.ts";

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

function matched(
  route: LambdaOperation,
  segments: readonly string[],
  search: URLSearchParams,
): Record<string, unknown> | undefined {
  if (route.segments.length !== segments.length) return undefined;
  if (route.query !== null && search.get(route.query[0]) !== route.query[1]) return undefined;
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
  const clientContext = request.headers["x-amz-client-context"];
  return {
    ...(type === undefined ? {} : { InvocationType: type }),
    ...(log === undefined ? {} : { LogType: log }),
    ...(clientContext === undefined ? {} : { ClientContext: clientContext }),
    Payload: request.body,
  };
}

/** Whether a path can only belong to Lambda's REST API. */
export function isLambdaPath(target: string): boolean {
  return /^\/20\d\d-\d\d-\d\d\//.test(target);
}

function routeOf(method: string, url: URL): [LambdaOperation, Record<string, unknown>] | undefined {
  const segments = segmentsOf(url.pathname);
  for (const route of lambdaOperations) {
    const labels = route.method === method ? matched(route, segments, url.searchParams) : undefined;
    if (labels !== undefined) return [route, labels];
  }
  return undefined;
}

/** The operation of Lambda that a request asks for; null when it is none. */
export function lambdaOperationOf(method: string, target: string): string | null {
  if (!isLambdaPath(target)) return null;
  try {
    return routeOf(method, new URL(target, "http://localhost"))?.[0].operation ?? null;
  } catch {
    return null;
  }
}

/** Reads a request to Lambda; throws 404 for a path that is none of its operations. */
export function readLambdaCall(request: HttpRequest): LambdaCall {
  const url = new URL(request.target, "http://localhost");
  const found = routeOf(request.method, url);
  if (found !== undefined) {
    const [{ operation, status }, labels] = found;
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
  "CodeSigningConfigNotFoundException",
  "ResourceInUseException",
  "ServiceException",
  "AccessDeniedException",
]);

/** Writes an error as Lambda does: the key of the words depends on the error. Source: the service model of Lambda. */
export function lambdaError(error: ApiError): HttpAnswer {
  const key = capitalMessage.has(error.code) ? "Message" : "message";
  const answer = jsonAnswer(error.status, {
    ...(error.type === null ? {} : { Type: error.type }),
    [key]: error.message,
    ...error.body,
  });
  return { ...answer, headers: { ...answer.headers, "x-amzn-errortype": error.code } };
}
