import { interceptorFor } from "@unplug/interceptor";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { Dependency, ownAddress } from "../support/dependency.ts";
import { type DockerRegistry, startDockerRegistry } from "../support/docker-registry.ts";
import { builtImage, type ImageFormat, pushImage, sha256Of } from "../support/image-builder.ts";
import { readByOthers, readings } from "../support/image-readers.ts";
import { Lab, REGION, waitFor } from "../support/lab.ts";
import { type Need, needs, needsAll } from "../support/needs.ts";
import { readyImages } from "../support/ready-images.ts";
import { block, everything, reach } from "../support/shop.ts";

const PATIENCE_MS = 120_000;
const registryNeeds: readonly [Need, ...Need[]] = ["docker-registry", "namespaces", "gcc"];

interface Row {
  readonly image: keyof typeof readyImages;
  readonly format: ImageFormat;
  /** Of the function. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly reach: RegExp;
  /** Of its files, those that are other ones in what is pushed. Left out: nobody else reads that. */
  readonly patched?: readonly string[];
}

const rows: readonly Row[] = [
  { image: "awsLike", format: "docker", reach: /by preload/ },
  {
    image: "ownEntrypoint",
    format: "oci",
    reach: /by preload/,
    settings: {
      ImageConfig: { Command: ["./reach", "theirs"] },
      Environment: { Variables: { APP_A: "1", LD_PRELOAD: "/opt/theirs.so" } },
    },
  },
  { image: "musl", format: "docker", reach: /by preload/, patched: [] },
  { image: "withoutShell", format: "oci", reach: /by preload/, patched: [] },
  { image: "go", format: "oci", reach: /by patch: its program is go1/, patched: ["app/reach"] },
];

describe
  .runIf(ownAddress !== null && needsAll(...registryNeeds).path !== null)
  .concurrent("a container image's TCP connections", () => {
    let registry: DockerRegistry;
    let lab: Lab;
    let database: Dependency;
    let other: Dependency;
    beforeAll(async () => {
      registry = await startDockerRegistry(needs("docker-registry").path ?? "");
      lab = await Lab.open({ timing: "fast", registry: registry.url });
      [database, other] = await Promise.all([Dependency.open(), Dependency.open()]);
    });
    afterAll(async () => {
      await Promise.all([lab.close(), database[Symbol.asyncDispose](), other[Symbol.asyncDispose]()]);
      await registry.stop();
    });

    const reached = (name: string) => reach(lab, [database, other], name);
    const images = async (name: string) =>
      await lab.call("ecr:DescribeImages", { repositoryName: `shop/${name}` });
    const code = async (name: string) =>
      (await lab.call("lambda:GetFunction", { FunctionName: name }))["Code"];

    async function add(name: string, { image, format, settings = {} }: Row): Promise<void> {
      const repository = `shop/${name}`;
      const parts = await readyImages[image].parts();
      await pushImage({ url: registry.url, repository }, "live", builtImage({ ...parts, format }));
      const ImageUri = `000000000000.dkr.ecr.${REGION}.amazonaws.com/${repository}:live`;
      await lab.call("lambda:CreateFunction", {
        FunctionName: name,
        PackageType: "Image",
        Role: "arn:aws:iam::000000000000:role/shop",
        Timeout: 10,
        Code: { ImageUri },
        ...settings,
      });
      await waitFor(async () => (await lab.configuration(name))["State"] === "Active");
    }

    /** That skopeo and umoci find the layers as they were in what the function has now, and over them one with nothing but ours. */
    async function expectOneLayerMore(name: string, { image, format, patched = [] }: Row): Promise<void> {
      const [digest] = String(Object(await code(name)).ResolvedImageUri)
        .split("@")
        .slice(1);
      const read = await readByOthers(`${registry.host}/shop/${name}@${digest}`);
      if (read === null) return;
      const parts = await readyImages[image].parts();
      const { manifest, blobs } = builtImage({ ...parts, format });
      const { layers, config } = JSON.parse(manifest.toString());
      const before = JSON.parse(String(blobs.get(config.digest)));

      expect(read.digest).toBe(digest);
      const digests = layers.map((layer: { digest: string }) => layer.digest);
      expect(read.layers).toEqual([...digests, expect.stringMatching(/^sha256:/)]);
      const { rootfs, history } = before;
      expect(read.config).toEqual({
        ...before,
        rootfs: { ...rootfs, diff_ids: [...rootfs.diff_ids, expect.any(String)] },
        history: [...history, expect.objectContaining({ created_by: expect.stringMatching(/^unplug: /) })],
      });
      const theirs = parts.layers
        .flat()
        .flatMap(({ path, body }) => (body === undefined ? [] : { path, body }));
      const files = theirs.map(({ path, body }) => {
        const was = sha256Of(Buffer.from(body));
        return [path, patched.includes(path) ? expect.not.stringMatching(was) : was];
      });
      expect(read.files).toEqual({
        ...Object.fromEntries(files),
        ".unplug/interceptor.so": sha256Of(interceptorFor("x86_64").bytes),
        ".unplug/origin.json": expect.any(String),
      });
    }

    const tunables = (name: string) => ({
      FUNCTION_NAME: name,
      TARGET_HOSTNAMES: database.target,
      TOTAL_CHAOS_DURATION: 600,
    });

    for (const row of rows) {
      const { image, format } = row;
      needsAll(...registryNeeds, ...readyImages[image].needs).test(
        `of ${readyImages[image].name}, ${format}, are blocked, others are not, and all is as before`,
        async () => {
          const name = image.toLowerCase();
          await add(name, row);
          const before = [await everything(lab, name), await code(name), await images(name)];
          const healthy = await reached(name);
          expect(healthy).toMatchObject({ reached: ["hello", "hello"] });

          const run = block(lab, tunables(name));
          await run.event("hold.started");
          const during = await reached(name);
          if (row.patched !== undefined) await expectOneLayerMore(name, row);
          run.kill("SIGINT");

          expect(await run.ended, run.said).toEqual({ code: 130, signal: null });
          expect(during, run.said).toEqual({ ...Object(healthy), reached: ["ECONNREFUSED", "hello"] });
          expect(run.said).toMatch(row.reach);
          expect([await everything(lab, name), await code(name), await images(name)]).toEqual(before);
          expect(await reached(name)).toEqual(healthy);
        },
        PATIENCE_MS,
      );
    }

    needsAll(...registryNeeds).test(
      "are put back by another process, or without a journal, when the run is killed in the hold",
      async () => {
        const row: Row = { image: "withoutShell", format: "docker", reach: /by preload/ };
        for (const [name, args, home] of [
          ["killed", ["restore", "--all"], "killed"],
          ["marked", ["restore", "--function", "marked", "--region", REGION, "--yes"], "elsewhere"],
        ] as const) {
          await add(name, row);
          const before = [await everything(lab, name), await code(name), await images(name)];
          const run = block(lab, tunables(name), { UNPLUG_HOME: `${lab.folder}/${name}` });
          await run.event("hold.started");
          run.kill("SIGKILL");
          await run.ended;
          expect(await reached(name)).toMatchObject({ reached: ["ECONNREFUSED", "hello"] });

          const restore = lab.start(args, { UNPLUG_HOME: `${lab.folder}/${home}` });
          expect(await restore.ended, restore.said).toEqual({ code: 0, signal: null });
          expect([await everything(lab, name), await code(name), await images(name)]).toEqual(before);
          expect(await reached(name)).toMatchObject({ reached: ["hello", "hello"] });
        }
      },
      PATIENCE_MS,
    );

    needsAll(...registryNeeds).test(
      "of a static program are refused, before anything is changed",
      async () => {
        await add("fixed", { image: "static", format: "oci", reach: /./ });
        const before = [await everything(lab, "fixed"), await code("fixed"), await images("fixed")];

        const run = block(lab, tunables("fixed"));

        expect(await run.ended, run.said).toEqual({ code: 3, signal: null });
        expect(run.stderr).toMatch(
          /container image: of \/app\/reach, which its image starts, it is linked statically/,
        );
        expect([await everything(lab, "fixed"), await code("fixed"), await images("fixed")]).toEqual(before);
      },
      PATIENCE_MS,
    );
  });

// Of its own, so that where they are missing it is told as not run.
needsAll("skopeo", "umoci").test("skopeo and umoci have read each image that a run has pushed here", () => {
  expect([...readings.done]).toEqual([...readings.asked]);
});
