// bench-image-program.ts WAY REGISTRY REPOSITORY: adds the interceptor to an image in one of the ways, once, and prints how many
// milliseconds that took and the most memory that the process had, as JSON. Bundled before it is run, so that neither figure has
// types to strip.
import { readFileSync } from "node:fs";
import type { Aws, InputOf, OutputOf } from "../packages/unplug/src/contract/aws.ts";
import { AwsError } from "../packages/unplug/src/contract/aws.ts";
import type { AwsCalls } from "../packages/unplug/src/contract/aws-calls.ts";
import { systemClock } from "../packages/unplug/src/contract/clock.ts";
import type { Io } from "../packages/unplug/src/contract/io.ts";
import { chooseImage, imageEdits } from "../packages/unplug/src/faults/block-image.ts";
import { findInLayer } from "../packages/unplug/src/image/index.ts";
import { openRegistry, type Registry } from "../packages/unplug/src/registry/index.ts";
import { image } from "../packages/unplug/src/resources/image.ts";

const [way = "", url = "", repository = ""] = process.argv.slice(2);

const place = { account: "000000000000", region: "us-east-1", endpoint: null };

const started = performance.now();
const read = way === "nothing" ? 0 : await patch(openRegistry(url, null, { totalMs: 600_000 }), way);
console.log(JSON.stringify({ ms: performance.now() - started, mib: mostMemory(), read }));

/** As a run does it, from the function's tag to the new one: the plan, and the write; gives how many layers were read. */
async function patch(registry: Registry, tag: string): Promise<number> {
  const { digest } = await registry.manifest(repository, tag);
  const { io, layers } = ioOf(registry);
  const name = `${place.account}.dkr.ecr.${place.region}.amazonaws.com/${repository}`;
  const arn = `arn:aws:lambda:${place.region}:${place.account}:function:bench-${tag}`;
  const answer = { Code: { ImageUri: `${name}:${tag}`, ResolvedImageUri: `${name}@${digest}` } };
  const found = { name: `bench-${tag}`, arn, qualifier: null, reservedConcurrency: null, answer };
  const { carrier } = await chooseImage(found, io);
  const [edit] = imageEdits({ kind: "function", id: arn, within: null, place }, carrier, "r-bench");
  if (edit === undefined) throw new Error("The carrier pushes nothing.");
  const { ref } = edit;
  const seen = { ref, found: true, state: null, revision: null, settled: true, status: "" } as const;
  await image.write(ref, edit.after, seen, io);
  return layers.size;
}

/** Every operation of the distribution API that is used, without ECR's token; `layers` grows by those that are read. */
function ioOf(registry: Registry): { readonly io: Io; readonly layers: ReadonlySet<string> } {
  const layers = new Set<string>();
  const answers: Answers = {
    "registry:GetManifest": async ({ repositoryName, reference }) => {
      const { bytes: manifest, mediaType, digest } = await registry.manifest(repositoryName, reference);
      return { manifest, mediaType, digest };
    },
    "registry:GetBlob": async ({ digest, size }) => ({
      body: await registry.smallBlob({ repository, digest, size }),
    }),
    "registry:FindFiles": async ({ digest, paths }) => {
      layers.add(digest);
      return {
        entries: await registry.streamBlob({ repository, digest }, (chunks) => findInLayer(chunks, paths)),
      };
    },
    "registry:PutBlob": async ({ digest, body }) => {
      await registry.putBlob({ repository, digest, size: body.length, open: () => [body] });
      return {};
    },
    "registry:PutManifest": ({ reference, manifest: bytes, mediaType }) =>
      registry.putManifest({ repository, reference, bytes, mediaType }),
  };
  const aws: Aws = {
    call: async (action, input) => {
      const answer: unknown = Reflect.get(answers, action);
      if (typeof answer === "function") return await Reflect.apply(answer, answers, [input]);
      const denied = { code: "AccessDeniedException", status: 403, outcome: "refused" } as const;
      throw new AwsError(action, { ...denied, message: `Nothing answers ${action} here.` });
    },
  };
  return { io: { aws, place, clock: systemClock, salt: "", signal: new AbortController().signal }, layers };
}

type Answers = {
  readonly [A in keyof AwsCalls as A extends `registry:${string}` ? A : never]: (
    input: InputOf<A>,
  ) => Promise<OutputOf<A>>;
};

/** In MiB. On Linux, `maxRSS` begins with what the process had that started this one. */
function mostMemory(): number {
  if (process.platform !== "linux") return process.resourceUsage().maxRSS / 1024;
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1]) / 1024;
}
