import { globalAgent } from "node:https";
import { expect, onTestFinished } from "vitest";
import { Authority } from "../../../../test/support/certificates.ts";
import { HttpServers } from "../../../../test/support/http-servers.ts";
import { needs } from "../../../../test/support/needs.ts";
import { openRegistry } from "./index.ts";
import { aManifest, failure, MANIFEST, OCI, serve, sha256, short } from "./server-for-test.ts";

needs("openssl").test(
  "a registry behind TLS is trusted by its certificate, and never sends anybody back to plain HTTP",
  async (openssl) => {
    await using authority = await Authority.make(openssl);
    const { cert, key } = await authority.sign("localhost");
    const plain = await serve((response) => response.end("x"));
    const servers = new HttpServers();
    onTestFinished(() => servers.close());
    const at = await servers.serveTls({ cert, key }, (request, response) => {
      const location = `http://localhost:${plain.port}/`;
      if (request.url?.includes("/blobs/") === true) response.writeHead(307, { location }).end();
      else if (request.url?.endsWith("v2") === true) {
        const realm = `Bearer realm="http://localhost:${plain.port}/token"`;
        response.writeHead(401, { "www-authenticate": realm }).end();
      } else response.writeHead(200, { "content-type": OCI }).end(MANIFEST);
    });
    const credentials = { username: "AWS", password: "secret" };
    const registry = openRegistry(at.replace("127.0.0.1", "localhost"), credentials, short);

    const stranger = await failure(registry.putManifest(aManifest));
    expect(stranger.outcome).toBe("unsent");
    expect(stranger.message).toMatch(/certificate/);

    globalAgent.options.ca = authority.own.cert;
    onTestFinished(() => {
      delete globalAgent.options.ca;
    });
    expect((await registry.manifest("r", "v1")).digest).toBe(sha256(MANIFEST));
    const blob = { repository: "r", digest: sha256("x"), size: 1 };
    expect(await failure(registry.smallBlob(blob))).toMatchObject({ code: "Redirected" });
    expect(await failure(registry.manifest("r", "v2"))).toMatchObject({ code: "UNAUTHORIZED" });
    expect(plain.heard).toEqual([]);
  },
);
