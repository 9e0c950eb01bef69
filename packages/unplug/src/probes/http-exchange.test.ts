import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { expect, it } from "vitest";
import { exchange } from "./http-exchange.ts";

it.each([
  [
    "another protocol",
    "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n",
    /HTTP/,
  ],
  ["nothing", "", /socket hang up/],
  ["what is no HTTP", "hello\r\n\r\n", /Parse Error/],
])("an answer of %s ends the request", async (_what, said, problem) => {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => (said === "" ? socket.destroy() : socket.write(said)));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  try {
    await expect(exchange(`http://127.0.0.1:${port}/`, {})).rejects.toThrow(problem);
  } finally {
    server.close();
  }
});
