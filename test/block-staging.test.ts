import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { zipOf } from "../packages/sandbox/src/index.ts";
import type { Recorded } from "../packages/unplug/src/contract/journal.ts";
import { fold } from "../packages/unplug/src/report/fold.ts";
import { exitCode } from "../packages/unplug/src/report/outcome.ts";
import { summaryText } from "../packages/unplug/src/report/summary-text.ts";
import type { CrashPoints, Point } from "./support/crash-points.ts";
import { type Life, live, sweep } from "./support/life.ts";
import { type StepScenario, scenarios } from "./support/scenario.ts";
import { eventsOf, Stage, type StagedCall } from "./support/stage.ts";
import { REGION, recordOf } from "./support/world.ts";

const scenario = scenarios.blockThroughBucket;
const FunctionName = "orders";
const Bucket = "staging";

const block: StepScenario = {
  fault: "lambda-block-tcp-connection",
  tunables: {
    FUNCTION_NAME: FunctionName,
    REGION,
    TARGET_HOSTNAMES: "db.internal",
    INJECTION_METHOD: "code",
    STAGING_BUCKET: Bucket,
    TOTAL_CHAOS_DURATION: 30,
  },
};

async function keysIn(stage: Stage): Promise<readonly string[]> {
  const { Contents } = await stage.aws.call("s3:ListObjectsV2", { Bucket, Prefix: "", MaxKeys: 10 });
  return (Contents ?? []).map(({ Key = "" }) => Key);
}

async function sha256(stage: Stage): Promise<unknown> {
  const found = await stage.cloud("lambda:GetFunctionConfiguration", { FunctionName });
  return recordOf(found)["CodeSha256"];
}

/** A world in which something happens once, in the hold of a run. */
async function withIncident(happens: (stage: Stage) => Promise<unknown>): Promise<Stage> {
  let done = false;
  const stage: Stage = await Stage.of(
    {
      before: async ({ action }) => {
        if (done || action !== "logs:FilterLogEvents" || !stage.calls.some(isCodeUpdate)) return;
        done = true;
        await happens(stage);
      },
    },
    { bucket: Bucket },
  );
  return stage;
}

function isCodeUpdate({ action }: StagedCall): boolean {
  return action === "lambda:UpdateFunctionCode";
}

async function empties(stage: Stage): Promise<void> {
  for (const Key of await keysIn(stage)) await stage.cloud("s3:DeleteObject", { Bucket, Key });
}

function told(events: readonly Recorded[]): string {
  const view = fold(events);
  return `${exitCode(view)} ${summaryText(view)}`;
}

describe("code that goes through a bucket", () => {
  it("is put back after a crash in the hold, whatever the restore meets", async () => {
    const { points } = await live(scenario, null);
    const point = holdOf(points);
    const clean = await live(scenario, point);

    const again = (restorePoint: Point): Promise<Life> => live(scenario, point, { restorePoint });
    const { lives, broken } = await sweep(scenario, clean.restorePoints, { through: again });

    expect(broken).toEqual([]);
    expect(lives).toBeGreaterThan(50);
  });

  it("is put back from any machine, with the bucket, but for objects that no code names yet, or any more", async () => {
    const { points } = await live(scenario, null);
    const whole = await live(scenario, holdOf(points), { elsewhere: true });
    expect(whole.after).toEqual(whole.before);

    const { lives, broken } = await sweep(scenario, points, {
      elsewhere: true,
      through: async (point) => withoutBucket(await live(scenario, point, { elsewhere: true })),
    });

    expect(broken).toEqual([]);
    expect(lives).toBeGreaterThan(20);
  });

  it("may have more than 50 MB, which no call takes, and is put there again where the bucket was emptied", async () => {
    const stage = await withIncident(empties);
    const theirs = await zipOf({ "index.mjs": "export const handler = 1;", data: randomBytes(52_500_000) });
    await stage.cloud("s3:PutObject", { Bucket, Key: "theirs.zip", Body: theirs });
    await stage.cloud("lambda:UpdateFunctionCode", { FunctionName, S3Bucket: Bucket, S3Key: "theirs.zip" });
    stage.clock.jump(60_000);
    const before = await sha256(stage);
    const inCall = { ...block, tunables: { ...block.tunables, STAGING_BUCKET: "" } };
    expect(told(await stage.run(inCall, { run: "r-0" }))).toMatch(/^3 .*no more than 52428800 in a call/s);

    const events = await stage.run(block);

    expect(told(events)).toMatch(/^0 /);
    expect(await sha256(stage)).toBe(before);
    expect(await keysIn(stage)).toEqual([]);
    expect(stage.writes("s3:PutObject")).toHaveLength(3);
    expect(stage.calls.filter(isCodeUpdate).every(({ input }) => input["S3Bucket"] === Bucket)).toBe(true);
  });

  it("goes back in a call where it fits and the bucket is gone", async () => {
    const stage = await withIncident(async (own) => {
      await empties(own);
      await own.cloud("s3:DeleteBucket", { Bucket });
    });
    const before = await sha256(stage);

    const events = await stage.run(block);

    expect(eventsOf(events, "failed")).toEqual([]);
    expect(eventsOf(events, "gone")).toHaveLength(2);
    expect(await sha256(stage)).toBe(before);
  });

  it("is told to have stayed in the bucket where that may not be emptied", async () => {
    const stage = await Stage.of({}, { bucket: Bucket });
    stage.world.cloud.switches.set({ deny: ["s3:DeleteObject"] });
    const before = await sha256(stage);

    const events = await stage.run(block);

    expect(await sha256(stage)).toBe(before);
    const keys = await keysIn(stage);
    expect(keys).toHaveLength(2);
    for (const key of keys) {
      expect(key).toMatch(/^unplug\/123456789012\/orders\/[0-9a-f]{64}\.zip$/);
      expect(told(events)).toContain(`s3://${Bucket}/${key}`);
    }
    stage.world.cloud.switches.set({ deny: [] });
    await stage.run(block, { run: "r-2" });
    expect(await keysIn(stage)).toEqual([]);
  });

  it("is not touched where the bucket takes no object", async () => {
    const stage = await Stage.of({}, { bucket: Bucket });
    stage.world.cloud.switches.set({ deny: ["s3:PutObject"] });

    const events = await stage.run(block);

    expect(told(events)).toMatch(/^3 .*s3:PutObject/s);
    expect(stage.calls.filter(({ action }) => action.startsWith("lambda:Update"))).toEqual([]);
  });
});

function holdOf({ labels }: CrashPoints): Point {
  const index = labels.findIndex((label) => label.includes("hold.started"));
  expect(index).toBeGreaterThan(0);
  return { index, mishap: "after" };
}

function withoutBucket(life: Life): Life {
  const less = (state: unknown): unknown =>
    state === null ? null : { ...recordOf(state), stored: "not looked at" };
  return { ...life, before: less(life.before), after: less(life.after), atEnd: less(life.atEnd) };
}
