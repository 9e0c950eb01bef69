import { execFile } from "node:child_process";
import { mkdir, symlink } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { describe, expect } from "vitest";
import { interp, makeElf } from "../../packages/interceptor/src/elf-for-test.ts";
import { makeGo } from "../../packages/interceptor/src/go-elf-for-test.ts";
import { zipOf } from "../../packages/sandbox/src/index.ts";
import { builtImage, putImage } from "../support/image-builder.ts";
import { Lab, REGION } from "../support/lab.ts";
import { needs, needsAll } from "../support/needs.ts";
import { heldTogether } from "../support/parallel-steps.ts";
import { everything } from "../support/shop.ts";

const PATIENCE_MS = 240_000;

type Shape = Readonly<Record<string, unknown>>;

const zip = async (): Promise<Shape> => ({
  Runtime: "nodejs22.x",
  Handler: "index.handler",
  Code: { ZipFile: await zipOf({ "index.mjs": "export const handler = async () => 'ok';" }) },
});
const goZip = async (): Promise<Shape> => ({
  Runtime: "provided.al2023",
  Handler: "bootstrap",
  Code: { ZipFile: await zipOf({ bootstrap: makeGo() }) },
});

/** Pushes an image by the tag `live`. */
async function image(lab: Lab, repository: string, author = "ours"): Promise<Shape> {
  const program = makeElf({ segments: [interp("/lib64/ld-linux-x86-64.so.2")] });
  const built = builtImage({
    layers: [[{ path: "app" }, { path: "app/main", body: program }]],
    config: { Entrypoint: ["main"], Env: ["PATH=/app", `AUTHOR=${author}`] },
  });
  await putImage(lab.sandbox.cloud, { repository, tag: "live", region: REGION }, built);
  const ImageUri = `000000000000.dkr.ecr.${REGION}.amazonaws.com/${repository}:live`;
  return { PackageType: "Image", Code: { ImageUri } };
}

async function add(lab: Lab, FunctionName: string, shape: Shape): Promise<void> {
  const Role = "arn:aws:iam::000000000000:role/shop";
  await lab.call("lambda:CreateFunction", { FunctionName, Role, ...shape });
}

/** All of a function, the name of its image apart. */
async function stateOf(lab: Lab, FunctionName: string) {
  const { Code } = Object(await lab.call("lambda:GetFunction", { FunctionName }));
  return { all: await everything(lab, FunctionName), named: String(Code.ImageUri) };
}

/** Blocks these functions at the same time, each with tunables of its own, and is killed; gives the run's id. */
async function killedInHold(
  lab: Lab,
  functions: Readonly<Record<string, Readonly<Record<string, string>>>>,
): Promise<string> {
  const fault = "lambda-block-tcp-connection";
  const common = { REGION, TARGET_HOSTNAMES: "db.internal", TOTAL_CHAOS_DURATION: 600 };
  const steps = Object.entries(functions).map(([name, own]) => {
    return { name, fault, tunables: { FUNCTION_NAME: name, ...common, ...own } };
  });
  const run = await heldTogether(lab, steps);
  run.kill("SIGKILL");
  await run.ended;
  return run.run();
}

async function byHand(lab: Lab, run: string): Promise<{ readonly code: number; readonly err: string }> {
  const script = join(lab.folder, "restore.sh");
  const shown = await lab.unplug(["show", run, "--as", "aws-cli", "-o", script]);
  expect(shown.code, shown.stderr).toBe(0);
  return await shell(lab, script);
}

const carriers = [
  { title: "a zip", make: zip, tunables: { INJECTION_METHOD: "code" } },
  { title: "a zip with a program in Go", make: goZip, tunables: {} },
];

describe.concurrent("the script of unplug show --as aws-cli, of a function in whose code something was put", () => {
  for (const { title, make, tunables } of carriers) {
    needsAll("aws-cli", "curl").test(
      `gives ${title} back out of a published version; where there is none, it says so and fails`,
      async () => {
        await using lab = await Lab.open({ timing: "none" });
        await Promise.all(["versioned", "bare"].map(async (name) => add(lab, name, await make())));
        await lab.call("lambda:PublishVersion", { FunctionName: "versioned" });
        const [versioned, bare] = [await stateOf(lab, "versioned"), await stateOf(lab, "bare")];
        const run = await killedInHold(lab, { versioned: tunables, bare: tunables });

        const { code, err } = await byHand(lab, run);

        expect(await stateOf(lab, "versioned"), err).toEqual(versioned);
        expect(err).toContain("The code of arn:aws:lambda:us-east-1:000000000000:function:bare is still");
        expect(err).toContain(`unplug restore ${run} tells and does it where its journal is`);
        expect(err).toContain("1 of these calls failed");
        expect(code).toBe(1);
        // What it names does it.
        const restore = await lab.unplug(["restore", run]);
        expect(restore.code, restore.stdout + restore.stderr).toBe(0);
        expect(await stateOf(lab, "bare")).toEqual(bare);
        expect(await stateOf(lab, "versioned")).toEqual(versioned);
      },
      PATIENCE_MS,
    );
  }

  needs("aws-cli").test(
    "gives code back out of the bucket through which it came, and takes away objects and versions of the run",
    async () => {
      await using lab = await Lab.open({ timing: "none" });
      await lab.call("s3:CreateBucket", { Bucket: "staging" });
      await Promise.all(["staged", "aliased"].map(async (name) => add(lab, name, await zip())));
      await lab.call("lambda:PublishVersion", { FunctionName: "aliased" });
      const alias = { FunctionName: "aliased", Name: "live" };
      await lab.call("lambda:CreateAlias", { ...alias, FunctionVersion: "1" });
      const now = async () => {
        const { RevisionId: _, ...pointed } = await lab.call("lambda:GetAlias", alias);
        const { Versions } = await lab.call("lambda:ListVersionsByFunction", alias);
        const { Contents } = await lab.call("s3:ListObjectsV2", { Bucket: "staging" });
        const functions = [await stateOf(lab, "staged"), await stateOf(lab, "aliased")];
        return { pointed, Contents, functions, versions: Array.isArray(Versions) ? Versions.length : 0 };
      };
      const before = await now();
      const run = await killedInHold(lab, {
        staged: { INJECTION_METHOD: "code", STAGING_BUCKET: "staging" },
        aliased: { QUALIFIER: "live" },
      });
      expect((await now()).versions).toBe(before.versions + 1);

      const { code, err } = await byHand(lab, run);

      expect(code, err).toBe(0);
      expect(await now()).toEqual(before);
    },
    PATIENCE_MS,
  );

  needs("aws-cli").test(
    "gives a container image back by its tag, and by its digest where that names another by now",
    async () => {
      await using lab = await Lab.open({ timing: "none" });
      await Promise.all(["kept", "moved"].map(async (name) => add(lab, name, await image(lab, name))));
      const [kept, moved] = [await stateOf(lab, "kept"), await stateOf(lab, "moved")];
      const run = await killedInHold(lab, { kept: {}, moved: {} });
      await image(lab, "moved", "theirs");
      const { Version: Qualifier } = await lab.call("lambda:PublishVersion", { FunctionName: "kept" });

      const first = await byHand(lab, run);
      expect(first.code).toBe(1);
      expect(first.err).toMatch(/Somebody published versions of \S+:kept that have the image of the run/);
      await lab.call("lambda:DeleteFunction", { FunctionName: "kept", Qualifier });
      const { code, err } = await byHand(lab, run);

      expect(code, err).toBe(0);
      expect(await stateOf(lab, "kept")).toEqual(kept);
      const { CodeSha256 } = Object(moved.all);
      const named = moved.named.replace(":live", `@sha256:${CodeSha256}`);
      expect(await stateOf(lab, "moved")).toEqual({ ...moved, named });
      expect(first.err).toContain("The tag live of moved does not name the own image");
    },
    PATIENCE_MS,
  );
});

async function shell(lab: Lab, script: string): Promise<{ readonly code: number; readonly err: string }> {
  const folder = join(lab.folder, "path");
  await mkdir(folder, { recursive: true });
  await symlink(needs("aws-cli").path ?? "", join(folder, "aws")).catch(() => undefined);
  const env = { ...lab.env, PATH: `${folder}${delimiter}${process.env["PATH"]}`, AWS_PAGER: "" };
  return promisify(execFile)("sh", [script], { env, timeout: PATIENCE_MS }).then(
    ({ stderr }) => ({ code: 0, err: stderr }),
    (error: { code: number; stderr: string }) => ({ code: error.code, err: error.stderr }),
  );
}
