import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { onTestFinished } from "vitest";
import { AwsError } from "../contract/aws.ts";

export type Answer = (response: ServerResponse, request: IncomingMessage) => void;

/**
 * A server that answers everything in one way until the test is over, and what it was asked.
 *
 * Tests that run beside each other give the `onTestFinished` of their own: the one of the module is of whichever began last.
 */
export async function endpointFor(
  answer: Answer,
  atEnd: (close: () => Promise<void>) => void = onTestFinished,
) {
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    asked.push(request);
    request.resume();
    answer(response, request);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = async () => {
    if (!server.listening) return;
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  };
  atEnd(close);
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port.");
  return { endpoint: `http://127.0.0.1:${address.port}`, asked, close };
}

/** An error as the services that speak JSON send it. */
export function json(status: number, code: string, message: string): Answer {
  return (response) => {
    response.writeHead(status, { "content-type": "application/json", "x-amzn-errortype": code });
    response.end(JSON.stringify({ Message: message, message }));
  };
}

/** Who signed a request: the access key's id. */
export function signerOf(request: IncomingMessage | undefined): string {
  return /Credential=([^/]+)/.exec(request?.headers.authorization ?? "")?.[1] ?? "";
}

/** The error that `work` fails with; throws when it is none of the contract's. */
export async function failure(work: Promise<unknown>): Promise<AwsError> {
  const error: unknown = await work.then(
    () => "it succeeded",
    (thrown: unknown) => thrown,
  );
  if (error instanceof AwsError) return error;
  throw new Error(`no AwsError: ${String(error)}`);
}
