import { afterAll, beforeAll, expect, it } from "vitest";
import {
  builtImage,
  loginOf,
  pushImage,
  putImage,
  sha256Of,
} from "../../../../test/support/image-builder.ts";
import { type VirtualCloud, virtualCloud } from "../cloud-for-test.ts";
import { type CloudServer, serveCloud } from "./serve-cloud.ts";

const region = "us-east-1";
const image = builtImage({ layers: [[{ path: "run", body: "#!/bin/sh\n" }]] });
let virtual: VirtualCloud;
let server: CloudServer;
let login: string;

beforeAll(async () => {
  virtual = virtualCloud({ endpoint: () => server.url });
  server = await serveCloud(virtual.cloud, { port: 0 });
  await virtual.call("ecr:CreateRepository", { repositoryName: "cart", imageTagMutability: "IMMUTABLE" });
  await virtual.call("ecr:CreateRepository", { repositoryName: "team/other" });
  login = await loginOf(virtual.cloud, { region });
  await pushImage({ url: server.url, repository: "cart", login }, "v1", image);
});
afterAll(() => server.close());

interface Asked {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly as?: string | null;
}

function ask(
  method: string,
  path: string,
  { headers = {}, body, as = login }: Asked = {},
): Promise<Response> {
  const basic = as === null ? {} : { authorization: `Basic ${Buffer.from(as).toString("base64")}` };
  return fetch(new URL(path, server.url), {
    method,
    headers: { "content-type": "application/octet-stream", ...basic, ...headers },
    redirect: "manual",
    ...(body === undefined ? {} : { body }),
  });
}

async function codeOf(answer: Response): Promise<readonly [number, string]> {
  const { errors } = Object(await answer.json());
  return [answer.status, errors[0].code];
}

it("asks for the token of ECR, and tells one that has ended", async () => {
  for (const as of [null, "AWS:guessed", `other:${login.slice(4)}`]) {
    const answer = await ask("GET", "/v2/", { as });
    expect([answer.status, answer.headers.get("www-authenticate")]).toEqual([
      401,
      `Basic realm="${server.url}/",service="ecr.amazonaws.com"`,
    ]);
  }
  expect((await ask("GET", "/v2/")).status).toBe(200);
  const short = virtualCloud();
  const other = await serveCloud(short.cloud, { port: 0 });
  const authorization = `Basic ${Buffer.from(await loginOf(short.cloud, { region })).toString("base64")}`;
  short.pass(43_200_000);
  const late = await fetch(`${other.url}/v2/`, { headers: { authorization } });
  expect(await codeOf(late)).toEqual([403, "DENIED"]);
  const ended = `Basic ${Buffer.from(await loginOf(short.cloud, { region })).toString("base64")}`;
  short.cloud.registry.endTokens();
  const refused = await fetch(`${other.url}/v2/`, { headers: { authorization: ended } });
  expect([refused.status, await refused.json()]).toEqual([
    403,
    {
      errors: [
        {
          code: "DENIED",
          message: "Your authorization token has expired. Reauthenticate and try again.",
        },
      ],
    },
  ]);
  const next = `Basic ${Buffer.from(await loginOf(short.cloud, { region })).toString("base64")}`;
  expect((await fetch(`${other.url}/v2/`, { headers: { authorization: next } })).status).toBe(200);
  await other.close();
});

it("gives manifests by tag and by digest, in a form that is accepted", async () => {
  for (const reference of ["v1", image.digest]) {
    const answer = await ask("GET", `/v2/cart/manifests/${reference}`);
    expect(answer.headers.get("content-type")).toBe(image.mediaType);
    expect(answer.headers.get("docker-content-digest")).toBe(image.digest);
    expect(sha256Of(Buffer.from(await answer.arrayBuffer()))).toBe(image.digest);
  }
  const head = await ask("HEAD", "/v2/cart/manifests/v1");
  expect([head.status, head.headers.get("content-length")]).toEqual([200, String(image.manifest.length)]);
  const accept = "application/vnd.docker.distribution.manifest.v2+json";
  expect(await codeOf(await ask("GET", "/v2/cart/manifests/v1", { headers: { accept } }))).toEqual([
    404,
    "MANIFEST_UNKNOWN",
  ]);
  expect(await codeOf(await ask("GET", "/v2/none/manifests/v1"))).toEqual([404, "NAME_UNKNOWN"]);
  expect(await (await ask("GET", "/v2/cart/tags/list")).json()).toEqual({ name: "cart", tags: ["v1"] });
});

it("leads to the bytes of a layer, which need no token, whole or in part", async () => {
  const [digest = "", bytes = Buffer.alloc(0)] = [...image.blobs].at(-1) ?? [];
  const head = await ask("HEAD", `/v2/cart/blobs/${digest}`);
  expect([head.status, head.headers.get("content-length")]).toEqual([200, String(bytes.length)]);
  const led = await ask("GET", `/v2/cart/blobs/${digest}`);
  expect(led.status).toBe(307);
  const location = led.headers.get("location") ?? "";
  const get = async (range?: string) => {
    const answer = await ask("GET", location, { as: null, headers: range === undefined ? {} : { range } });
    const got = Buffer.from(await answer.arrayBuffer());
    return [answer.status, answer.headers.get("content-range"), got.toString("latin1")];
  };
  const text = bytes.toString("latin1");
  expect(await get()).toEqual([200, null, text]);
  expect(await get("bytes=3-5")).toEqual([206, `bytes 3-5/${bytes.length}`, text.slice(3, 6)]);
  const last = `bytes ${bytes.length - 4}-${bytes.length - 1}/${bytes.length}`;
  expect(await get("bytes=-4")).toEqual([206, last, text.slice(-4)]);
  expect((await get(`bytes=${bytes.length}-`))[0]).toBe(416);
  expect((await ask("GET", `${location}0`, { as: null })).status).toBe(403);
});

it("takes layers in one piece and in several, and refuses another digest and parts out of order", async () => {
  const digest = sha256Of(Buffer.from("one two"));
  const begin = async () => (await ask("POST", "/v2/cart/blobs/uploads/")).headers.get("location") ?? "";
  const at = await begin();
  const first = await ask("PATCH", at, { body: "one ", headers: { "content-range": "0-3" } });
  expect([first.status, first.headers.get("range")]).toEqual([202, "0-3"]);
  const wrong = await ask("PATCH", at, { body: "two", headers: { "content-range": "9-11" } });
  expect(await codeOf(wrong)).toEqual([416, "BLOB_UPLOAD_INVALID"]);
  const done = await ask("PUT", `${at}?digest=${digest}`, {
    body: "two",
    headers: { "content-range": "4-6" },
  });
  expect([done.status, done.headers.get("docker-content-digest")]).toEqual([201, digest]);
  expect((await ask("POST", `/v2/cart/blobs/uploads/?digest=${digest}`, { body: "one two" })).status).toBe(
    201,
  );
  const other = await ask("PUT", `${await begin()}?digest=${digest}`, { body: "one tww" });
  expect(await codeOf(other)).toEqual([400, "DIGEST_INVALID"]);
  expect(await codeOf(await ask("PUT", `/v2/cart/blobs/uploads/none?digest=${digest}`))).toEqual([
    404,
    "BLOB_UPLOAD_UNKNOWN",
  ]);
});

it("mounts a layer of another repository, or begins an upload where there is none", async () => {
  const [digest = ""] = image.blobs.keys();
  const mount = (from: string) => ask("POST", `/v2/team/other/blobs/uploads/?mount=${digest}&from=${from}`);
  const begun = await mount("none");
  expect([begun.status, begun.headers.get("location")]).toEqual([
    202,
    expect.stringMatching(/^\/v2\/team\/other\/blobs\/uploads\//),
  ]);
  expect((await mount("cart")).status).toBe(201);
  expect((await ask("HEAD", `/v2/team/other/blobs/${digest}`)).status).toBe(200);
});

it("takes a manifest once more, and no other one for a tag that may not change", async () => {
  const put = (tag: string, manifest: string) =>
    ask("PUT", `/v2/cart/manifests/${tag}`, { body: manifest, headers: { "content-type": image.mediaType } });
  const again = await put("v1", image.manifest.toString());
  expect([again.status, again.headers.get("docker-content-digest")]).toEqual([201, image.digest]);
  expect(await codeOf(await put("v1", `${image.manifest.toString()} `))).toEqual([400, "TAG_INVALID"]);
  const lacking = image.manifest.toString().replaceAll(/sha256:[0-9a-f]{8}/g, "sha256:00000000");
  expect(await codeOf(await put("v2", lacking))).toEqual([400, "MANIFEST_BLOB_UNKNOWN"]);
  expect(await codeOf(await put("v2", "no manifest"))).toEqual([400, "MANIFEST_INVALID"]);
  expect(await codeOf(await ask("DELETE", "/v2/cart/manifests/v1"))).toEqual([405, "UNSUPPORTED"]);
});

it("lets the holder of a token do what its policies say, records what they were asked, and fails as switches say", async () => {
  await virtual.call("iam:CreateUser", { UserName: "ann" });
  const Statement = [
    { Effect: "Allow", Action: "ecr:GetAuthorizationToken", Resource: "*" },
    {
      Effect: "Allow",
      Action: "ecr:BatchGetImage",
      Resource: "arn:aws:ecr:us-east-1:000000000000:repository/cart",
    },
  ];
  const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
  await virtual.call("iam:PutUserPolicy", { UserName: "ann", PolicyName: "p", PolicyDocument });
  const { AccessKey } = await virtual.call("iam:CreateAccessKey", { UserName: "ann" });
  const as = await loginOf(virtual.cloud, { region, accessKey: String(Object(AccessKey).AccessKeyId) });
  virtual.cloud.record.clear();
  expect((await ask("GET", "/v2/cart/manifests/v1", { as })).status).toBe(200);
  expect(await codeOf(await ask("GET", "/v2/team/other/manifests/v1", { as }))).toEqual([403, "DENIED"]);
  expect(await codeOf(await ask("POST", "/v2/cart/blobs/uploads/", { as }))).toEqual([403, "DENIED"]);
  const resource = "arn:aws:ecr:us-east-1:000000000000:repository/cart";
  expect(virtual.cloud.record.all().flatMap(({ permissions }) => permissions)).toEqual([
    { action: "ecr:BatchGetImage", resource },
    { action: "ecr:BatchGetImage", resource: resource.replace("/cart", "/team/other") },
    { action: "ecr:InitiateLayerUpload", resource },
  ]);
  virtual.cloud.switches.set({
    fail: [{ action: "ecr:BatchGetImage", count: 1, status: 429, code: "Slow" }],
  });
  expect(await codeOf(await ask("GET", "/v2/cart/manifests/v1"))).toEqual([429, "TOOMANYREQUESTS"]);
  virtual.cloud.switches.set({ lose: [{ action: "ecr:PutImage", when: "after", count: 1 }] });
  await putImage(virtual.cloud, { repository: "team/other", tag: "here", region }, image).catch(
    () => undefined,
  );
  expect((await ask("HEAD", "/v2/team/other/manifests/here")).status).toBe(200);
});
