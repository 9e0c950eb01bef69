import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { zipOf } from "../../packages/sandbox/src/index.ts";
import { builtC } from "./built-c.ts";
import type { Dependency } from "./dependency.ts";
import { type Lab, REGION, waitFor } from "./lab.ts";
import { reachingNode, reachingPython } from "./reaching.ts";
import type { UnplugProcess } from "./unplug-process.ts";

export const SHOP = "shop";
const BLOCK = "lambda-block-tcp-connection";

export interface Shape {
  readonly name?: string;
  readonly runtime?: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly layers?: number;
  /** Files beside the handler. */
  readonly files?: Readonly<Record<string, string | Buffer>>;
  /** The path of a program that an OS-only runtime starts; left out, one in C. */
  readonly bootstrap?: string;
}

export async function addShop(
  lab: Lab,
  { name = SHOP, runtime = "nodejs22.x", settings = {}, layers = 0, files = {}, bootstrap }: Shape = {},
): Promise<void> {
  const Layers = await Promise.all(Array.from({ length: layers }, (_, i) => addLayer(lab, `${name}-${i}`)));
  await lab.call("lambda:CreateFunction", {
    FunctionName: name,
    Runtime: runtime,
    Handler: "index.handler",
    Role: "arn:aws:iam::000000000000:role/shop",
    Timeout: 10,
    Code: { ZipFile: await zipOf({ ...(await programOf(runtime, bootstrap)), ...files }) },
    Layers,
    ...settings,
  });
  await waitFor(async () => (await lab.configuration(name))["State"] === "Active");
}

async function programOf(runtime: string, bootstrap?: string): Promise<Record<string, string | Buffer>> {
  if (runtime.startsWith("python")) return { "index.py": reachingPython };
  if (!runtime.startsWith("provided")) return { "index.mjs": reachingNode };
  if (bootstrap !== undefined) return { bootstrap: await readFile(bootstrap) };
  const sources = [join(import.meta.dirname, "reaching-bootstrap.c")];
  return { bootstrap: await readFile(await builtC({ compiler: "gcc", flags: ["-O1"], sources })) };
}

export async function addLayer(
  lab: Lab,
  LayerName: string,
  files: Record<string, string> = { "a.txt": "a" },
): Promise<string> {
  const made = await lab.call("lambda:PublishLayerVersion", {
    LayerName,
    Content: { ZipFile: await zipOf(files) },
  });
  return String(made["LayerVersionArn"]);
}

export function block(
  lab: Lab,
  more: Readonly<Record<string, string | number>>,
  env: NodeJS.ProcessEnv = {},
): UnplugProcess {
  const tunables = { FUNCTION_NAME: SHOP, REGION, ...more };
  const assignments = Object.entries(tunables).map(([key, value]) => `${key}=${value}`);
  return lab.start(["fault", BLOCK, ...assignments, "--format", "ndjson"], env);
}

/** What the function reaches: the dependency, and another server. */
export async function reach(
  lab: Lab,
  dependencies: readonly Dependency[],
  FunctionName = SHOP,
): Promise<unknown> {
  const [first] = dependencies;
  const Payload = JSON.stringify({ host: first?.host, ports: dependencies.map(({ port }) => port) });
  const { Payload: answer } = await lab.call("lambda:Invoke", {
    FunctionName,
    Payload: Buffer.from(Payload),
  });
  return JSON.parse(String(answer));
}

/** The whole configuration, the code's hash in it. An empty environment is none: AWS shows one that was emptied as empty. */
export async function everything(lab: Lab, name = SHOP): Promise<unknown> {
  const { RevisionId: _, LastModified: __, ...rest } = await lab.configuration(name);
  return { Environment: { Variables: {} }, ...rest };
}
