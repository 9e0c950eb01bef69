import { ApiError } from "../api-error.ts";
import type { Caller, Cloud } from "../cloud.ts";
import { type HttpAnswer, type HttpRequest, jsonAnswer } from "./http-answer.ts";
import { jsonCallAnswer, jsonCallError, readJsonCall, targetService } from "./json-targets.ts";
import { isLambdaPath, lambdaAnswer, lambdaError, readLambdaCall } from "./lambda-routes.ts";
import { isOwnTarget, ownAnswer } from "./own-routes.ts";
import { misplaced, noActionAnswer, queryAnswer, queryError, readQueryCall } from "./query-protocol.ts";
import { s3Answer, s3Error } from "./s3-answers.ts";
import { readS3Call } from "./s3-routes.ts";
import { isSignedBy, type SignatureScope, sessionTokenOf, signatureScope } from "./signature.ts";
import { urlHostAnswer, urlHostOf } from "./url-host.ts";

/** What is known of a request beside its bytes. */
export interface RequestPlace {
  readonly requestId: string;
  readonly signal: AbortSignal;
}

function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) {
    if (!error.answered) throw error;
    return error;
  }
  const why = error instanceof Error ? error.message : String(error);
  return new ApiError(500, "ServiceException", `The cloud failed inside: ${why}`);
}

function signerOf(
  accessKey: string,
  request: HttpRequest,
): Pick<Caller, "accessKey" | "sessionToken" | "signedBy"> {
  const sessionToken = sessionTokenOf(request);
  return {
    accessKey,
    signedBy: (secret) => isSignedBy(request, secret),
    ...(sessionToken === null ? {} : { sessionToken }),
  };
}

function callerOf(scope: SignatureScope, request: HttpRequest, place: RequestPlace): Caller {
  const userAgent = request.headers["user-agent"];
  const traceHeader = request.headers["x-amzn-trace-id"];
  return {
    region: scope.region,
    signal: place.signal,
    requestId: place.requestId,
    ...(scope.accessKey === null ? {} : signerOf(scope.accessKey, request)),
    ...(userAgent === undefined ? {} : { userAgent }),
    ...(traceHeader === undefined ? {} : { traceHeader }),
  };
}

/** Answers in the words of one protocol, errors too; rejects only for an answer that is to be lost. */
async function spoken(
  work: () => Promise<HttpAnswer>,
  failed: (error: ApiError) => HttpAnswer,
): Promise<HttpAnswer> {
  try {
    return await work();
  } catch (error) {
    return failed(asApiError(error));
  }
}

function jsonTarget(cloud: Cloud, request: HttpRequest, target: string, caller: Caller): Promise<HttpAnswer> {
  return spoken(
    async () => {
      const { action, input, service } = readJsonCall(request, target);
      return jsonCallAnswer(service, await cloud.call(action, input, caller));
    },
    (error) => jsonCallError(targetService(target), error),
  );
}

/** Whoever can make a function can run code here, so no web page may: browsers name the page's origin. */
function fromBrowser(): HttpAnswer {
  return jsonAnswer(403, {
    __type: "AccessDeniedException",
    message: "Requests of web pages are refused: use an AWS SDK or the AWS CLI, which send no Origin header.",
  });
}

/** Answers one request: by X-Amz-Target, then by path, then by form. Rejects when the answer is to be lost. */
export async function answerRequest(
  cloud: Cloud,
  request: HttpRequest,
  place: RequestPlace,
): Promise<HttpAnswer> {
  if (request.headers["origin"] !== undefined) return fromBrowser();
  if (!URL.canParse(request.target, "http://localhost")) {
    const message = `The request target ${request.target.slice(0, 100)} is no path.`;
    return jsonAnswer(400, { __type: "InvalidRequestException", message });
  }
  if (isOwnTarget(request.target)) return ownAnswer(cloud, request);
  const scope = signatureScope(request);
  const caller = callerOf(scope, request, place);
  const urlHost = urlHostOf(request);
  if (urlHost !== undefined) {
    return spoken(() => urlHostAnswer(cloud, request, urlHost, caller), lambdaError);
  }
  const target = request.headers["x-amz-target"];
  if (target !== undefined) {
    return spoken(
      async () => jsonTarget(cloud, request, target, caller),
      (error) => jsonAnswer(error.status, { __type: error.code, message: error.message }),
    );
  }
  if (scope.service === "s3") {
    return spoken(
      async () => {
        const { operation, input } = readS3Call(request);
        return s3Answer(operation, await cloud.call(`s3:${operation}`, input, caller));
      },
      (error) => s3Error(error, request.method, place.requestId),
    );
  }
  if (isLambdaPath(request.target)) {
    return spoken(async () => {
      const call = readLambdaCall(request);
      return lambdaAnswer(call, await cloud.call(`lambda:${call.operation}`, call.input, caller));
    }, lambdaError);
  }
  const query = readQueryCall(request, scope.service);
  if (query !== undefined) {
    return spoken(
      async () => {
        if (query.isMisplaced) throw misplaced(query);
        const output = await cloud.call(`${query.service}:${query.operation}`, query.input, caller);
        return queryAnswer(query, output, place.requestId);
      },
      (error) => queryError(query, error, place.requestId),
    );
  }
  if (scope.service === "sqs") return noActionAnswer();
  const named = scope.service === null ? "" : ` (signed for ${scope.service})`;
  return jsonAnswer(404, {
    __type: "UnknownOperationException",
    message: `${request.method} ${request.target}${named} is nothing that this cloud has: it speaks Lambda, SQS, S3, STS, IAM, CloudWatch, CloudWatch Logs, and some of Kinesis and DynamoDB.`,
  });
}
