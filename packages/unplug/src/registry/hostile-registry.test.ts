import { describe, expect, it } from "vitest";
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
  serve,
  sha256,
  short,
} from "./server-for-test.ts";

describe("what is read", () => {
  it("is refused where it is not what its digest says", async () => {
    const { registry } = await registryThat((response) =>
      answer(response, 200, { "content-type": OCI }, "something else"),
    );
    const wrong = { code: "WrongDigest", outcome: "unknown" };
    expect(await failure(registry.manifest("r", sha256(MANIFEST)))).toMatchObject(wrong);
    expect(await failure(registry.smallBlob(blob(MANIFEST)))).toMatchObject(wrong);
    const all = registry.streamBlob(blob(MANIFEST), async (chunks) => {
      for await (const chunk of chunks) expect(chunk.length).toBeGreaterThan(0);
    });
    expect(await failure(all)).toMatchObject(wrong);
    const sized = registry.smallBlob({ ...blob("something else"), size: 3 });
    expect(await failure(sized)).toMatchObject({ code: "WrongSize" });
  });

  it("is refused where the registry itself names another digest", async () => {
    const { registry } = await registryThat((response) =>
      answer(response, 200, { "content-type": OCI, "docker-content-digest": sha256("x") }, MANIFEST),
    );
    const error = await failure(registry.manifest("r", "v1"));
    expect(error.code).toBe("WrongDigest");
    expect(error.message).toContain(sha256("x"));
    expect(error.message).toContain(sha256(MANIFEST));
  });

  it("is refused where it is cut off, after some tries", async () => {
    const { registry, heard } = await registryThat((response) => {
      response.writeHead(200, { "content-length": "1000" });
      response.write("only this", () => response.destroy());
    });
    const error = await failure(registry.smallBlob(blob("x".repeat(1000))));
    expect(error).toMatchObject({ code: "ECONNRESET", outcome: "unknown" });
    expect(error.message).toContain("cut off");
    expect(heard).toHaveLength(3);
  });

  it.each([
    ["says that it is", (told: number) => ({ "content-length": String(told) })],
    ["is, and does not say so", () => ({})],
  ])("is refused where it %s too large", async (_, headers) => {
    const { registry, heard } = await registryThat((response) => {
      response.writeHead(200, { "content-type": OCI, ...headers(9_000_000) });
      const more = () =>
        void (response.destroyed || response.write("x".repeat(65_536), () => setImmediate(more)));
      more();
    });
    expect(await failure(registry.manifest("r", "v1"))).toMatchObject({ code: "TooLarge" });
    expect(await failure(registry.smallBlob(blob("x")))).toMatchObject({ code: "TooLarge" });
    expect(heard).toHaveLength(2);
    const large = { repository: "r", digest: sha256("x"), size: 5_000_000 };
    expect(await failure(registry.smallBlob(large))).toMatchObject({ code: "TooLarge" });
    expect(heard).toHaveLength(2);
  });

  it("is refused where it is no manifest but a page", async () => {
    const { registry } = await registryThat((response) =>
      answer(response, 200, { "content-type": "text/html" }, "<html>Log in</html>"),
    );
    const error = await failure(registry.manifest("r", "v1"));
    expect(error.message).toMatch(/answered "text\/html", and an image's manifest .* was expected/);
  });
});

describe("a redirect", () => {
  it("is followed to another host without authorization", async () => {
    const elsewhere = await serve((response) => answer(response, 200, {}, "the blob"));
    const { registry, heard } = await registryThat((response) =>
      answer(response, 307, { location: `http://localhost:${elsewhere.port}/signed?token=1` }),
    );
    await registry.smallBlob(blob("the blob"));
    expect(heard[0]?.authorization).toMatch(/^Basic /);
    expect(elsewhere.heard).toMatchObject([{ what: "GET /signed?token=1", authorization: undefined }]);
  });

  it("that does not end is left", async () => {
    const { registry, heard } = await registryThat((response, { what }) =>
      answer(response, 302, { location: `${what.slice(4)}x` }),
    );
    const error = await failure(registry.smallBlob(blob("x")));
    expect(error).toMatchObject({ code: "Redirected" });
    expect(error.message).toContain("more than 5 times");
    expect(heard).toHaveLength(6);
  });

  it.each(["", "ftp://127.0.0.1/x", "http://"])("to %j is not followed", async (location) => {
    const { registry } = await registryThat((response) =>
      answer(response, 302, location === "" ? {} : { location }),
    );
    expect(await failure(registry.manifest("r", "v1"))).toMatchObject({ code: "Redirected" });
  });

  it("of a write is not followed", async () => {
    const elsewhere = await serve((response) => answer(response, 201));
    const { registry } = await registryThat((response) =>
      answer(response, 307, { location: `${elsewhere.url}/v2/r/manifests/v1` }),
    );
    const error = await failure(registry.putManifest(aManifest));
    expect(error).toMatchObject({ code: "Redirected", outcome: "unknown" });
    expect(elsewhere.heard).toEqual([]);
  });
});

describe("credentials", () => {
  const challenge = (realm: string) => ({
    "www-authenticate": `Bearer realm="${realm}",service="a, b",scope="repository:r:pull"`,
  });

  it("are refused for ever only once", async () => {
    const { registry, heard } = await registryThat((response, { what }) => {
      if (what.startsWith("GET /token")) answer(response, 200, {}, '{"token":"t"}');
      else answer(response, 401, challenge(`http://${response.req.headers.host}/token`));
    });
    const error = await failure(registry.manifest("r", "v1"));
    expect(error).toMatchObject({ code: "UNAUTHORIZED", outcome: "refused", status: 401 });
    expect(heard.map(({ authorization }) => authorization?.slice(0, 8))).toEqual([
      "Basic QV",
      "Basic QV",
      "Bearer t",
    ]);
  });

  it("that Basic does not take are not tried again", async () => {
    const { registry, heard } = await registryThat((response) =>
      answer(response, 401, { "www-authenticate": 'Basic realm="x"' }),
    );
    expect(await failure(registry.manifest("r", "v1"))).toMatchObject({ code: "UNAUTHORIZED" });
    expect(heard).toHaveLength(1);
  });

  it("get a token, which is kept; another host is not shown the password", async () => {
    const tokens = await serve((response) => answer(response, 200, {}, '{"access_token":"abc"}'));
    const { registry, heard } = await registryThat((response, { authorization }) => {
      if (authorization === "Bearer abc") answer(response, 200, { "content-type": OCI }, MANIFEST);
      else answer(response, 401, challenge(`http://localhost:${tokens.port}/token`));
    });
    await registry.manifest("r", "v1");
    await registry.manifest("r", "v1");
    expect(heard).toHaveLength(3);
    expect(tokens.heard).toMatchObject([
      { what: "GET /token?service=a%2C+b&scope=repository%3Ar%3Apull", authorization: undefined },
    ]);
  });

  it.each(["nonsense", "file:///etc/passwd"])("are not taken to %s", async (realm) => {
    const { registry } = await registryThat((response) => answer(response, 401, challenge(realm)));
    expect(await failure(registry.manifest("r", "v1"))).toMatchObject({ code: "UNAUTHORIZED" });
  });
});

describe("a registry that has no time", () => {
  it("for ever is left after some tries", async () => {
    const { registry, heard } = await registryThat((response) =>
      refuse(response, 429, "TOOMANYREQUESTS", "later"),
    );
    const error = await failure(registry.manifest("r", "v1"));
    expect(error).toMatchObject({ code: "TOOMANYREQUESTS", status: 429, outcome: "refused" });
    expect(heard).toHaveLength(3);
  });

  it("for longer than anybody waits is left at once", async () => {
    const { registry, heard } = await registryThat((response) =>
      answer(response, 429, { "retry-after": "3600" }),
    );
    expect(await failure(registry.manifest("r", "v1"))).toMatchObject({ status: 429 });
    expect(heard).toHaveLength(1);
  });

  it.each([
    ["seconds", () => ({ "retry-after": "0" })],
    [
      "a date",
      () => ({ date: "Thu, 01 Jan 2026 00:00:00 GMT", "retry-after": "Thu, 01 Jan 2026 00:00:00 GMT" }),
    ],
  ])("is asked again when it says so in %s", async (_, headers) => {
    let asked = 0;
    const { registry } = await registryThat((response) => {
      asked += 1;
      if (asked < 3) answer(response, asked === 1 ? 429 : 503, headers());
      else answer(response, 200, { "content-type": OCI }, MANIFEST);
    });
    expect((await registry.manifest("r", "v1")).digest).toBe(sha256(MANIFEST));
  });

  it("is not waited for when the caller gives up", async () => {
    const end = new AbortController();
    const { registry } = await registryThat((response) => {
      answer(response, 429, { "retry-after": "4" });
      end.abort();
    });
    expect(await failure(registry.manifest("r", "v1", end.signal))).toMatchObject({ code: "Aborted" });
  });

  it("and is silent is left, as is one that never comes to an end", async () => {
    // Long enough to connect on a machine that is busy: until then it would be the connection that is silent.
    const silent = await registryThat(() => undefined, { idleMs: 500 });
    const error = await failure(silent.registry.manifest("r", "v1"));
    expect(error).toMatchObject({ code: "Late", outcome: "unknown", status: null });
    expect(error.message).toContain("silent for 0.5 s");
    const slow = await registryThat(
      (response) => {
        response.writeHead(200, { "content-type": OCI });
        const more = () => void (response.destroyed || response.write("x", () => setTimeout(more, 5)));
        more();
      },
      { totalMs: 100 },
    );
    expect(await failure(slow.registry.manifest("r", "v1"))).toMatchObject({ code: "Late" });
  });

  it("and takes no connections was sent nothing", async () => {
    const registry = openRegistry("http://127.0.0.1:1", null, short);
    expect(await failure(registry.putManifest(aManifest))).toMatchObject({
      code: "ECONNREFUSED",
      outcome: "unsent",
    });
  });
});

it.each([
  ["../../secrets", "v1"],
  ["r", "v1/../../x"],
  ["R", "v1"],
  ["r", "sha512:00"],
  ["r?x=1", "v1"],
])("the manifest %s of %s is not asked for, since these are no names", async (repository, reference) => {
  const { registry, heard } = await registryThat((response) => answer(response, 200));
  expect(await failure(registry.manifest(repository, reference))).toMatchObject({
    code: "BadName",
    outcome: "unsent",
  });
  expect(heard).toEqual([]);
});
