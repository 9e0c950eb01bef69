import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import { HttpServers, textOf } from "../../../../test/support/http-servers.ts";
import { askOnce, probeIo } from "../../../../test/support/probe-io.ts";
import { httpProbe } from "./http.ts";

const servers = new HttpServers();

afterEach(() => servers.close());

describe("an answer", () => {
  test("is measured by status, time, headers, body and the members of its JSON", async () => {
    const url = await servers.serve((_, response) => {
      response.writeHead(503, { "Content-Type": "application/json", "Set-Cookie": ["a=1", "b=2"] });
      response.end('{"error":{"code":7,"fatal":false},"items":[{"id":"x"}],"none":null}');
    });

    const { measures, failure } = await askOnce(httpProbe, { url });

    expect(failure).toBeUndefined();
    expect(measures).toMatchObject({
      statusCode: 503,
      body: expect.stringContaining('"code":7'),
      "header.content-type": "application/json",
      "header.set-cookie": "a=1,b=2",
      "json.error.code": 7,
      "json.error.fatal": false,
      "json.items.0.id": "x",
      "json.items.length": 1,
      "json.none": null,
    });
    expect(measures["responseTimeMs"]).toBeTypeOf("number");
  });

  test("that lacks what was asked for says what it has", async () => {
    const url = await servers.serve((_, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.end('{"state":"ok"}');
    });
    const page = await servers.serve((_, response) => response.end("<html>"));

    const { missing } = await askOnce(httpProbe, { url });

    expect(missing).toBe(
      "the answer (200) has none: its headers are content-type, date, connection, transfer-encoding, its body is JSON with json.state",
    );
    expect((await askOnce(httpProbe, { url: page })).missing).toContain("its body is no JSON");
  });

  test("that leads elsewhere is the answer", async () => {
    const asked: string[] = [];
    const url = await servers.serve(({ url: path = "" }, response) => {
      asked.push(path);
      response.writeHead(302, { location: "/elsewhere" }).end();
    });

    const { measures } = await askOnce(httpProbe, { url });

    expect(measures).toMatchObject({ statusCode: 302, "header.location": "/elsewhere", body: "" });
    expect(asked).toEqual(["/"]);
  });

  test.each([
    ["gzip", gzipSync],
    ["x-gzip", gzipSync],
    ["deflate", deflateSync],
    ["deflate", deflateRawSync],
    ["br", brotliCompressSync],
  ])("that is packed as %s is unpacked", async (encoding, pack) => {
    const url = await servers.serve((_, response) => {
      response.writeHead(200, { "content-encoding": encoding }).end(pack('{"state":"ok"}'));
    });

    expect((await askOnce(httpProbe, { url })).measures).toMatchObject({ "json.state": "ok" });
  });

  test.each(["identity", "gzip", "br"])(
    "of 3 MiB, sent as %s, is read for its first MiB",
    async (encoding) => {
      const all = Buffer.alloc(3 * 1024 * 1024, "a");
      const sent = encoding === "gzip" ? gzipSync(all) : encoding === "br" ? brotliCompressSync(all) : all;
      const url = await servers.serve((_, response) => {
        response.writeHead(200, encoding === "identity" ? {} : { "content-encoding": encoding }).end(sent);
      });

      const { measures, missing } = await askOnce(httpProbe, { url });

      expect(String(measures["body"])).toHaveLength(1024 * 1024);
      expect(missing).toContain("too long to be read as JSON");
    },
  );

  test("that says gzip and is none is a failure, and an empty one is not", async () => {
    const url = await servers.serve(({ method }, response) => {
      response.writeHead(200, { "content-encoding": "gzip" }).end(method === "HEAD" ? "" : "plain");
    });

    expect((await askOnce(httpProbe, { url })).failure).toContain("incorrect header check");
    expect((await askOnce(httpProbe, { url, method: "HEAD" })).measures).toMatchObject({ body: "" });
  });
});

describe("a request", () => {
  test("carries method, headers and body", async () => {
    const url = await servers.serve((request, response) => {
      const { method, headers } = request;
      void textOf(request).then((body) => response.end(JSON.stringify({ method, headers, body })));
    });

    const { measures } = await askOnce(
      httpProbe,
      {
        url,
        method: "PUT",
        headers: { "X-Tries": 3, Host: "orders.example.com", "x-api-key": { secret: "key" } },
        body: "naïve",
      },
      probeIo({ secrets: { key: "k-1" } }),
    );

    expect(measures).toMatchObject({
      "json.method": "PUT",
      "json.headers.x-tries": "3",
      "json.headers.host": "orders.example.com",
      "json.headers.x-api-key": "k-1",
      "json.headers.content-length": "6",
      "json.body": "naïve",
    });
  });

  test.each([
    [
      { type: "basic", username: "ann", password: "pw" },
      `Basic ${Buffer.from("ann:open: sésame").toString("base64")}`,
    ],
    [{ type: "bearer", token: "token" }, "Bearer abc"],
  ])("names who asks by a secret: %j", async (auth, sent) => {
    const url = await servers.serve(({ headers }, response) => response.end(headers.authorization));

    const io = probeIo({ secrets: { pw: "open: sésame", token: "abc" } });

    expect((await askOnce(httpProbe, { url, auth }, io)).measures).toMatchObject({ body: sent });
  });

  test("without its secret is an error, and so is a secret that no header can hold", async () => {
    const auth = { type: "bearer", token: "token" };
    const url = await servers.serve((_, response) => response.end());

    await expect(askOnce(httpProbe, { url, auth })).rejects.toThrow('There is no secret "token".');
    await expect(askOnce(httpProbe, { url, auth }, probeIo({ secrets: { token: "a\nb" } }))).rejects.toThrow(
      'The header "authorization" cannot be sent',
    );
  });

  test("has a connection of its own", async () => {
    const ports = new Set<number | undefined>();
    const url = await servers.serve(({ socket }, response) => {
      ports.add(socket.remotePort);
      response.end();
    });

    await askOnce(httpProbe, { url });
    await askOnce(httpProbe, { url });

    expect(ports.size).toBe(2);
  });
});

describe("no answer is a failure, no error", () => {
  test("where nobody listens", async () => {
    const url = await servers.serve(() => undefined);
    const { port } = new URL(url);
    await servers.close();

    const { measures, failure } = await askOnce(httpProbe, { url });

    expect(measures).toEqual({});
    expect(failure).toBe(`127.0.0.1:${port} did not answer: connect ECONNREFUSED 127.0.0.1:${port}`);
    expect((await askOnce(httpProbe, { url: `http://localhost:${port}` })).failure).toContain("ECONNREFUSED");
  });

  test("where the name is nobody's", async () => {
    // One that no network is asked for.
    const { failure } = await askOnce(httpProbe, { url: "http://nobody..invalid/orders" });

    expect(failure).toMatch(/^nobody\.\.invalid did not answer: getaddrinfo E\w+ nobody\.\.invalid$/);
  });

  test("where the connection is reset at once", async () => {
    const url = await servers.serve(({ socket }) => socket.resetAndDestroy());

    expect((await askOnce(httpProbe, { url })).failure).toMatch(/did not answer: .*(ECONNRESET|EPIPE)/);
  });

  test("where the answer breaks off", async () => {
    const url = await servers.serve((_, response) => {
      response.writeHead(200, { "content-length": 100 });
      response.write("half", () => response.destroy());
    });

    expect((await askOnce(httpProbe, { url })).failure).toContain("aborted");
  });

  test("where what comes is no HTTP", async () => {
    const url = await servers.serve(({ socket }) => socket.end("SSH-2.0-OpenSSH_9.2\r\n"));

    expect((await askOnce(httpProbe, { url })).failure).toContain("HPE_");
  });

  test("where the server hangs, until it is no longer waited for", async () => {
    const controller = new AbortController();
    const url = await servers.serve((_, response) => {
      response.write("half");
      controller.abort();
    });

    const { failure } = await askOnce(httpProbe, { url }, probeIo({ signal: controller.signal }));

    expect(failure).toContain("aborted");
  });
});

test.each([
  [{ url: "ftp://a" }, "must be a URL that begins with http:// or https://"],
  [
    { url: "http://ann:pw@a" },
    "must not hold a user or a password: use `auth`, which names a secret of the store",
  ],
  [{ url: "http://a", tls: {} }, "must begin with https:// where `tls` is given"],
  [{ url: "https://a", tls: { cert: "c" } }, "must have both `cert` and `key`, or neither"],
  [{ url: "https://a", tls: { serverName: "10.0.0.1" } }, "must be a host name"],
  [
    { url: "http://a", headers: { Authorization: "x" } },
    "must not stand here: use `auth`, which names a secret",
  ],
  [
    { url: "http://a", headers: { "a b": "x" } },
    "must be a header: no blanks in its name, no line breaks in its text",
  ],
  [
    { url: "http://a", headers: { a: "x\ny" } },
    "must be a header: no blanks in its name, no line breaks in its text",
  ],
  [{ url: "http://a", headers: { a: [] } }, "must be a text or {secret: NAME}"],
  [{ url: "http://a", method: "GTE" }, "must be a method like GET or POST"],
  [
    { url: "http://a", auth: { type: "digest" } },
    "must be {type: basic, username, password} or {type: bearer, token}",
  ],
  [
    { url: "http://a", auth: { type: "bearer", token: "ey.J/9" } },
    "must be the name of a secret in the store, not the secret itself",
  ],
])("settings %j are refused", (settings, message) => {
  const messages = httpProbe.settings.safeParse(settings).error?.issues.map((issue) => issue.message);

  expect(messages).toEqual([message]);
});
