import { ApiError } from "../api-error.ts";
import { isRecord } from "../input.ts";
import { type HttpAnswer, type HttpRequest, jsonAnswer } from "./http-answer.ts";

interface JsonService {
  readonly service: string;
  readonly version: "1.0" | "1.1";
  /** Stands before the code of an error. */
  readonly namespace: string;
  /** Whether older clients speak the query protocol to it. */
  readonly wasQuery: boolean;
}

/** Prefixes of X-Amz-Target. Source: the service models. */
const services: Readonly<Record<string, JsonService>> = {
  AmazonSQS: { service: "sqs", version: "1.0", namespace: "com.amazonaws.sqs#", wasQuery: true },
  GraniteServiceVersion20100801: {
    service: "cloudwatch",
    version: "1.0",
    namespace: "com.amazonaws.cloudwatch#",
    wasQuery: true,
  },
  Kinesis_20131202: { service: "kinesis", version: "1.1", namespace: "", wasQuery: false },
  DynamoDB_20120810: {
    service: "dynamodb",
    version: "1.0",
    namespace: "com.amazonaws.dynamodb.v20120810#",
    wasQuery: false,
  },
  DynamoDBStreams_20120810: {
    service: "dynamodbstreams",
    version: "1.0",
    namespace: "com.amazonaws.dynamodb.v20120810#",
    wasQuery: false,
  },
  AmazonEC2ContainerRegistry_V20150921: {
    service: "ecr",
    version: "1.1",
    namespace: "com.amazonaws.ecr#",
    wasQuery: false,
  },
  Logs_20140328: { service: "logs", version: "1.1", namespace: "", wasQuery: false },
};

/** A request of one of the JSON protocols, read. */
export interface JsonCall {
  readonly action: string;
  readonly input: Record<string, unknown>;
  readonly service: JsonService;
}

function inputOf(body: Buffer): Record<string, unknown> {
  if (body.length === 0) return {};
  try {
    const read: unknown = JSON.parse(body.toString("utf8"));
    if (isRecord(read)) return read;
  } catch {
    // Said below: text that is no JSON and JSON that is no object are the same mistake here.
  }
  throw new ApiError(400, "SerializationException", "The request body must be a JSON object.");
}

/** Finds the service of an X-Amz-Target; throws 400 for a foreign one. */
export function targetService(target: string): JsonService {
  const name = target.slice(0, target.indexOf("."));
  const service = Object.hasOwn(services, name) ? services[name] : undefined;
  if (service !== undefined) return service;
  throw new ApiError(
    400,
    "UnknownOperationException",
    `The target ${target} is no service that this cloud has.`,
  );
}

/** Reads a request by its X-Amz-Target. */
export function readJsonCall(request: HttpRequest, target: string): JsonCall {
  const service = targetService(target);
  const operation = target.slice(target.indexOf(".") + 1);
  return { action: `${service.service}:${operation}`, input: inputOf(request.body), service };
}

function typeOf(service: JsonService): string {
  return `application/x-amz-json-${service.version}`;
}

export function jsonCallAnswer(service: JsonService, output: unknown): HttpAnswer {
  return jsonAnswer(200, output, typeOf(service));
}

/** Writes an error of a JSON protocol; clients that once spoke the query protocol get that code beside it. */
export function jsonCallError(service: JsonService, error: ApiError): HttpAnswer {
  const answer = jsonAnswer(
    error.status,
    { __type: `${service.namespace}${error.code}`, ...error.body, message: error.message },
    typeOf(service),
  );
  const fault = error.status >= 500 ? "Receiver" : "Sender";
  return {
    ...answer,
    headers: {
      ...answer.headers,
      "x-amzn-errortype": error.code,
      ...(service.wasQuery ? { "x-amzn-query-error": `${error.queryCode};${fault}` } : {}),
    },
  };
}
