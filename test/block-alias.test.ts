import { describe, expect, it } from "vitest";
import { zipOf } from "../packages/sandbox/src/index.ts";
import { sha256Of } from "../packages/unplug/src/carriers/interceptor-layer.ts";
import type { Event } from "../packages/unplug/src/contract/events.ts";
import type { Recorded } from "../packages/unplug/src/contract/journal.ts";
import { planExperiment } from "../packages/unplug/src/engine/plan.ts";
import { fold } from "../packages/unplug/src/report/fold.ts";
import { exitCode } from "../packages/unplug/src/report/outcome.ts";
import { policyJson } from "../packages/unplug/src/report/policy-json.ts";
import { summaryText } from "../packages/unplug/src/report/summary-text.ts";
import { experiment, type StepScenario, snapshot } from "./support/scenario.ts";
import { eventsOf, Stage, timesOf } from "./support/stage.ts";
import { ACCOUNT, REGION, recordOf } from "./support/world.ts";

const FunctionName = "orders";
const ARN = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${FunctionName}`;

const block = (more: Readonly<Record<string, string | number>> = {}): StepScenario => ({
  fault: "lambda-block-tcp-connection",
  tunables: {
    FUNCTION_NAME: FunctionName,
    REGION,
    TARGET_HOSTNAMES: "db.internal",
    INJECTION_METHOD: "code",
    QUALIFIER: "live",
    ...more,
  },
});

const THEIRS = await zipOf({ "index.mjs": "export const handler = async () => 'theirs';" });

const WORLD = { alias: "live", settings: { Environment: { Variables: { APP_A: "1" } } } };

/** A function with an alias, and what somebody does to it in the hold. */
async function stageWith(act: (stage: Stage) => Promise<unknown> = async () => undefined): Promise<Stage> {
  const onEvent = ({ type }: Event) => (type === "hold.started" ? void act(stage) : undefined);
  const stage: Stage = await Stage.of({ onEvent }, WORLD);
  return stage;
}

function text(events: readonly Recorded[]): string {
  return summaryText(fold(events), { width: 10_000 });
}

async function alias(stage: Stage): Promise<Readonly<Record<string, unknown>>> {
  return recordOf(await stage.cloud("lambda:GetAlias", { FunctionName, Name: "live" }));
}

async function versions(stage: Stage): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { Versions } = recordOf(await stage.cloud("lambda:ListVersionsByFunction", { FunctionName }));
  return Array.isArray(Versions) ? Versions.slice(1).map(recordOf) : [];
}

describe("a block of an alias's callers", () => {
  it("moves the alias to a version that names the run, and puts all back", async () => {
    const seen: unknown[] = [];
    const stage = await stageWith(async (held) => seen.push(await alias(held), await versions(held)));
    const before = await snapshot(stage.world);

    const events = await stage.run(block());

    expect(exitCode(fold(events)), text(events)).toBe(0);
    expect(seen).toMatchObject([
      { FunctionVersion: "2" },
      [{ Version: "1" }, { Version: "2", Description: expect.stringMatching(/^unplug run=r-1 .* was=1$/) }],
    ]);
    expect(await snapshot(stage.world)).toEqual(before);
  });

  it("gives the version a weight, and takes it away again", async () => {
    const seen: unknown[] = [];
    const stage = await stageWith(async (held) => seen.push(await alias(held)));
    const before = await snapshot(stage.world);

    await stage.run(block({ TRAFFIC_PERCENTAGE: 20 }));

    const RoutingConfig = { AdditionalVersionWeights: { 2: 0.2 } };
    expect(seen).toMatchObject([{ FunctionVersion: "1", RoutingConfig }]);
    expect(await snapshot(stage.world)).toEqual(before);
  });

  it("leaves the version where it may not be deleted, puts back all else, and says so", async () => {
    const stage = await stageWith();
    const configuration = () => stage.cloud("lambda:GetFunctionConfiguration", { FunctionName });
    const { CodeSha256 } = recordOf(await configuration());
    stage.world.cloud.switches.set({ deny: ["lambda:DeleteFunction"] });

    const events = await stage.run(block({ CYCLES: 2, CHAOS_INTERVAL: 5 }));

    expect(exitCode(fold(events)), text(events)).toBe(0);
    expect(text(events)).toMatch(/version stays, inert: version 2; to take it out was not permitted/);
    expect(eventsOf(events, "inject.confirmed")).toHaveLength(2);
    expect(eventsOf(events, "run.closed")).toHaveLength(1);
    expect(await alias(stage)).toMatchObject({ FunctionVersion: "1" });
    expect(await versions(stage)).toHaveLength(2);
    const after = recordOf(await configuration());
    expect(after["CodeSha256"]).toBe(CodeSha256);
    expect(recordOf(after["Environment"])["Variables"]).toEqual({ APP_A: "1" });
  });

  it("never deletes a version that somebody uses, and puts back all else", async () => {
    const stage = await stageWith((held) =>
      held.cloud("lambda:CreateAlias", { FunctionName, Name: "theirs", FunctionVersion: "2" }),
    );

    const events = await stage.run(block({ RESTORE_TIMEOUT: 10 }));

    expect(exitCode(fold(events)), text(events)).toBe(4);
    expect(text(events)).toMatch(/aliases reference it: \[theirs\]/);
    expect(await alias(stage)).toMatchObject({ FunctionVersion: "1" });
    const { Environment } = recordOf(await stage.cloud("lambda:GetFunctionConfiguration", { FunctionName }));
    expect(recordOf(Environment)["Variables"]).toEqual({ APP_A: "1" });
  });

  it.each(["layer", "code"])(
    "by %s ends within seconds when somebody deploys to $LATEST: what is published of that carries the fault",
    async (INJECTION_METHOD) => {
      let deployedAt = 0;
      const stage = await stageWith(async (held) => {
        await held.clock.sleep(61_000);
        deployedAt = held.clock.now();
        await held.cloud("lambda:UpdateFunctionCode", { FunctionName, ZipFile: THEIRS });
      });

      const events = await stage.run(block({ INJECTION_METHOD, TOTAL_CHAOS_DURATION: 600 }));

      expect(exitCode(fold(events)), text(events)).toBe(3);
      expect(eventsOf(events, "inject.lost")).toHaveLength(1);
      expect((timesOf(events, "inject.lost")[0] ?? 0) - deployedAt).toBeLessThan(10_000);
      expect(await alias(stage)).toMatchObject({ FunctionVersion: "1" });
      const now = recordOf(await stage.cloud("lambda:GetFunctionConfiguration", { FunctionName }));
      expect(now).toMatchObject({ CodeSha256: sha256Of(THEIRS), Environment: { Variables: { APP_A: "1" } } });
    },
  );

  it("tells of a version that somebody published with the fault in it, and deletes its own alone", async () => {
    const stage = await stageWith(async (held) => {
      await held.cloud("lambda:UpdateFunctionConfiguration", { FunctionName, Timeout: 9 });
      await held.clock.sleep(2_000);
      await held.cloud("lambda:PublishVersion", { FunctionName, Description: "theirs" });
    });

    const events = await stage.run(block());

    expect(exitCode(fold(events)), text(events)).toBe(4);
    expect(text(events)).toMatch(/published version 3 of orders .* carries the fault/);
    expect(await versions(stage)).toMatchObject([{ Version: "1" }, { Version: "3" }]);
    expect(await alias(stage)).toMatchObject({ FunctionVersion: "1" });
    const now = recordOf(await stage.cloud("lambda:GetFunctionConfiguration", { FunctionName }));
    expect(now).toMatchObject({ Timeout: 9, Environment: { Variables: { APP_A: "1" } } });
  });

  it("leaves a version alone that AWS answers with, and that somebody else published", async () => {
    const stage: Stage = await Stage.of(
      {
        before: async ({ action }) => {
          if (action === "lambda:PublishVersion") await stage.cloud(action, { FunctionName });
        },
      },
      WORLD,
    );
    // What guards the write is not there: as if theirs had come a moment later.
    const { aws } = stage;
    const parts = {
      ...stage.parts,
      connect: (...given: Parameters<typeof stage.parts.connect>) =>
        stage.parts.connect(...given).then((connection) => ({
          ...connection,
          aws: {
            ...aws,
            call: ((action, input, signal) => {
              const { RevisionId: _, ...unguarded } = Object(input);
              return aws.call(action, action === "lambda:PublishVersion" ? unguarded : input, signal);
            }) as typeof aws.call,
          },
        })),
    };

    const events = await stage.run(block(), { parts });

    expect(text(events)).toContain("which somebody else had published");
    expect(stage.writes("lambda:UpdateAlias")).toEqual([]);
    expect(stage.writes("lambda:DeleteVersion")).toEqual([]);
    expect(await versions(stage)).toHaveLength(2);
    expect(await alias(stage)).toMatchObject({ FunctionVersion: "1" });
  });

  it("asks for the permission to delete versions, and for no other's", async () => {
    const stage = await stageWith();
    const plan = await planExperiment(experiment(block()), "r-1", stage.parts, stage.controller.signal);
    const permissions = plan.steps.flatMap((step) => (step.kind === "fault" ? step.permissions : []));
    const byHand = plan.steps.flatMap((step) => (step.kind === "fault" ? step.byHand : []));
    const about = policyJson(permissions).Statement.filter(({ Action }) =>
      Action.includes("lambda:DeleteFunction"),
    );

    expect(about.map(({ Resource }) => Resource)).toEqual([[`${ARN}:*`]]);
    expect(byHand.join("\n")).toMatch(
      /^aws lambda update-alias --function-name \S+:orders --name live --function-version 1 --routing-config '{"AdditionalVersionWeights":{}}'/,
    );
  });
});
