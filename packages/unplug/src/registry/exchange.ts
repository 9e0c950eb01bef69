import {
  type ClientRequest,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from "node:http";
import { request as httpsRequest } from "node:https";
import { RegistryError } from "./registry-error.ts";

export interface Request {
  readonly method: "GET" | "HEAD" | "POST" | "PATCH" | "PUT";
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: AsyncIterable<Uint8Array>;
  /** Nobody reads any more of it: what is still on its way ends with the connection. */
  leave(): void;
}

interface Patience {
  readonly idleMs: number;
  readonly signal: AbortSignal;
  /** To be read after "The registry": where, and what was asked. */
  readonly about: string;
}

const SLICE_BYTES = 65_536;

/** One request and its answer: no redirect is followed, nothing is tried again. Throws RegistryError. */
export function exchange(asked: Request, patience: Patience): Promise<Answer> {
  const { url, method, headers, body } = asked;
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    let connected = false;
    let answered = false;
    const request = send(url, {
      method,
      headers: body === undefined ? headers : { ...headers, "content-length": String(body.length) },
    });
    const fail = (error: unknown) => {
      // From then on it is the answer's body that tells, and that has come may be whole.
      if (answered) return;
      watch.end();
      request.destroy();
      reject(failure(error, patience.about, connected ? "unknown" : "unsent"));
    };
    // Not by the request's own error: one that is over has none any more.
    const watch = new Watch(patience, fail);
    request.on("socket", (socket) => {
      const isConnected = () => {
        connected = true;
        watch.touch();
      };
      // One that is kept from a request before is connected already.
      if (!socket.connecting) isConnected();
      else socket.once(url.protocol === "https:" ? "secureConnect" : "connect", isConnected);
    });
    request.on("error", fail);
    // An answer that would change the protocol ends the request, and is no error of it.
    request.once("close", () => fail(new Error("no answer of HTTP came")));
    request.once("response", (message) => {
      answered = true;
      watch.touch();
      resolve(answerOf(message, watch, { about: patience.about, bodiless: method === "HEAD" }));
    });
    watch.touch();
    sendBody(request, watch, body);
  });
}

/** Ends what goes on when nothing has come for too long, or when the signal says so. */
class Watch {
  readonly #patience: Patience;
  readonly #onEnd: (error: RegistryError) => void;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(patience: Patience, onEnd: (error: RegistryError) => void) {
    this.#patience = patience;
    this.#onEnd = onEnd;
    patience.signal.addEventListener("abort", this.#aborted);
    if (patience.signal.aborted) queueMicrotask(this.#aborted);
  }

  readonly #aborted = (): void => {
    this.end();
    this.#onEnd(endedBy(this.#patience.signal, this.#patience.about));
  };

  touch(): void {
    clearTimeout(this.#timer);
    // An answer may come before the last of the request has left.
    if (this.#ended) return;
    const { idleMs, about } = this.#patience;
    this.#timer = setTimeout(() => {
      this.end();
      const message = `The registry ${about}: it was silent for ${idleMs / 1000} s. Is it reachable, and no proxy in between? Try again.`;
      this.#onEnd(new RegistryError(message, { code: "Late", status: null, outcome: "unknown" }));
    }, idleMs);
  }

  rest(): void {
    clearTimeout(this.#timer);
  }

  end(): void {
    this.#ended = true;
    this.rest();
    this.#patience.signal.removeEventListener("abort", this.#aborted);
  }

  /** What goes on from here on is ended by this instead. */
  handOver(onEnd: (error: RegistryError) => void): Watch {
    this.end();
    return new Watch(this.#patience, onEnd);
  }
}

/** What a signal's reason says, as an error. */
export function endedBy(signal: AbortSignal, about: string): RegistryError {
  if (signal.reason instanceof RegistryError) return signal.reason;
  const message = `The registry ${about}: not waited for, since the caller gave up.`;
  return new RegistryError(message, { code: "Aborted", status: null, outcome: "unknown" }, signal.reason);
}

/** In slices, so that a slow line is not taken for a silent one. */
function sendBody(request: ClientRequest, watch: Watch, body: Uint8Array = new Uint8Array()): void {
  const next = (at: number): void => {
    if (at >= body.length) {
      request.end();
      return;
    }
    request.write(body.subarray(at, at + SLICE_BYTES), (error) => {
      if (error) return;
      watch.touch();
      next(at + SLICE_BYTES);
    });
  };
  next(0);
}

function answerOf(
  message: IncomingMessage,
  before: Watch,
  { about, bodiless }: { readonly about: string; readonly bodiless: boolean },
): Answer {
  const watch = before.handOver((error) => message.destroy(error));
  const isEmpty = bodiless || message.statusCode === 204 || message.headers["content-length"] === "0";
  const leave = () => {
    watch.end();
    // A connection on which nothing is to come is good for the next request.
    if (isEmpty) message.resume();
    else message.destroy();
  };
  // A body that nobody reads may fail, too.
  message.on("error", () => undefined);
  return {
    status: message.statusCode ?? 0,
    headers: message.headers,
    body: bodyOf(message, watch, about),
    leave,
  };
}

async function* bodyOf(message: IncomingMessage, watch: Watch, about: string): AsyncGenerator<Uint8Array> {
  try {
    watch.touch();
    for await (const chunk of message) {
      watch.rest();
      yield chunk;
      watch.touch();
    }
    if (!message.complete || !message.readableEnded) throw new Error("it ended before its end");
  } catch (error) {
    throw failure(error, about, "unknown", message.statusCode);
  } finally {
    watch.end();
    message.destroy();
  }
}

function failure(
  error: unknown,
  about: string,
  outcome: "unknown" | "unsent",
  status: number | null = null,
): RegistryError {
  if (error instanceof RegistryError) {
    const { message, code } = error;
    return new RegistryError(message, { code, status: error.status, outcome }, error.cause);
  }
  const code = codeOf(error);
  const what = status === null ? "no answer" : "the answer was cut off";
  const told = error instanceof Error && error.message !== "" ? error.message : code;
  const then = outcome === "unsent" ? "Is the registry reachable from here?" : "Try again.";
  return new RegistryError(
    `The registry ${about}: ${what} (${told}). ${then}`,
    { code, status: null, outcome },
    error,
  );
}

function codeOf(error: unknown): string {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const code: unknown = first instanceof Error ? Reflect.get(first, "code") : undefined;
  return typeof code === "string" ? code : "Unknown";
}
