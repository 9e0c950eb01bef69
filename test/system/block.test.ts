import { describe, expect, vi } from "vitest";
import { zipOf } from "../../packages/sandbox/src/index.ts";
import { Dependency, ownAddress } from "../support/dependency.ts";
import { type Lab, labTest, REGION, waitFor } from "../support/lab.ts";
import { reachingNode, reachingPython } from "../support/reaching.ts";
import type { UnplugProcess } from "../support/unplug-process.ts";

// They mostly wait.
vi.setConfig({ maxConcurrency: 6 });

const test = labTest("fast");
const PATIENCE = { timeout: 60_000 };
const NAME = "shop";
const BLOCK = "lambda-block-tcp-connection";

interface Shape {
  readonly runtime?: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly layers?: number;
}

async function addShop(
  lab: Lab,
  { runtime = "nodejs22.x", settings = {}, layers = 0 }: Shape = {},
): Promise<void> {
  const files = runtime.startsWith("python") ? { "index.py": reachingPython } : { "index.mjs": reachingNode };
  const Layers = await Promise.all(Array.from({ length: layers }, (_, i) => addLayer(lab, `theirs-${i}`)));
  await lab.call("lambda:CreateFunction", {
    FunctionName: NAME,
    Runtime: runtime,
    Handler: "index.handler",
    Role: "arn:aws:iam::000000000000:role/shop",
    Timeout: 10,
    Code: { ZipFile: await zipOf(files) },
    Layers,
    ...settings,
  });
  await waitFor(async () => (await lab.configuration(NAME))["State"] === "Active");
}

async function addLayer(
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

function block(lab: Lab, more: Readonly<Record<string, string | number>>): UnplugProcess {
  const tunables = { FUNCTION_NAME: NAME, REGION, ...more };
  const assignments = Object.entries(tunables).map(([key, value]) => `${key}=${value}`);
  return lab.start(["fault", BLOCK, ...assignments, "--format", "ndjson"]);
}

/** What the function reaches: the dependency, and another server. */
async function reach(lab: Lab, dependencies: readonly Dependency[]): Promise<unknown> {
  const [first] = dependencies;
  const Payload = JSON.stringify({ host: first?.host, ports: dependencies.map(({ port }) => port) });
  const { Payload: answer } = await lab.call("lambda:Invoke", {
    FunctionName: NAME,
    Payload: Buffer.from(Payload),
  });
  return JSON.parse(String(answer));
}

/** The whole configuration, the code's hash in it. An empty environment is none: AWS shows one that was emptied as empty. */
async function everything(lab: Lab): Promise<unknown> {
  const { RevisionId: _, LastModified: __, ...rest } = await lab.configuration(NAME);
  return { Environment: { Variables: {} }, ...rest };
}

const shapes: readonly (readonly [string, Shape])[] = [
  ["Node.js, no environment", {}],
  [
    "Python, a variable of its own",
    { runtime: "python3.11", settings: { Environment: { Variables: { APP_A: "1" } } } },
  ],
  [
    "NODE_OPTIONS and LD_PRELOAD of its own",
    {
      settings: {
        Environment: {
          Variables: { APP_A: "1", NODE_OPTIONS: "--no-deprecation", LD_PRELOAD: "/opt/theirs.so" },
        },
      },
    },
  ],
  ["four layers of others", { layers: 4 }],
];

describe.runIf(ownAddress !== null).concurrent("a zip function's TCP connections", () => {
  for (const method of ["layer", "code"]) {
    for (const [name, shape] of shapes) {
      test(
        `${name}, by ${method}: are blocked, others are not, and all is as before`,
        PATIENCE,
        async ({ lab }) => {
          await using database = await Dependency.open();
          await using other = await Dependency.open();
          await addShop(lab, shape);
          const before = await everything(lab);
          const healthy = await reach(lab, [database, other]);

          const run = block(lab, {
            TARGET_HOSTNAMES: database.target,
            INJECTION_METHOD: method,
            TOTAL_CHAOS_DURATION: 600,
          });
          await run.event("hold.started");
          const during = await reach(lab, [database, other]);
          run.kill("SIGINT");
          const end = await run.ended;

          expect(healthy).toMatchObject({ reached: ["hello", "hello"] });
          expect(during, run.said).toEqual({ ...Object(healthy), reached: ["ECONNREFUSED", "hello"] });
          expect(end, run.said).toEqual({ code: 130, signal: null });
          expect(await everything(lab)).toEqual(before);
          expect(await reach(lab, [database, other])).toEqual(healthy);
        },
      );
    }
  }

  test("the run ends by itself, and tells what was blocked", PATIENCE, async ({ lab }) => {
    await using database = await Dependency.open();
    await addShop(lab);
    const run = block(lab, { TARGET_HOSTNAMES: database.target, TOTAL_CHAOS_DURATION: 2 });
    await run.event("hold.started");
    let over = false;
    void run.event("hold.ended").finally(() => {
      over = true;
    });
    let invocations = 0;
    for (; !over; invocations += 1) await reach(lab, [database]);
    const end = await run.ended;

    expect(end, run.said).toEqual({ code: 0, signal: null });
    const [found] = run.of("evidence")[0]?.evidence ?? [];
    expect(found, run.said).toMatchObject({ verdict: "seen" });
    expect(Number(found?.numbers["blocked"])).toBeGreaterThan(0);
    expect(Number(found?.numbers["blocked"])).toBeLessThanOrEqual(invocations);
    expect(run.stderr).toContain("effect seen");
  });
});
