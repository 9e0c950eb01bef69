import { expect, it } from "vitest";
import type { Recorded } from "../packages/unplug/src/contract/journal.ts";
import { runExperiment } from "../packages/unplug/src/engine/run.ts";
import { memoryJournal } from "../packages/unplug/src/journal/memory-journal.ts";
import { fold } from "../packages/unplug/src/report/fold.ts";
import { exitCode } from "../packages/unplug/src/report/outcome.ts";
import { PretendedProcesses } from "./support/processes.ts";
import { experiment, partsOf } from "./support/scenario.ts";
import { eventsOf, Stage } from "./support/stage.ts";
import { REGION, recordOf } from "./support/world.ts";

const SETTINGS = { Environment: { Variables: { APP_A: "1" } } };
const NAMES = Array.from({ length: 20 }, (_, i) => (i === 0 ? "orders" : `orders-${i}`));

/** A run on a machine of its own, with a journal that knows of no other. */
function machine(
  stage: Stage,
  FUNCTION_NAME: string,
  { run, method }: { run: string; method: string },
): Promise<readonly Recorded[]> {
  const journal = memoryJournal(new PretendedProcesses(), stage.clock);
  const tunables = {
    FUNCTION_NAME,
    REGION,
    TARGET_HOSTNAMES: "db.internal",
    INJECTION_METHOD: method,
    TOTAL_CHAOS_DURATION: 20,
  };
  const step = { fault: "lambda-block-tcp-connection", tunables };
  const options = { run, signal: new AbortController().signal };
  return runExperiment(experiment(step), options, partsOf(stage.aws, journal, stage.world));
}

async function together<T>(stage: Stage, works: readonly Promise<T>[]): Promise<readonly T[]> {
  const all = Promise.all(works);
  await stage.clock.run(all);
  return all;
}

async function sees(stage: Stage, FunctionName: string): Promise<unknown> {
  const found = recordOf(await stage.cloud("lambda:GetFunctionConfiguration", { FunctionName }));
  return { ...found, RevisionId: null, LastModified: null };
}

it("blocks twenty functions at once, from twenty machines that share what is published", async () => {
  const stage = await Stage.of({}, { settings: SETTINGS });
  const { Role, Runtime, Handler } = recordOf(await sees(stage, "orders"));
  const { Code } = await stage.aws.call("lambda:GetFunction", { FunctionName: "orders" });
  const { Body: ZipFile } = await stage.aws.call("code:Download", { Location: Code?.Location ?? "" });
  for (const FunctionName of NAMES.slice(1)) {
    const input = { FunctionName, Role, Runtime, Handler, Code: { ZipFile }, ...SETTINGS };
    await stage.cloud("lambda:CreateFunction", input);
  }
  stage.clock.jump(60_000);
  const all = () => Promise.all(NAMES.map((name) => sees(stage, name)));
  const before = await all();
  const publications = (): number => stage.writes("lambda:PublishLayerVersion").length;

  for (const round of [1, 2]) {
    const published = publications();
    const runs = NAMES.map((name, i) => machine(stage, name, { run: `r-${round}-${i}`, method: "layer" }));
    const ends = await together(stage, runs);

    expect(ends.map((events) => eventsOf(events, "inject.confirmed").length)).toEqual(NAMES.map(() => 1));
    expect(ends.map((events) => exitCode(fold(events)))).toEqual(NAMES.map(() => 0));
    expect(await all()).toEqual(before);
    // Who comes later finds it.
    if (round === 2) expect(publications()).toBe(published);
  }
});

it.each(["layer", "code"])(
  "blocks a function, by %s, for one of two machines that begin at once, and the other leaves it alone",
  async (method) => {
    const stage = await Stage.of({}, { settings: SETTINGS });
    const before = await sees(stage, "orders");

    const ends = await together(
      stage,
      ["r-1", "r-2"].map((run) => machine(stage, "orders", { run, method })),
    );

    const confirmed = ends.map((events) => eventsOf(events, "inject.confirmed").length);
    expect(confirmed.toSorted((a, b) => a - b)).toEqual([0, 1]);
    const codes = ends.map((events) => exitCode(fold(events)));
    expect(codes.toSorted((a, b) => a - b)).toEqual([0, 3]);
    expect(await sees(stage, "orders")).toEqual(before);
  },
);

it("tells a function its targets in one spelling, whatever the case, the dots and the order", async () => {
  const stage = await Stage.of({}, { settings: SETTINGS });
  let told = "";
  stage.hooks.onEvent = ({ type }) => {
    if (type !== "hold.started") return;
    void stage.cloud("lambda:GetFunctionConfiguration", { FunctionName: "orders" }).then((found) => {
      told = String(recordOf(recordOf(recordOf(found)["Environment"])["Variables"])["UNPLUG_INTERCEPTOR"]);
    });
  };

  await stage.run({
    fault: "lambda-block-tcp-connection",
    tunables: {
      FUNCTION_NAME: "orders",
      REGION,
      TARGET_HOSTNAMES: "DB.Internal.:5432, *.Shop.EXAMPLE., 10.1.2.3/8, [2001:DB8::1]:443",
      TOTAL_CHAOS_DURATION: 5,
    },
  });

  expect(told.split(";").filter((line) => line.startsWith("target="))).toEqual([
    "target=db.internal:5432",
    "target=*.shop.example",
    "target=10.0.0.0/8",
    "target=[2001:db8::1]:443",
  ]);
});
