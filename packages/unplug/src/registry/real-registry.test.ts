import { execFile } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { type DockerRegistry, startDockerRegistry } from "../../../../test/support/docker-registry.ts";
import { type ImageFormat, imageTypes } from "../../../../test/support/image-builder.ts";
import { needs, needsAll } from "../../../../test/support/needs.ts";
import {
  configWith,
  configWithout,
  findInLayer,
  makeLayer,
  manifestWith,
  manifestWithout,
  readManifest,
} from "../image/index.ts";
import { openRegistry, type Registry } from "./index.ts";

const run = promisify(execFile);
const sha256 = (bytes: Uint8Array) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

const program = needs("docker-registry");
let running: DockerRegistry | undefined;
beforeAll(async () => {
  if (program.path !== null) running = await startDockerRegistry(program.path);
});
afterAll(() => running?.stop());

function there(): DockerRegistry {
  if (running === undefined) throw new Error("The registry is not running.");
  return running;
}

function put(registry: Registry, repository: string, bytes: Uint8Array): Promise<void> {
  return registry.putBlob({ repository, digest: sha256(bytes), size: bytes.length, open: () => [bytes] });
}

/** Pushes an image of two layers. OCI's names no media type of its own, which it may leave out. */
async function pushImage(registry: Registry, repository: string, format: ImageFormat) {
  const types = imageTypes[format];
  const made = ["/etc/os-release", "/app/run"].map((path) =>
    makeLayer([{ path, mode: 0o755, content: Buffer.from(`${path} of ${repository}`) }]),
  );
  const config = Buffer.from(
    JSON.stringify({
      architecture: "amd64",
      os: "linux",
      config: { Entrypoint: ["/app/run"] },
      rootfs: { type: "layers", diff_ids: made.map(({ diffId }) => diffId) },
      history: made.map(() => ({ created: "2024-01-01T00:00:00Z", created_by: "a test" })),
    }),
  );
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      ...(format === "oci" ? {} : { mediaType: types.manifest }),
      config: { mediaType: types.config, size: config.length, digest: sha256(config) },
      layers: made.map(({ bytes, digest }) => ({ mediaType: types.layer, size: bytes.length, digest })),
    }),
  );
  for (const bytes of [config, ...made.map((layer) => layer.bytes)]) await put(registry, repository, bytes);
  const pushed = { repository, reference: "v1", bytes: manifest, mediaType: types.manifest };
  expect(await registry.putManifest(pushed)).toEqual({ digest: sha256(manifest) });
  return { config, manifest, layers: made.map(({ digest }) => digest), mediaType: types.manifest };
}

/** Pushes the image with one layer more, as `unplug-x`. */
async function pushLayered(
  registry: Registry,
  repository: string,
  { bytes: source, mediaType }: { readonly bytes: Uint8Array; readonly mediaType: string },
  config: Uint8Array,
) {
  const content = Buffer.from("the interceptor");
  const layer = makeLayer([{ path: "/opt/unplug/interceptor.so", mode: 0o755, content }]);
  const newConfig = configWith(config, { diffId: layer.diffId, createdBy: "a test" });
  const bytes = manifestWith(source, mediaType, {
    config: { digest: sha256(newConfig), size: newConfig.length },
    layer: { digest: layer.digest, size: layer.bytes.length },
  });
  await put(registry, repository, layer.bytes);
  await put(registry, repository, newConfig);
  await registry.putManifest({ repository, reference: "unplug-x", bytes, mediaType });
  return { layer, bytes };
}

describe.each(["oci", "docker"] as const)("an image in the format %s", (format) => {
  needsAll("docker-registry", "skopeo", "umoci").test(
    "is read, and pushed with one layer more; others find its layers untouched",
    async () => {
      const { url, host } = there();
      const registry = openRegistry(url, null);
      const repository = `team/${format}`;
      const pushed = await pushImage(registry, repository, format);

      const source = await registry.manifest(repository, "v1");
      expect(Buffer.from(source.bytes)).toEqual(pushed.manifest);
      expect(source).toMatchObject({ mediaType: pushed.mediaType, digest: sha256(pushed.manifest) });
      expect((await registry.manifest(repository, source.digest)).bytes).toEqual(source.bytes);
      const image = readManifest(source.bytes, source.mediaType);
      const config = await registry.smallBlob({ repository, ...image.config });
      expect(Buffer.from(config)).toEqual(pushed.config);

      const { layer, bytes } = await pushLayered(registry, repository, source, config);

      const folder = mkdtempSync(join(tmpdir(), "unplug-image-"));
      try {
        const name = `docker://${host}/${repository}:unplug-x`;
        const raw = await run("skopeo", ["inspect", "--raw", "--tls-verify=false", name]);
        expect(sha256(Buffer.from(raw.stdout))).toBe(sha256(bytes));
        const told = JSON.parse((await run("skopeo", ["inspect", "--tls-verify=false", name])).stdout);
        expect(told.Layers).toEqual([...pushed.layers, layer.digest]);
        const into = `oci:${folder}/oci:x`;
        await run("skopeo", ["copy", "--src-tls-verify=false", "--insecure-policy", name, into]);
        await run("umoci", ["unpack", "--rootless", "--image", `${folder}/oci:x`, join(folder, "out")]);
        const file = (path: string) => readFileSync(join(folder, "out/rootfs", path), "utf8");
        expect(file("app/run")).toBe(`/app/run of ${repository}`);
        expect(file("opt/unplug/interceptor.so")).toBe("the interceptor");
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  );

  program.test("that was deleted is had again, to the byte, from the one with a layer more", async () => {
    const { url } = there();
    const registry = openRegistry(url, null);
    const repository = `deleted/${format}`;
    const { manifest, config, mediaType } = await pushImage(registry, repository, format);
    await pushLayered(registry, repository, { bytes: manifest, mediaType }, config);
    const digest = sha256(manifest);
    for (const path of [`manifests/${digest}`, `blobs/${sha256(config)}`]) {
      expect((await fetch(`${url}/v2/${repository}/${path}`, { method: "DELETE" })).status).toBe(202);
    }
    await expect(registry.manifest(repository, "v1")).rejects.toMatchObject({ code: "MANIFEST_UNKNOWN" });

    const ours = await registry.manifest(repository, "unplug-x");
    const body = await registry.smallBlob({ repository, ...readManifest(ours.bytes, ours.mediaType).config });
    const again = configWithout(body);
    const told = { digest: sha256(again), size: again.length };
    const bytes = manifestWithout(ours.bytes, ours.mediaType, told);
    await put(registry, repository, again);
    for (const reference of [sha256(bytes), "v1"]) {
      expect(await registry.putManifest({ repository, reference, bytes, mediaType })).toEqual({ digest });
    }

    expect(await registry.manifest(repository, "v1")).toMatchObject({ digest, mediaType });
    expect(await registry.manifest(repository, digest)).toMatchObject({ digest });
  });
});

describe("a blob", () => {
  program.test("is sent in pieces where it is long, and what is there is not sent again", async () => {
    const registry = openRegistry(there().url, null, { chunkBytes: 100_000 });
    const bytes = randomBytes(350_000);
    const name = { repository: "pieces", digest: sha256(bytes) };
    let opened = 0;
    const open = () => {
      opened += 1;
      return [bytes.subarray(0, 7), bytes.subarray(7, 250_000), bytes.subarray(250_000)];
    };
    expect(await registry.hasBlob(name)).toBe(false);
    await registry.putBlob({ ...name, size: bytes.length, open });
    expect(await registry.hasBlob(name)).toBe(true);
    await registry.putBlob({ ...name, size: bytes.length, open });
    expect(opened).toBe(1);
    expect(Buffer.from(await registry.smallBlob({ ...name, size: bytes.length }))).toEqual(bytes);
  });

  program.test("is mounted out of another repository, or sent where that has it not", async () => {
    const registry = openRegistry(there().url, null);
    const bytes = Buffer.from("to be mounted");
    const digest = sha256(bytes);
    await put(registry, "first", bytes);
    let opened = 0;
    const open = () => {
      opened += 1;
      return [bytes];
    };
    await registry.putBlob({ repository: "second", digest, size: bytes.length, open, from: "first" });
    expect(opened).toBe(0);
    await registry.putBlob({ repository: "third", digest, size: bytes.length, open, from: "nowhere" });
    expect(opened).toBe(1);
    expect(await registry.hasBlob({ repository: "third", digest })).toBe(true);
  });

  program.test("is streamed, and left at what is looked for", async () => {
    const registry = openRegistry(there().url, null);
    const { bytes, digest } = makeLayer([
      { path: "/a", mode: 0o755, content: Buffer.from("first") },
      { path: "/b", mode: 0o755, content: randomBytes(900_000) },
    ]);
    await put(registry, "streamed", bytes);
    let came = 0;
    const found = await registry.streamBlob({ repository: "streamed", digest }, (chunks) =>
      findInLayer(
        (async function* () {
          for await (const chunk of chunks) {
            came += chunk.length;
            yield chunk;
          }
        })(),
        ["/a"],
      ),
    );
    expect(found).toMatchObject([{ path: "/a", kind: "file" }]);
    expect(came).toBeLessThan(bytes.length / 2);
  });
});

describe("what is not there", () => {
  program.test("is told by the registry's own codes", async () => {
    const registry = openRegistry(there().url, null);
    await put(registry, "known", Buffer.from("x"));
    const digest = sha256(Buffer.from("never sent"));
    await expect(registry.manifest("known", "v9")).rejects.toMatchObject({
      code: "MANIFEST_UNKNOWN",
      outcome: "refused",
      status: 404,
    });
    await expect(registry.smallBlob({ repository: "known", digest, size: 1 })).rejects.toMatchObject({
      code: "BLOB_UNKNOWN",
    });
    const layers = [{ mediaType: imageTypes.oci.layer, size: 1, digest }];
    const config = { mediaType: imageTypes.oci.config, size: 1, digest };
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, config, layers }));
    const manifest = { repository: "known", reference: "v1", bytes, mediaType: imageTypes.oci.manifest };
    await expect(registry.putManifest(manifest)).rejects.toMatchObject({
      code: "MANIFEST_BLOB_UNKNOWN",
      outcome: "refused",
    });
  });
});
