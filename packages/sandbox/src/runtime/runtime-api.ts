import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

/** The largest answer of a function in bytes. Source: Lambda quotas, 6 MB and 100 bytes. */
const largestAnswer = 6_291_556;

/** What the process does at the Runtime API. */
export type RuntimeSignal =
  /** It asks for the next invocation. */
  | { readonly kind: "next" }
  /** It could not be initialised; body is the runtime's own error shape. */
  | { readonly kind: "initError"; readonly body: Buffer }
  | { readonly kind: "answer"; readonly body: Buffer; readonly failed: boolean };

/** An invocation as it is handed to the process. */
export interface Delivery {
  readonly requestId: string;
  /** ms since the epoch */
  readonly deadlineMs: number;
  readonly functionArn: string;
  readonly traceId: string;
  readonly payload: Buffer;
  /** JSON; absent: none. */
  readonly clientContext?: string;
}

/** The Runtime API of one execution environment. Source: Lambda runtime API, version 2018-06-01. */
export interface RuntimeApi {
  /** host:port */
  readonly address: string;
  /** Answers the waiting request for the next invocation; only after the signal "next". */
  deliver(delivery: Delivery): void;
  /** Forgets the process so far: another one is going to be initialised. */
  reset(): void;
  close(): Promise<void>;
}

interface State {
  phase: "init" | "waiting" | "running" | "answered";
  requestId: string | null;
  next: ServerResponse | null;
}

/** Listens on a free loopback port. */
export async function startRuntimeApi(signal: (signal: RuntimeSignal) => void): Promise<RuntimeApi> {
  const state: State = { phase: "init", requestId: null, next: null };
  const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0 }, (request, response) => {
    serve(state, request, response, signal).catch(() => response.destroy());
  });
  server.on("connection", (socket) => socket.setNoDelay(true));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("The Runtime API has no port.");
  return {
    address: `127.0.0.1:${bound.port}`,
    deliver(delivery) {
      const response = state.next;
      if (response === null) return;
      state.next = null;
      state.phase = "running";
      state.requestId = delivery.requestId;
      response.writeHead(200, {
        "Content-Type": "application/json",
        "Content-Length": delivery.payload.length,
        "Lambda-Runtime-Aws-Request-Id": delivery.requestId,
        "Lambda-Runtime-Deadline-Ms": String(delivery.deadlineMs),
        "Lambda-Runtime-Invoked-Function-Arn": delivery.functionArn,
        "Lambda-Runtime-Trace-Id": delivery.traceId,
        ...(delivery.clientContext === undefined
          ? {}
          : { "Lambda-Runtime-Client-Context": asciiJson(delivery.clientContext) }),
      });
      response.end(delivery.payload);
    },
    reset() {
      state.next?.destroy();
      Object.assign(state, { phase: "init", requestId: null, next: null } satisfies State);
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** JSON that may stand in a header: what is beyond ASCII is escaped, and breaks between members become spaces. */
function asciiJson(json: string): string {
  return json
    .replace(/[\r\n]/g, " ")
    .replace(/[^\x20-\x7e\t]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function reply(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    "Content-Type": "application/json",
    "Content-Length": Buffer.byteLength(text),
  });
  response.end(text);
}

function refuse(response: ServerResponse, status: number, errorType: string, errorMessage: string): void {
  reply(response, status, { errorMessage, errorType });
}

async function serve(
  state: State,
  request: IncomingMessage,
  response: ServerResponse,
  signal: (signal: RuntimeSignal) => void,
): Promise<void> {
  const body = await readBody(request);
  const path = (request.url ?? "").split("?")[0] ?? "";
  const answer = /^\/2018-06-01\/runtime\/invocation\/([^/]+)\/(response|error)$/.exec(path);
  if (request.method === "GET" && path === "/2018-06-01/runtime/invocation/next") {
    if (state.phase === "running") return refuseTransition(response, state, "InvocationNext");
    // A runtime that has lost its patience asks again: only this answer counts, and nothing new has happened.
    const asksAgain = state.phase === "waiting";
    if (asksAgain) state.next?.destroy();
    state.phase = "waiting";
    state.requestId = null;
    state.next = response;
    if (!asksAgain) signal({ kind: "next" });
  } else if (request.method === "POST" && path === "/2018-06-01/runtime/init/error") {
    if (state.phase !== "init") return refuseTransition(response, state, "InitError");
    reply(response, 202, { status: "OK" });
    signal({ kind: "initError", body: body ?? Buffer.from("{}") });
  } else if (request.method === "POST" && answer !== null) {
    takeAnswer(state, response, { requestId: answer[1] ?? "", failed: answer[2] === "error", body }, signal);
  } else {
    refuse(response, 404, "NotFound", `There is no ${request.method} ${path} in the Runtime API 2018-06-01.`);
  }
}

function refuseTransition(response: ServerResponse, state: State, wanted: string): void {
  refuse(
    response,
    403,
    "InvalidStateTransition",
    `Transition from ${state.phase} to ${wanted} is not allowed for runtime`,
  );
}

function takeAnswer(
  state: State,
  response: ServerResponse,
  posted: { requestId: string; failed: boolean; body: Buffer | null },
  signal: (signal: RuntimeSignal) => void,
): void {
  if (state.requestId === null || posted.requestId !== state.requestId) {
    return refuse(response, 400, "InvalidRequestID", "Invalid request ID");
  }
  if (state.phase !== "running") {
    return refuseTransition(
      response,
      state,
      posted.failed ? "InvocationErrorResponse" : "InvocationResponse",
    );
  }
  state.phase = "answered";
  if (posted.body === null) {
    const limit = `(${largestAnswer} bytes).`;
    refuse(response, 413, "RequestEntityTooLarge", `Exceeded maximum allowed payload size ${limit}`);
    const body = {
      errorType: "Function.ResponseSizeTooLarge",
      errorMessage: `Response payload size exceeded maximum allowed payload size ${limit}`,
    };
    return signal({ kind: "answer", failed: true, body: Buffer.from(JSON.stringify(body)) });
  }
  reply(response, 202, { status: "OK" });
  signal({ kind: "answer", failed: posted.failed, body: posted.body });
}

/** Null when the body is larger than a function may answer. */
async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request) {
    if (!Buffer.isBuffer(part)) continue;
    bytes += part.length;
    if (bytes <= largestAnswer) parts.push(part);
  }
  return bytes > largestAnswer ? null : Buffer.concat(parts);
}
