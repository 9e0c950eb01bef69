import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { openRegistry } from "./index.ts";
import {
  aManifest,
  answer,
  blob,
  failure,
  MANIFEST,
  OCI,
  refuse,
  registryThat,
  sha256,
  short,
} from "./server-for-test.ts";

/** Bytes on a connection, whatever HTTP makes of them: called once a request has come. */
async function onTheWire(answerWith: (socket: Socket) => void, limits = {}) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("data", () => answerWith(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port.");
  return openRegistry(`http://127.0.0.1:${address.port}`, null, { ...short, ...limits });
}

/** The same words again and again, for as long as anybody listens. */
function forEver(socket: Socket, words: string): void {
  const more = (): void => {
    if (!socket.destroyed) socket.write(words, () => setTimeout(more, 5));
  };
  more();
}

const HEAD = `HTTP/1.1 200 OK\r\ncontent-type: ${OCI}\r\n`;

describe("a registry on the wire", () => {
  it.each([
    ["a header that comes letter by letter", (socket: Socket) => (socket.write(HEAD), forEver(socket, "x"))],
    [
      "a word before the answer, and another",
      (socket: Socket) => forEver(socket, "HTTP/1.1 103 Early Hints\r\n\r\n"),
    ],
    [
      "patience that is asked for without end",
      (socket: Socket) => forEver(socket, "HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    [
      "words behind the body that do not end",
      (socket: Socket) => {
        socket.write(`${HEAD}transfer-encoding: chunked\r\n\r\n1\r\n{\r\n0\r\nx: `);
        forEver(socket, "y");
      },
    ],
    [
      "a body that comes byte by byte",
      (socket: Socket) => {
        socket.write(`${HEAD}content-length: 4000000\r\n\r\n`);
        forEver(socket, "x");
      },
    ],
  ])("that sends %s is left in time", async (_, send) => {
    // Long enough to connect on a machine that is busy: until then nothing would have been sent.
    const registry = await onTheWire(send, { idleMs: 500, totalMs: 1_000 });

    expect(await failure(registry.manifest("r", "v1"))).toMatchObject({ status: null, outcome: "unknown" });
  });

  it.each([
    ["headers that are longer than any", `${HEAD}x: ${"y".repeat(40_000)}\r\n\r\n`],
    ["a thousand headers and more", `${HEAD}${"x: y\r\n".repeat(9_000)}\r\n`],
    ["another protocol", "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n"],
    ["nothing of HTTP", "220 smtp.example.com ESMTP\r\n"],
    ["two lengths", `${HEAD}content-length: 3\r\ncontent-length: 5\r\n\r\n{}   `],
    ["a length that is none", `${HEAD}content-length: -1\r\n\r\n{}`],
    ["a piece whose length is none", `${HEAD}transfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`],
    ["less than it says", `${HEAD}content-length: 500\r\n\r\n{}`],
  ])("that sends %s is told of in one error", async (_, sent) => {
    const registry = await onTheWire((socket) => socket.end(sent));

    expect((await failure(registry.manifest("r", "v1"))).message).toMatch(
      /^The registry at 127\.0\.0\.1:\d+, asked/,
    );
  });

  it("that sends more than it says is heard as far as it says", async () => {
    const registry = await onTheWire((socket) => {
      socket.write(`${HEAD}content-length: ${MANIFEST.length}\r\n\r\n${MANIFEST}${"and more ".repeat(1000)}`);
    });

    expect(await registry.manifest("r", "v1")).toMatchObject({ digest: sha256(MANIFEST) });
    const wrong = await onTheWire((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n${MANIFEST}`);
    });
    expect(await failure(wrong.smallBlob(blob(MANIFEST)))).toMatchObject({ code: "WrongDigest" });
  });

  it("that sends a body in pieces of a byte is heard to its end", async () => {
    const text = JSON.stringify({ schemaVersion: 2, x: "y".repeat(70_000) });
    const pieces = [...text].map((letter) => `1\r\n${letter}\r\n`).join("");
    const registry = await onTheWire((socket) => {
      socket.write(`${HEAD}transfer-encoding: chunked\r\n\r\n${pieces}0\r\n\r\n`);
    });

    expect(await registry.manifest("r", "v1")).toMatchObject({ digest: sha256(text) });
  });
});

describe("a write", () => {
  it("to which it is only ever answered to go on is not sent for ever", async () => {
    const { registry, heard } = await registryThat((response, { what }) => {
      if (what.startsWith("HEAD")) return refuse(response, 404, "BLOB_UNKNOWN");
      const location = `/v2/r/blobs/uploads/${heard.length}`;
      answer(response, 202, { location, "oci-chunk-min-length": "99999999999999" });
    });

    expect(await failure(registry.putBlob(blob("some bytes")))).toMatchObject({ status: 202 });
    expect(heard.length).toBeLessThan(5);
  });

  it("that is answered before it has left is told what was answered, and nothing ends later", async () => {
    const registry = await onTheWire((socket) => {
      const body = '{"errors":[{"code":"DENIED","message":"no"}]}';
      socket.end(`HTTP/1.1 403 Forbidden\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    });
    const large = { ...aManifest, bytes: Buffer.alloc(3_000_000) };

    const error = await failure(registry.putManifest(large));

    // The answer, or that the connection was cut: never that it was silent.
    expect(["DENIED", "ECONNRESET", "EPIPE"]).toContain(error.code);
  });
});

it("a challenge that is nothing but length is read in no time, and is none", async () => {
  const { registry } = await registryThat((response) =>
    answer(response, 401, { "www-authenticate": `Bearer ${"a".repeat(14_000)}` }),
  );

  expect(await failure(registry.manifest("r", "v1"))).toMatchObject({ code: "UNAUTHORIZED" });
});
