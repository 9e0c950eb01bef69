import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { Lab, REGION, TOGGLE } from "../support/lab.ts";
import { seed } from "../support/seed.ts";
import { UnplugProcess } from "../support/unplug-process.ts";
import type { Order } from "../support/victim.ts";

const { victim: VICTIM } = inject("command");
const POINTS = 60;
const AT_A_TIME = 6;

interface Story {
  readonly name: string;
  readonly fault: string;
  readonly mappings: number;
  readonly tunables: Readonly<Record<string, string | number>>;
}

const stories: readonly Story[] = [
  { name: "toggle-parallel", fault: TOGGLE, mappings: 3, tunables: { EVENT_UUIDS: "all" } },
  {
    name: "toggle-serial",
    fault: TOGGLE,
    mappings: 2,
    tunables: { EVENT_UUIDS: "all", SEQUENCE: "serial", CHAOS_INTERVAL: 0 },
  },
  {
    name: "memory",
    fault: "lambda-update-function-memory",
    mappings: 0,
    tunables: { MEMORY_IN_MEGABYTES: 256 },
  },
  { name: "throttle", fault: "lambda-throttle", mappings: 0, tunables: { RESERVED_CONCURRENCY: 0 } },
];

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.open({ timing: "fast" });
});

afterAll(() => lab.close());

test("sixty processes are killed at sampled points, and one restore puts everything back", {
  timeout: 400_000,
}, async () => {
  const random = generator(seed);
  const began = performance.now();
  const each = POINTS / stories.length;
  const clean = await Promise.all(stories.map((story) => live(story, `${story.name}-clean`)));

  const plans = stories.flatMap((story, s) => {
    const count = clean[s]?.length ?? 0;
    return Array.from({ length: each }, (_, i) => ({
      story,
      name: `${story.name}-${i}`,
      // Evenly over the run, anywhere within each stretch.
      die: Math.floor(((i + random()) * count) / each),
    }));
  });
  const before = new Map<string, unknown>();
  await Promise.all(
    plans.map(async ({ story, name }) =>
      before.set(name, await lab.snapshot(name, await prepare(story, name))),
    ),
  );
  const places: string[] = [];
  await inTurns(plans, AT_A_TIME, async ({ story, name, die }) => {
    places.push(`${name}: ${await kill(story, name, die, clean[stories.indexOf(story)] ?? [])}`);
  });
  const killedAt = performance.now();
  const unfinished = (await runs()).filter(({ state }) => state === "unfinished");

  const left = await snapshots(plans);
  const { code, stdout, stderr } = await lab.unplug(["restore", "--all"]);

  const restoredAt = performance.now();
  const after = await snapshots(plans);
  const damaged = plans.filter(({ name }) => !isDeepStrictEqual(left.get(name), before.get(name)));
  process.stdout.write(
    `killed: ${places.length} processes at sampled points of ${clean.map((points) => points.length).join(" + ")}, ` +
      `${unfinished.length} of their runs unfinished; ` +
      `${damaged.length} functions not as they were; ` +
      `${seconds(killedAt - began)} s to run and kill, ${seconds(restoredAt - killedAt)} s to restore; UNPLUG_SEED=${seed}\n`,
  );
  expect(places).toHaveLength(POINTS);
  expect(unfinished.length).toBeGreaterThan(POINTS / 2);
  expect(damaged.length).toBeGreaterThan(POINTS / 4);
  expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: "" });
  for (const place of places) {
    const name = place.split(":")[0] ?? "";
    expect(after.get(name), `${place}; UNPLUG_SEED=${seed}`).toEqual(before.get(name));
  }
  expect((await runs()).filter(({ state, left }) => state !== "finished" || left.length > 0)).toEqual([]);
});

async function prepare(story: Story, name: string): Promise<readonly string[]> {
  await lab.addFunction(name);
  return lab.addMappings(name, story.mappings);
}

async function snapshots(
  plans: readonly { name: string; story: Story }[],
): Promise<ReadonlyMap<string, unknown>> {
  const found = await Promise.all(
    plans.map(
      async ({ name, story }) => [name, await lab.snapshot(name, await mappingsOf(name, story))] as const,
    ),
  );
  return new Map(found);
}

async function mappingsOf(name: string, { mappings }: Story): Promise<readonly string[]> {
  if (mappings === 0) return [];
  const { EventSourceMappings: found } = await lab.call("lambda:ListEventSourceMappings", {
    FunctionName: name,
  });
  return Array.isArray(found) ? found.map(({ UUID }) => String(UUID)) : [];
}

/** A run from its beginning to its end, and every point that it came by. */
async function live(story: Story, name: string): Promise<readonly string[]> {
  await prepare(story, name);
  const victim = start(story, name, `r-${name}`, null);
  expect(await victim.ended, victim.said).toEqual({ code: 0, signal: null });
  return JSON.parse(victim.stdout);
}

/** Kills a run at its `die`-th point, and gives that point's name; one that had fewer points this time is tried again. */
async function kill(story: Story, name: string, die: number, points: readonly string[]): Promise<string> {
  for (let at = die; at >= 0; at -= 1) {
    const victim = start(story, name, `r-${name}-${at}`, at);
    const { signal } = await victim.ended;
    if (signal === "SIGKILL") return `point ${at}, about ${points[at] ?? "the end"}`;
    expect(victim.stderr).toBe("");
  }
  throw new Error(`${name} was never killed`);
}

function start({ fault, tunables }: Story, name: string, run: string, die: number | null): UnplugProcess {
  const all = { FUNCTION_NAME: name, REGION, TOTAL_CHAOS_DURATION: 1, ...tunables };
  const values = Object.entries(all).map(([key, value]) => ({
    name: key,
    value,
    source: "argument" as const,
  }));
  const step = { kind: "fault" as const, name: fault, fault, weight: 10, tunables: values };
  const order: Order = {
    run,
    experiment: { name, description: "", requireEffect: false, steps: [step] },
    die,
  };
  // Sixty and more processes load the same modules.
  const env = { ...lab.env, NODE_COMPILE_CACHE: join(lab.folder, "compiled") };
  return lab.adopt(new UnplugProcess(VICTIM, [JSON.stringify(order)], env));
}

async function runs(): Promise<readonly { state: string; left: readonly unknown[] }[]> {
  const { code, stdout } = await lab.unplug(["runs", "--format", "json"]);
  expect(code).toBe(0);
  return JSON.parse(stdout);
}

async function inTurns<T>(
  items: readonly T[],
  atATime: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = [...items];
  const worker = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) await work(next);
  };
  await Promise.all(Array.from({ length: atATime }, worker));
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}

/** In [0, 1), always the same row for the same seed. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}
