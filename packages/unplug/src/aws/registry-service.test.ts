import { createHash } from "node:crypto";
import { startSandbox } from "@unplug/sandbox";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { isDenied, isMissing, isPassing, isThrottled, isUnreadable } from "../contract/aws.ts";
import { makeLayer } from "../image/index.ts";
import { endpointFor, failure } from "./endpoint-for-test.ts";
import { sdkAws } from "./sdk-aws.ts";

const awsAt = (endpoint: string, now = Date.now) =>
  sdkAws({
    region: "us-east-1",
    endpoint,
    newProvider: () => () => Promise.resolve({ accessKeyId: "a", secretAccessKey: "b" }),
    now,
    maxAttempts: 1,
    customUserAgent: [],
  });
const sha256 = (bytes: Uint8Array) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

describe("images in ECR", async () => {
  const sandbox = await startSandbox({ timing: "none" });
  afterAll(() => sandbox.close());
  afterEach(() => sandbox.cloud.switches.set({ deny: [] }));
  const { account } = await identity();
  const aws = awsAt(sandbox.url);
  const repository = { registryId: account, repositoryName: "team/orders" };
  await sandbox.cloud.call(
    "ecr:CreateRepository",
    { repositoryName: repository.repositoryName },
    { region: "us-east-1" },
  );

  async function identity() {
    const { Account } = await awsAt(sandbox.url).call("sts:GetCallerIdentity", {});
    return { account: Account };
  }

  const layer = makeLayer([{ path: "/opt/app", mode: 0o755, content: Buffer.from("program") }]);
  const config = Buffer.from(
    JSON.stringify({ architecture: "amd64", os: "linux", rootfs: { diff_ids: [layer.diffId] } }),
  );
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      config: {
        mediaType: "application/vnd.oci.image.config.v1+json",
        size: config.length,
        digest: sha256(config),
      },
      layers: [
        {
          mediaType: "application/vnd.oci.image.layer.v1.tar+gzip",
          size: layer.bytes.length,
          digest: layer.digest,
        },
      ],
    }),
  );
  const mediaType = "application/vnd.oci.image.manifest.v1+json";

  it("are pushed, read, described and deleted through the one port", async () => {
    const blob = { ...repository, digest: layer.digest };
    await aws.call("registry:PutBlob", { ...blob, body: layer.bytes });
    await aws.call("registry:PutBlob", { ...repository, digest: sha256(config), body: config });
    const put = { ...repository, reference: "v1", manifest, mediaType };
    expect(await aws.call("registry:PutManifest", put)).toEqual({ digest: sha256(manifest) });

    const read = await aws.call("registry:GetManifest", { ...repository, reference: "v1" });
    expect(read).toEqual({ manifest, mediaType, digest: sha256(manifest) });
    const { body } = await aws.call("registry:GetBlob", {
      ...repository,
      digest: sha256(config),
      size: config.length,
    });
    expect(Buffer.from(body)).toEqual(config);
    const { entries } = await aws.call("registry:FindFiles", { ...blob, paths: ["/opt/app"] });
    expect(entries).toMatchObject([
      { path: "/opt", kind: "folder" },
      { path: "/opt/app", size: 7 },
    ]);

    const imageIds = [{ imageTag: "v1" }];
    const described = await aws.call("ecr:DescribeImages", { ...repository, imageIds });
    expect(described.imageDetails).toMatchObject([{ imageDigest: sha256(manifest), imageTags: ["v1"] }]);
    await aws.call("ecr:BatchDeleteImage", { ...repository, imageIds });
    const gone = await failure(aws.call("registry:GetManifest", { ...repository, reference: "v1" }));
    expect(gone).toMatchObject({ code: "ImageNotFoundException", outcome: "refused" });
    expect(isMissing(gone)).toBe(true);
  });

  it("say by ECR's own codes what is missing and what is not permitted", async () => {
    const nowhere = { registryId: account, repositoryName: "nowhere", reference: "v1" };
    const none = await failure(aws.call("registry:GetManifest", nowhere));
    expect(none.code).toBe("RepositoryNotFoundException");
    expect(isMissing(none)).toBe(true);
    sandbox.cloud.switches.set({ deny: ["ecr:PutImage"] });
    const put = { ...repository, reference: "v2", manifest, mediaType };
    const denied = await failure(aws.call("registry:PutManifest", put));
    expect(isDenied(denied)).toBe(true);
    expect(denied).toMatchObject({ outcome: "refused", status: 403 });
  });

  it("are told from what is no layer, which is not read again and again", async () => {
    const body = Buffer.from("this is no archive ".repeat(100));
    const blob = { ...repository, digest: sha256(body) };
    await aws.call("registry:PutBlob", { ...blob, body });
    const error = await failure(aws.call("registry:FindFiles", { ...blob, paths: ["/opt/app"] }));
    expect(error).toMatchObject({
      code: "UnreadableLayer",
      message: expect.stringContaining("no tar archive"),
    });
    expect(isPassing(error)).toBe(false);
  });

  it("are not reached without leave to get a token", async () => {
    sandbox.cloud.switches.set({ deny: ["ecr:GetAuthorizationToken"] });
    const fresh = awsAt(sandbox.url);
    const denied = await failure(fresh.call("registry:GetManifest", { ...repository, reference: "v1" }));
    expect(isDenied(denied)).toBe(true);
    expect(denied.message).toContain("ecr:GetAuthorizationToken");
  });

  it("are opened by a token that no caller is given", async () => {
    const { authorizationData } = await aws.call("ecr:GetAuthorizationToken", {});
    expect(authorizationData).toEqual([
      { proxyEndpoint: expect.stringMatching(/^https?:/), expiresAt: expect.any(Number) },
    ]);
  });
});

describe("a registry behind a token", () => {
  const repository = { registryId: "123456789012", repositoryName: "r", reference: "v1" };

  const type = "application/vnd.oci.image.manifest.v1+json";
  const fine = { status: 200, body: "{}", type };
  const problem = (code: string, message = "") => JSON.stringify({ errors: [{ code, message }] });
  const EXPIRED = "Your authorization token has expired. Reauthenticate and try again.";

  /** ECR whose tokens are numbered, and a registry that answers as it is told. */
  async function ecrThat(
    answer: (authorization: string, method: string) => { status: number; body: string; type?: string },
    {
      now = Date.now,
      end = () => 4_000_000_000,
    }: { now?: () => number; end?: () => number | undefined } = {},
  ) {
    let tokens = 0;
    const ecr = { isDown: false };
    const { endpoint, asked } = await endpointFor((response, request) => {
      if (request.headers["x-amz-target"] !== undefined) {
        if (ecr.isDown) return void response.destroy();
        tokens += 1;
        const authorizationToken = Buffer.from(`AWS:token-${tokens}`).toString("base64");
        const given = { authorizationToken, expiresAt: end(), proxyEndpoint: endpoint };
        response.writeHead(200, { "content-type": "application/x-amz-json-1.1" });
        response.end(JSON.stringify({ authorizationData: [given] }));
        return;
      }
      const sent = Buffer.from((request.headers.authorization ?? "").slice("Basic ".length), "base64");
      const { status, body, type = "application/json" } = answer(sent.toString(), request.method ?? "");
      response.writeHead(status, { "content-type": type }).end(body);
    });
    return { aws: awsAt(endpoint, now), asked, ecr, tokens: () => tokens };
  }

  it.each([
    ["401", 401, ""],
    ["ECR's 403", 403, problem("DENIED", EXPIRED)],
    [
      "an older ECR's 403",
      403,
      "Your Authorization Token has expired. Please run 'aws ecr get-login' to fetch a new one.",
    ],
    [
      "an older ECR's 403, as JSON",
      403,
      JSON.stringify(
        "Your Authorization Token has expired. Please run 'aws ecr get-login' to fetch a new one.",
      ),
    ],
    [
      "403 for keys that are gone",
      403,
      problem("DENIED", "The security token included in the request is invalid."),
    ],
  ])("is opened anew when the token has become too old, once: %s", async (_what, status, body) => {
    const known = await ecrThat((sent) => (sent === "AWS:token-2" ? fine : { status, body }));
    expect((await known.aws.call("registry:GetManifest", repository)).mediaType).toBe(type);
    await known.aws.call("registry:GetManifest", repository);
    expect(known.tokens()).toBe(2);
    const never = await ecrThat(() => ({ status, body }));
    const error = await failure(never.aws.call("registry:GetManifest", repository));
    expect(error).toMatchObject({ status, outcome: "refused" });
    expect(isDenied(error)).toBe(false);
    expect(never.tokens()).toBe(2);
  });

  it("is opened anew once for what is sent to it, too, where the first answer has no words", async () => {
    const world = await ecrThat((sent, method) => {
      if (sent === "AWS:token-1")
        return { status: 403, body: method === "HEAD" ? "" : problem("DENIED", EXPIRED) };
      return { status: method === "HEAD" ? 200 : 500, body: "" };
    });
    const { registryId, repositoryName } = repository;
    const body = Buffer.from("layer");
    await world.aws.call("registry:PutBlob", { registryId, repositoryName, digest: sha256(body), body });
    expect(world.tokens()).toBe(2);
  });

  it("is not opened anew for a caller without permission, nor for somebody else's page", async () => {
    const no = "User: arn:aws:iam::123456789012:user/me is not authorized to perform: ecr:BatchGetImage";
    const denied = await ecrThat(() => ({ status: 403, body: problem("DENIED", no) }));
    expect(isDenied(await failure(denied.aws.call("registry:GetManifest", repository)))).toBe(true);
    expect(denied.tokens()).toBe(1);
    const page = await ecrThat(() => ({
      status: 403,
      body: "<html>Your token has expired",
      type: "text/html",
    }));
    const put = { ...repository, manifest: Buffer.from("{}"), mediaType: "x/y" };
    const unread = await failure(page.aws.call("registry:PutManifest", put));
    expect(unread).toMatchObject({ code: "UnreadableAnswer", status: 403, outcome: "unknown" });
    expect(page.tokens()).toBe(1);
  });

  it("is opened anew before the token's end, and by one that is still good where ECR gives none", async () => {
    let now = 1_000_000_000_000;
    const hours = 3_600_000;
    const end = () => (now + 12 * hours) / 1000;
    const { aws, ecr, tokens, asked } = await ecrThat(() => fine, { now: () => now, end });
    const signer = async () => {
      await aws.call("registry:GetManifest", repository);
      const { authorization = "" } = asked.findLast(({ method }) => method === "GET")?.headers ?? {};
      return Buffer.from(authorization.slice("Basic ".length), "base64").toString();
    };
    expect([await signer(), await signer()]).toEqual(["AWS:token-1", "AWS:token-1"]);
    now += 12 * hours - 60_000;
    ecr.isDown = true;
    expect(await signer()).toBe("AWS:token-1");
    await vi.waitFor(() => expect(asked.filter(({ method }) => method === "POST")).toHaveLength(2), 20_000);
    ecr.isDown = false;
    await vi.waitFor(async () => expect(await signer()).toBe("AWS:token-2"), 20_000);
    expect(tokens()).toBe(2);
    now += 13 * hours;
    expect(await signer()).toBe("AWS:token-3");
  });

  it("keeps a token of which nothing says the end", async () => {
    const { aws, tokens } = await ecrThat(() => fine, { end: () => undefined });
    for (let i = 0; i < 3; i += 1) await aws.call("registry:GetManifest", repository);
    expect(tokens()).toBe(1);
  });

  it("is told apart by what it answers", async () => {
    const put = { ...repository, manifest: Buffer.from("{}"), mediaType: "x/y" };
    const taken = await ecrThat(() => ({
      status: 400,
      body: problem("TAG_INVALID", "The image tag 'v1' already exists and the tag is immutable."),
    }));
    expect(await failure(taken.aws.call("registry:PutManifest", put))).toMatchObject({
      code: "ImageTagAlreadyExistsException",
      outcome: "refused",
    });
    const page = await ecrThat(() => ({ status: 200, body: "<html>", type: "text/html" }));
    expect(isUnreadable(await failure(page.aws.call("registry:GetManifest", repository)))).toBe(true);
    const busy = await ecrThat(() => ({ status: 429, body: problem("TOOMANYREQUESTS") }));
    expect(isThrottled(await failure(busy.aws.call("registry:GetManifest", repository)))).toBe(true);
  });

  it("may have stored what it was sent when the answer is cut off", async () => {
    const { endpoint } = await endpointFor((response, request) => {
      if (request.headers["x-amz-target"] === undefined) return void response.destroy();
      const authorizationToken = Buffer.from("AWS:x").toString("base64");
      response.end(JSON.stringify({ authorizationData: [{ authorizationToken, proxyEndpoint: endpoint }] }));
    });
    const put = { ...repository, manifest: Buffer.from("{}"), mediaType: "x/y" };
    expect(await failure(awsAt(endpoint).call("registry:PutManifest", put))).toMatchObject({
      code: "ECONNRESET",
      status: null,
      outcome: "unknown",
    });
  });

  it("was sent nothing when there was no token", async () => {
    const { endpoint } = await endpointFor((response) => response.destroy());
    const put = { ...repository, manifest: Buffer.from("{}"), mediaType: "x/y" };
    expect(await failure(awsAt(endpoint).call("registry:PutManifest", put))).toMatchObject({
      outcome: "unsent",
    });
  });
});
