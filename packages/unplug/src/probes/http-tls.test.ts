import type { ServerOptions } from "node:https";
import { join } from "node:path";
import { afterEach, beforeAll, describe, expect } from "vitest";
import { Authority, type Pair } from "../../../../test/support/certificates.ts";
import { HttpServers } from "../../../../test/support/http-servers.ts";
import { needs } from "../../../../test/support/needs.ts";
import { askOnce } from "../../../../test/support/probe-io.ts";
import { httpProbe } from "./http.ts";

const servers = new HttpServers();

afterEach(() => servers.close());

describe("TLS", () => {
  const openssl = needs("openssl");
  let authority: Authority;
  let server: Pair;
  let client: Pair;

  beforeAll(async () => {
    if (openssl.path === null) return;
    authority = await Authority.make(openssl.path);
    [server, client] = await Promise.all([authority.sign("orders.example.com"), authority.sign("probe")]);
    return () => authority[Symbol.asyncDispose]();
  });

  function serveTls(options: ServerOptions = {}): Promise<string> {
    const all = { cert: server.cert, key: server.key, ...options };
    return servers.serveTls(all, (_, response) => response.end("trusted"));
  }

  const serverName = "orders.example.com";

  openssl.test("trusts a server by its authority and its name", async () => {
    const url = await serveTls();
    const ca = authority.own.certFile;

    expect(await askOnce(httpProbe, { url, tls: { ca, serverName } })).toMatchObject({
      measures: { statusCode: 200, body: "trusted" },
    });
    expect((await askOnce(httpProbe, { url, tls: { ca } })).failure).toContain("does not match certificate");
    expect(
      (await askOnce(httpProbe, { url, tls: { ca, serverName: "other.example.com" } })).failure,
    ).toContain("Host: other.example.com. is not in the cert's altnames");
  });

  openssl.test("a certificate that no caller would trust is a failure, unless nobody minds", async () => {
    const url = await serveTls();

    expect((await askOnce(httpProbe, { url })).failure).toContain("unable to verify the first certificate");
    expect(await askOnce(httpProbe, { url, tls: { insecureSkipVerify: true } })).toMatchObject({
      measures: { body: "trusted" },
    });
  });

  openssl.test("shows a certificate of its own", async () => {
    const url = await serveTls({ ca: authority.own.cert, requestCert: true, rejectUnauthorized: true });
    const tls = { ca: authority.own.certFile, serverName };

    expect((await askOnce(httpProbe, { url, tls })).failure).toMatch(/alert|ECONNRESET|EPIPE|disconnected/);
    const shown = { ...tls, cert: client.certFile, key: client.keyFile };
    expect(await askOnce(httpProbe, { url, tls: shown })).toMatchObject({ measures: { body: "trusted" } });
  });

  openssl.test("files that cannot be read, or hold something else, are errors", async () => {
    const url = await serveTls();
    const { own } = authority;
    const ask = (tls: object) => askOnce(httpProbe, { url, tls });

    await expect(ask({ ca: join(authority.folder, "none.pem") })).rejects.toThrow("ENOENT");
    await expect(ask({ ca: own.keyFile })).rejects.toThrow(
      `tls.ca: ${own.keyFile} holds no certificate in PEM`,
    );
    await expect(ask({ cert: client.certFile, key: server.keyFile })).rejects.toThrow(
      "are no certificate and its key",
    );
  });

  openssl.test("with a server that speaks none is a failure", async () => {
    const url = await servers.serve((_, response) => response.end());

    expect((await askOnce(httpProbe, { url: url.replace("http:", "https:") })).failure).toMatch(
      /wrong version number|packet length/,
    );
  });
});
