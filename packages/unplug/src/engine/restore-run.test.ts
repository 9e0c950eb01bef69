import { describe, expect, it } from "vitest";
import { type LifeOptions, live } from "../../../../test/support/life.ts";
import { experiment, scenarios } from "../../../../test/support/scenario.ts";
import { eventsOf, Stage, type StagedCall, toggleStep } from "../../../../test/support/stage.ts";
import { REGION } from "../../../../test/support/world.ts";
import type { Access } from "../contract/access.ts";
import type { Recorded } from "../contract/journal.ts";
import { openEdits } from "./open-edits.ts";
import { type AccessOverride, restoreRun } from "./restore-run.ts";
import { runExperiment } from "./run.ts";

const secret = { AWS_AUTHENTICATION_SECRET: "team", ASSUME_ROLE_ARN: "arn:aws:iam::123456789012:role/x" };

async function untilHold(stage: Stage): Promise<{ readonly run: Promise<readonly Recorded[]> }> {
  let held = false;
  const onEvent = ({ event }: Recorded): void => void (held ||= event.type === "hold.started");
  const options = { run: "r-1", signal: stage.controller.signal };
  const run = runExperiment(experiment(toggleStep(secret)), options, { ...stage.parts, onEvent });
  await stage.clock.run(run, () => held);
  return { run };
}

describe("a restore with other credentials", () => {
  it.each<[string, AccessOverride, Partial<Access>]>([
    ["a profile", { profile: "admin" }, { profile: "admin", secret: "", assumeRoleArn: "" }],
    ["a role", { assumeRoleArn: "arn:r" }, { assumeRoleArn: "arn:r", secret: "", profile: "" }],
    ["nothing", { profile: "" }, { secret: "team", assumeRoleArn: secret.ASSUME_ROLE_ARN }],
  ])(
    "of which %s is given needs nothing of the run's own that is lost",
    async (_what, override, expected) => {
      const stage = await Stage.of();
      await untilHold(stage);
      stage.processes.kill();
      const asked: Access[] = [];
      const connect: typeof stage.parts.connect = (access, run, signal) => {
        asked.push(access);
        return stage.parts.connect(access, run, signal);
      };
      const work = restoreRun("r-1", { ...stage.parts, connect }, override);
      await stage.clock.run(work);
      expect(openEdits(await work)).toEqual([]);
      expect(asked[0]).toMatchObject(expected);
    },
  );
});

describe("a restore of a run that goes on in this very process", () => {
  it("is refused, and writes nothing", async () => {
    const stage = await Stage.of();
    const { run } = await untilHold(stage);
    const calls: readonly StagedCall[] = [...stage.calls];
    await expect(stage.restore()).rejects.toThrow("Run r-1 is still going on, and will restore by itself");
    expect(stage.calls).toEqual(calls);
    await stage.clock.run(run);
    expect(openEdits(await run)).toEqual([]);
    expect(openEdits(await stage.restore())).toEqual([]);
  });
});

describe("a restore of a run that died when all of it was out", () => {
  const publishes: LifeOptions["onEvent"] = ({ event }, { cloud }) => {
    if (event.type !== "hold.started") return;
    void cloud.call("lambda:PublishVersion", { FunctionName: "orders" }, { region: REGION });
  };

  it("still asks for what somebody made of the function meanwhile", async () => {
    const { points } = await live(scenarios.blockByLayer, null, { onEvent: publishes });
    const proved = { index: points.labels.indexOf("proved"), mishap: "after" } as const;

    const { events } = await live(scenarios.blockByLayer, proved, { onEvent: publishes });

    expect(openEdits(events)).toMatchObject([{ value: { ref: { kind: "published-copy" } } }]);
    expect(eventsOf(events, "run.closed")).toEqual([]);
  });

  it("is done where nobody has made anything", async () => {
    const { points } = await live(scenarios.blockByLayer, null);
    const proved = { index: points.labels.indexOf("proved"), mishap: "after" } as const;

    const { before, after, events } = await live(scenarios.blockByLayer, proved);

    expect(after).toEqual(before);
    expect(eventsOf(events, "run.closed")).toHaveLength(1);
  });
});
