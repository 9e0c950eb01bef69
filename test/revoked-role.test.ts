import { expect, test } from "vitest";
import { restoreRun } from "../packages/unplug/src/engine/restore-run.ts";
import { runExperiment } from "../packages/unplug/src/engine/run.ts";
import { memoryJournal } from "../packages/unplug/src/journal/memory-journal.ts";
import { fold } from "../packages/unplug/src/report/fold.ts";
import { exitCode } from "../packages/unplug/src/report/outcome.ts";
import { newView } from "../packages/unplug/src/report/run-view.ts";
import { lastLine } from "../packages/unplug/src/report/summary-text.ts";
import { PretendedProcesses } from "./support/processes.ts";
import { experiment, partsOf, snapshot } from "./support/scenario.ts";
import { toggleStep } from "./support/stage.ts";
import { VirtualClock } from "./support/virtual-clock.ts";
import { ACCOUNT, awsOf, makeWorld, REGION, textOf } from "./support/world.ts";

const RUN = "r-revoked";
const page = ["GetFunction", "GetEventSourceMapping", "ListEventSourceMappings", "UpdateEventSourceMapping"];

function policy(effect: "Allow" | "Deny", actions: readonly string[], more: object = {}): string {
  const statement = { Effect: effect, Action: actions, Resource: "*", ...more };
  return JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
}

test.each([
  {
    how: "whose sessions were revoked",
    refused: "with an explicit deny in an identity-based policy",
    revoke: (now: string) =>
      [
        "iam:PutRolePolicy",
        {
          RoleName: "chaos",
          PolicyName: "AWSRevokeOlderSessions",
          PolicyDocument: policy("Deny", ["*"], {
            Condition: { DateLessThan: { "aws:TokenIssueTime": now } },
          }),
        },
      ] as const,
  },
  {
    how: "that lost its policy",
    refused: "because no identity-based policy allows the lambda:GetEventSourceMapping action",
    revoke: () => ["iam:DeleteRolePolicy", { RoleName: "chaos", PolicyName: "page" }] as const,
  },
])("a role $how while the fault is in: exit 4, the command, and a later restore proves", async (one) => {
  const clock = new VirtualClock();
  const world = await makeWorld(clock, { mappings: 1 });
  const call = (action: string, input: object) => world.cloud.call(action, { ...input }, { region: REGION });
  await call("iam:CreateRole", {
    RoleName: "chaos",
    AssumeRolePolicyDocument: JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { AWS: ACCOUNT } }],
    }),
  });
  const PolicyDocument = policy(
    "Allow",
    page.map((action) => `lambda:${action}`),
  );
  await call("iam:PutRolePolicy", { RoleName: "chaos", PolicyName: "page", PolicyDocument });
  const RoleArn = `arn:aws:iam::${ACCOUNT}:role/chaos`;
  const session = async () => {
    const made = await call("sts:AssumeRole", { RoleArn, RoleSessionName: RUN });
    return awsOf(world.cloud, { accessKey: textOf(Object(made).Credentials, "AccessKeyId") });
  };
  const before = await snapshot(world);
  const journal = memoryJournal(new PretendedProcesses(), clock);
  const revoking: Promise<unknown>[] = [];
  const parts = partsOf(await session(), journal, world, ({ event }) => {
    if (event.type === "hold.started") {
      const [action, input] = one.revoke(new Date(clock.now()).toISOString());
      revoking.push(call(action, input));
    }
  });

  const options = { run: RUN, signal: new AbortController().signal };
  await clock.run(runExperiment(experiment(toggleStep()), options, parts));
  await Promise.all(revoking);
  const left = fold(await journal.read(RUN), newView(RUN));
  await call("iam:PutRolePolicy", { RoleName: "chaos", PolicyName: "page", PolicyDocument });
  const good = partsOf(await session(), journal, world);
  await clock.run(restoreRun(RUN, good));

  expect(exitCode(left)).toBe(4);
  expect(lastLine(left)).toContain(`Run "unplug restore ${RUN}"`);
  expect(JSON.stringify(left)).toContain(one.refused);
  const mended = fold(await journal.read(RUN), newView(RUN));
  expect(exitCode(mended), lastLine(mended)).toBe(0);
  expect(await snapshot(world)).toEqual(before);
});
