import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";

/** The shop's database: a server that takes orders, one a line (`TAKE order-00001`), and keeps them. */
export interface Database {
  readonly host: string;
  readonly port: number;
  /** Its books: every order that it took, in order of time; one that was taken twice stands there twice. */
  readonly taken: readonly string[];
  close(): Promise<void>;
}

/** Listens on any free port of `host`, an address of this machine, for whoever is on this machine. */
export async function openDatabase(host: string): Promise<Database> {
  const taken: string[] = [];
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    // Who is on this machine calls from the address that it calls.
    if (socket.remoteAddress !== host) {
      socket.destroy();
      return;
    }
    open.add(socket);
    socket.once("close", () => open.delete(socket)).on("error", () => undefined);
    createInterface({ input: socket }).on("line", (line) => {
      const order = /^TAKE (order-\d+)$/.exec(line)?.[1];
      if (order !== undefined) taken.push(order);
      socket.write(order === undefined ? "NOT UNDERSTOOD\n" : `TAKEN ${taken.length}\n`);
    });
  });
  await once(server.listen(0, host), "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The database has no port");
  return {
    host,
    port: address.port,
    taken,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}
