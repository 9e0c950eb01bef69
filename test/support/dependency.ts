import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { networkInterfaces } from "node:os";

/** An address of this machine that the interceptor does not let through, as it does loopback; null without a network. */
export const ownAddress =
  Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ family, internal }) => family === "IPv4" && !internal)?.address ?? null;

/** A server that says hello to whoever connects: what a function depends on. */
export class Dependency implements AsyncDisposable {
  readonly #server: Server;
  readonly host: string;
  readonly port: number;

  private constructor(server: Server, host: string, port: number) {
    this.#server = server;
    this.host = host;
    this.port = port;
  }

  static async open(): Promise<Dependency> {
    if (ownAddress === null) throw new Error("This machine has no address but loopback.");
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.end("hello");
    });
    await once(server.listen(0, ownAddress), "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("The server has no port.");
    return new Dependency(server, ownAddress, address.port);
  }

  /** As TARGET_HOSTNAMES takes it. */
  get target(): string {
    return `${this.host}:${this.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
