import { randomUUID } from "node:crypto";
import { ApiError } from "../api-error.ts";
import type { Cloud } from "../cloud.ts";
import { layerPath } from "../ecr/layer-links.ts";
import { answerRequest } from "./answer-request.ts";
import { bothProtocols, type Incoming, type Outgoing } from "./both-protocols.ts";
import { type HttpAnswer, type HttpRequest, jsonAnswer } from "./http-answer.ts";
import { isLambdaPath, lambdaError, lambdaOperationOf } from "./lambda-routes.ts";
import { sendLayer } from "./layer-download.ts";
import { readBody } from "./read-body.ts";
import { registryAnswer } from "./registry-answers.ts";
import { isRegistryRequest } from "./registry-routes.ts";
import { signatureScope } from "./signature.ts";

export interface ServeOptions {
  /** 0: any free port. */
  readonly port: number;
  /** Default "127.0.0.1". */
  readonly host?: string;
}

export interface CloudServer {
  /** Without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** Cuts all connections; none is left when it resolves. */
  close(): Promise<void>;
}

function headersOf(message: Incoming): Record<string, string | undefined> {
  const headers: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(message.headers)) {
    headers[name] = Array.isArray(value) ? value.join(",") : value;
  }
  return headers;
}

async function requestOf(message: Incoming): Promise<HttpRequest> {
  const { method = "GET", url: target = "/" } = message;
  const headers = headersOf(message);
  const isS3 = signatureScope({ target, headers }).service === "s3";
  const body = await readBody(
    message,
    isS3 ? { s3: true } : { operation: lambdaOperationOf(method, target) },
  );
  const { remoteAddress } = message.socket;
  return { method, target, headers, body, ...(remoteAddress === undefined ? {} : { remoteAddress }) };
}

function failed(error: unknown, target: string): HttpAnswer {
  if (error instanceof ApiError && isLambdaPath(target)) return lambdaError(error);
  const status = error instanceof ApiError ? error.status : 400;
  const code = error instanceof ApiError ? error.code : "InvalidRequest";
  const words = error instanceof Error ? error.message : String(error);
  const answer = jsonAnswer(status, { __type: code, message: words });
  return { ...answer, headers: { ...answer.headers, "x-amzn-errortype": code } };
}

function write(response: Outgoing, answer: HttpAnswer, requestId: string): void {
  const length: Record<string, string> =
    answer.status === 204 ? {} : { "content-length": String(answer.body.length) };
  const cookies = answer.cookies === undefined ? {} : { "set-cookie": [...answer.cookies] };
  const headers = { ...length, ...answer.headers, ...cookies, "x-amzn-requestid": requestId };
  response.writeHead(answer.status, headers);
  response.end(answer.body);
}

async function serve(cloud: Cloud, message: Incoming, response: Outgoing): Promise<void> {
  const requestId = randomUUID();
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  const { method = "GET", url: target = "/", headers: given } = message;
  try {
    if (method === "GET" && target.startsWith(layerPath)) return await sendLayer(cloud, message, response);
    if (isRegistryRequest(target, given)) {
      const answer = await registryAnswer(cloud, message, { requestId, signal: gone.signal });
      return write(response, answer, requestId);
    }
    const request = await requestOf(message);
    write(response, await answerRequest(cloud, request, { requestId, signal: gone.signal }), requestId);
  } catch (error) {
    if (error instanceof ApiError && !error.answered) response.destroy();
    else if (!response.headersSent && !response.destroyed) {
      write(response, failed(error, message.url ?? "/"), requestId);
    } else response.destroy();
  }
}

/** Puts a cloud behind one HTTP port that unmodified AWS clients can use. */
export async function serveCloud(
  cloud: Cloud,
  { port, host = "127.0.0.1" }: ServeOptions,
): Promise<CloudServer> {
  const { server, cut } = bothProtocols((message, response) => void serve(cloud, message, response));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  const address = server.address();
  if (address === null || typeof address === "string") {
    throw new Error(`The port of the cloud on ${host} is not known: expected a TCP address after listen().`);
  }
  const shown = address.family === "IPv6" ? `[${host}]` : host;
  return {
    url: `http://${shown}:${address.port}`,
    port: address.port,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      cut();
      await closed;
    },
  };
}
