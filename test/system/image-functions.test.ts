import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Sandbox, startSandbox } from "../../packages/sandbox/src/index.ts";
import { startDockerRegistry } from "../support/docker-registry.ts";
import { builtImage, type ImageFormat, loginOf, pushImage } from "../support/image-builder.ts";
import { type Need, needs, needsAll } from "../support/needs.ts";
import { type ReadyImage, readyImages } from "../support/ready-images.ts";

const region = "us-east-1";
const run = promisify(execFile);
let sandbox: Sandbox;
let greeter: Server;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "unplug-images-test-"));
  sandbox = await startSandbox({ timing: "none" });
  greeter = createServer((socket) => socket.end("hello")).listen(0, "127.0.0.1");
  await once(greeter, "listening");
});

afterAll(async () => {
  await sandbox.close();
  greeter.close();
  await rm(folder, { recursive: true, force: true });
});

function call(action: string, input: object, of = sandbox): Promise<object> {
  return of.cloud.call(action, { ...input }, { region }).then(Object);
}

const uriOf = (repository: string, tag: string) =>
  `000000000000.dkr.ecr.${region}.amazonaws.com/${repository}:${tag}`;

async function make(FunctionName: string, ImageUri: string, of = sandbox): Promise<void> {
  const Role = "arn:aws:iam::000000000000:role/r";
  await call(
    "lambda:CreateFunction",
    { FunctionName, PackageType: "Image", Role, Timeout: 20, Code: { ImageUri } },
    of,
  );
}

/** What the function says of the greeter, and of a port at which nobody listens. */
async function reached(FunctionName: string, of = sandbox): Promise<unknown> {
  const { port } = greeter.address() as AddressInfo;
  const Payload = Buffer.from(JSON.stringify({ host: "127.0.0.1", ports: [port, 1] }));
  const answer = Object(await call("lambda:Invoke", { FunctionName, Payload }, of));
  return JSON.parse(String(answer.Payload));
}

const namespaces = (image: ReadyImage): readonly [Need, ...Need[]] => ["namespaces", ...image.needs];

const all: readonly (readonly [keyof typeof readyImages, ImageFormat, object])[] = [
  ["awsLike", "docker", {}],
  ["ownEntrypoint", "oci", { APP_IMAGE: "yes", APP_STARTED: "yes" }],
  ["musl", "docker", { APP_IMAGE: "yes" }],
  ["withoutShell", "oci", { APP_IMAGE: "yes" }],
  ["go", "oci", { APP_IMAGE: "yes" }],
  ["static", "docker", { APP_IMAGE: "yes" }],
];

for (const [name, format, variables] of all) {
  const image = readyImages[name];
  needsAll(...namespaces(image)).test(
    `an image with ${image.name}, ${format}, runs with its own files, variables and folder`,
    async () => {
      const repository = `shop/${name.toLowerCase()}`;
      await call("ecr:CreateRepository", { repositoryName: repository });
      const place = { url: sandbox.url, repository, login: await loginOf(sandbox.cloud, { region }) };
      await pushImage(place, "v1", builtImage({ ...(await image.parts()), format }));
      await make(name, uriOf(repository, "v1"));
      expect(await reached(name)).toEqual({ reached: ["hello", "ECONNREFUSED"], variables });
    },
    // Go builds its own library first.
    120_000,
  );
}

needsAll("namespaces", "gcc", "bash").test(
  "a function goes its own way past what its image says",
  async () => {
    const repository = "shop/settings";
    await call("ecr:CreateRepository", { repositoryName: repository });
    const place = { url: sandbox.url, repository, login: await loginOf(sandbox.cloud, { region }) };
    await pushImage(place, "v1", builtImage(await readyImages.ownEntrypoint.parts()));
    await make("settings", uriOf(repository, "v1"));
    const change = (input: object) =>
      call("lambda:UpdateFunctionConfiguration", { FunctionName: "settings", ...input });
    await change({
      Environment: { Variables: { APP_IMAGE: "no" } },
      ImageConfig: { EntryPoint: ["/srv/reach"], Command: [] },
    });
    expect(await reached("settings")).toMatchObject({ variables: { APP_IMAGE: "no" } });
    await change({ ImageConfig: { EntryPoint: ["/srv/none"], Command: ["x"] } });
    const { Payload, LogResult } = Object(
      await call("lambda:Invoke", { FunctionName: "settings", LogType: "Tail", Payload: Buffer.from("{}") }),
    );
    expect(JSON.parse(String(Payload))).toMatchObject({
      errorType: "Runtime.InvalidEntrypoint",
      errorMessage: expect.stringMatching(/Error: fork\/exec \/srv\/none: no such file or directory$/),
    });
    expect(Buffer.from(LogResult, "base64").toString()).toContain(
      "IMAGE\tLaunch error: fork/exec /srv/none: no such file or directory\tEntry Point: [/srv/none]\tCmd: [x]\tWorking Dir: [/srv]",
    );
    // Its root is the image's, which it cannot write, and of the machine there is nothing but what it is given.
    const script = `
      while read -r name value _; do [ "$name" = Uid: ] && user=$value; done </proc/self/status
      echo $user /* $(: >/tmp/x && echo writes) $( (: >/srv/x) 2>&- || echo not)
      exit 3`;
    await change({ ImageConfig: { EntryPoint: ["/bin/sh", "-c", script], Command: [] } });
    const tail = Object(
      await call("lambda:Invoke", { FunctionName: "settings", LogType: "Tail", Payload: Buffer.from("{}") }),
    );
    const user = process.getuid?.() === 0 ? 993 : process.getuid?.();
    const log = `\n${Buffer.from(tail.LogResult, "base64").toString()}`;
    expect(log).toContain(`\n${user} /bin /dev /etc /lib /lib64 /proc /srv /tmp /usr writes not\n`);
    expect(log).toContain("exit status 3");
  },
);

needs("skopeo").test("skopeo pushes to the sandbox's registry and pulls from it, in both forms", async () => {
  await call("ecr:CreateRepository", { repositoryName: "tools/skopeo" });
  const login = await loginOf(sandbox.cloud, { region });
  const image = builtImage({
    layers: [[{ path: "one", body: "1" }], [{ path: "two", body: "2".repeat(100_000) }]],
  });
  await pushImage({ url: sandbox.url, repository: "tools/skopeo", login }, "v1", image);
  const name = `docker://${sandbox.url.slice("http://".length)}/tools/skopeo`;
  const plain = ["--src-tls-verify=false", "--dest-tls-verify=false", "--insecure-policy"];
  const copy = (...args: readonly string[]) => run("skopeo", ["copy", ...plain, ...args]);
  await copy("--src-creds", login, `${name}:v1`, `oci:${folder}/oci:x`);
  await copy("--dest-creds", login, `oci:${folder}/oci:x`, `${name}:v2`);
  await copy("--dest-creds", login, "--format=v2s2", `oci:${folder}/oci:x`, `${name}:v3`);
  const { imageDetails } = Object(await call("ecr:DescribeImages", { repositoryName: "tools/skopeo" }));
  expect(imageDetails).toMatchObject([
    { imageDigest: image.digest, imageTags: ["v1", "v2"] },
    { imageTags: ["v3"], imageManifestMediaType: "application/vnd.docker.distribution.manifest.v2+json" },
  ]);
  await expect(copy(`${name}:v1`, `oci:${folder}/other:x`)).rejects.toThrow(
    /401|unauthorized|authentication required/,
  );
});

needsAll("docker-registry", "namespaces", "gcc").test(
  "somebody else's registry holds the images, behind the sandbox's token",
  async () => {
    const registry = await startDockerRegistry(needs("docker-registry").path ?? "");
    const other = await startSandbox({ timing: "none", registry: registry.url });
    try {
      const { authorizationData } = Object(await call("ecr:GetAuthorizationToken", {}, other));
      expect(authorizationData[0].proxyEndpoint).toBe(registry.url);
      const repository = "shop/foreign";
      const image = builtImage(await readyImages.withoutShell.parts());
      for (const tag of ["v1", "v2"]) await pushImage({ url: registry.url, repository }, tag, image);
      await make("foreign", uriOf(repository, "v1"), other);
      expect(await reached("foreign", other)).toMatchObject({ reached: ["hello", "ECONNREFUSED"] });
      const named = { repositoryName: repository };
      const gone = { ...named, imageIds: [{ imageTag: "v1" }] };
      expect(await call("ecr:BatchDeleteImage", gone, other)).toMatchObject({ failures: [] });
      const { imageDetails } = Object(await call("ecr:DescribeImages", named, other));
      expect(imageDetails).toMatchObject([{ imageDigest: image.digest, imageTags: ["v2"] }]);
    } finally {
      await other.close();
      await registry.stop();
    }
  },
);

test("an image is refused where functions have no mounts of their own", async () => {
  const other = await startSandbox({ timing: "none", mounts: "none" });
  try {
    await call("ecr:CreateRepository", { repositoryName: "shop/none" }, other);
    const place = { url: other.url, repository: "shop/none", login: await loginOf(other.cloud, { region }) };
    await pushImage(place, "v1", builtImage({ layers: [[{ path: "run", body: "#!/bin/sh\n" }]] }));
    await make("none", uriOf("shop/none", "v1"), other);
    await expect(call("lambda:Invoke", { FunctionName: "none" }, other)).rejects.toThrow(
      "The sandbox cannot run function none: it is a container image, and those need mounts: the sandbox was started without them. Use a machine where they are permitted.",
    );
  } finally {
    await other.close();
  }
});
