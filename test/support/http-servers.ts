import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer, type ServerOptions } from "node:https";

/** HTTP servers on this machine, at free ports, closed together with all their connections. */
export class HttpServers {
  readonly #servers: Server[] = [];

  /** Gives its URL, without a slash at the end. */
  async serve(answer: RequestListener): Promise<string> {
    return `http://127.0.0.1:${await this.#listen(createServer(answer))}`;
  }

  async serveTls(options: ServerOptions, answer: RequestListener): Promise<string> {
    return `https://127.0.0.1:${await this.#listen(createTlsServer(options, answer))}`;
  }

  async close(): Promise<void> {
    await Promise.all(
      this.#servers.splice(0).map((server) => {
        server.closeAllConnections();
        return new Promise((resolve) => server.close(resolve));
      }),
    );
  }

  async #listen(server: Server): Promise<number> {
    this.#servers.push(server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (typeof address !== "object" || address === null) throw new Error("It listens nowhere.");
    return address.port;
  }
}

export async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += String(chunk);
  return text;
}
