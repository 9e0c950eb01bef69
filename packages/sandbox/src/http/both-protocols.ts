import { createServer, type IncomingHttpHeaders, type OutgoingHttpHeaders } from "node:http";
import { createServer as createHttp2Server } from "node:http2";
import { createServer as createSocketServer, type Server, type Socket } from "node:net";

/** A request of either protocol. */
export interface Incoming extends AsyncIterable<unknown> {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly socket: { readonly remoteAddress?: string | undefined };
}

/** The answer to it. */
export interface Outgoing extends NodeJS.WritableStream {
  readonly headersSent: boolean;
  readonly destroyed: boolean;
  writeHead(status: number, headers: OutgoingHttpHeaders): unknown;
  destroy(): unknown;
}

/** A server that is not listening yet. */
export interface BothProtocols {
  readonly server: Server;
  /** Cuts all connections. */
  cut(): void;
}

/** How a client begins that speaks HTTP/2 without asking. Source: RFC 9113, section 3.4. */
const preface = Buffer.from("PRI * HTTP/2.0");

/**
 * Answers HTTP/1.1, and HTTP/2 of clients that know that it is spoken, as the AWS SDK for JavaScript does with Kinesis, on
 * one port.
 */
export function bothProtocols(answer: (message: Incoming, response: Outgoing) => void): BothProtocols {
  const first = createServer((message, response) => answer(message, response));
  // Clients keep connections for their next call: one that is closed under them is an error to them.
  first.keepAliveTimeout = 120_000;
  first.requestTimeout = 0;
  const second = createHttp2Server((message, response) => answer(message, response));
  const sockets = new Set<Socket>();
  const hand = (socket: Socket): void => {
    const begun: unknown = socket.read();
    if (!Buffer.isBuffer(begun)) {
      socket.once("readable", () => hand(socket));
      return;
    }
    socket.unshift(begun);
    const isSecond = begun.subarray(0, preface.length).equals(preface.subarray(0, begun.length));
    (isSecond ? second : first).emit("connection", socket);
  };
  const server = createSocketServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    // Who leaves before the first byte has nothing to be told.
    socket.on("error", () => socket.destroy());
    socket.once("readable", () => hand(socket));
  });
  return {
    server,
    cut: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}
