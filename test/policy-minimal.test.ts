import { describe, expect, test } from "vitest";
import { builtinFaults } from "../packages/unplug/src/faults/index.ts";
import { type Policy, permittedRun, printedPolicy, type Trial, without } from "./support/permitted.ts";
import { scenarios } from "./support/scenario.ts";
import { REGION } from "./support/world.ts";

const common = { FUNCTION_NAME: "orders", REGION, TOTAL_CHAOS_DURATION: 5 };
const theirs = { Environment: { Variables: { APP: "theirs" } } };
const signing = "arn:aws:signer:us-east-1:123456789012:/signing-profiles/p/v";

function toggle(mappings: number): Trial {
  const tunables = { ...common, EVENT_UUIDS: "all", DRAIN_TIMEOUT: 0 };
  return { world: { mappings }, step: { fault: "lambda-toggle-event-mapping-state", tunables } };
}

function throttle(had: number | null): Trial {
  return {
    world: {},
    step: { fault: "lambda-throttle", tunables: { ...common, RESERVED_CONCURRENCY: 0 } },
    prepare: async ({ cloud }) => {
      const input = { FunctionName: "orders", ReservedConcurrentExecutions: had };
      if (had !== null) await cloud.call("lambda:PutFunctionConcurrency", input, { region: REGION });
    },
  };
}

function block(
  method: string,
  more: Readonly<Record<string, string | number>> = {},
  world: Trial["world"] = {},
): Trial {
  const tunables = { ...common, TARGET_HOSTNAMES: "db.internal", RECOVERY_TIMEOUT: 0, ...more };
  return {
    world: { settings: theirs, ...world },
    step: { fault: "lambda-block-tcp-connection", tunables: { ...tunables, INJECTION_METHOD: method } },
    // What is read only where there is such a thing.
    prepare: async ({ cloud, clock }) => {
      const call = (action: string, input: Record<string, unknown>) =>
        cloud.call(action, input, { region: REGION });
      const { CodeSigningConfig } = Object(
        await call("lambda:CreateCodeSigningConfig", {
          AllowedPublishers: { SigningProfileVersionArns: [signing] },
        }),
      );
      const { CodeSigningConfigArn } = Object(CodeSigningConfig);
      await call("lambda:PutFunctionCodeSigningConfig", { FunctionName: "orders", CodeSigningConfigArn });
      clock.jump(60_000);
    },
  };
}

function imaged(
  { image, settings }: Required<Pick<Trial["world"], "image" | "settings">>,
  QUALIFIER = "",
): Trial {
  const alias = QUALIFIER === "" ? {} : { alias: QUALIFIER };
  const { world, step } = block("image", { QUALIFIER }, { image, settings, ...alias });
  return { world, step };
}

const trials: Readonly<Record<string, readonly Trial[]>> = {
  "lambda-toggle-event-mapping-state": [toggle(1), toggle(2)],
  "lambda-update-function-memory": [
    {
      world: {},
      step: { fault: "lambda-update-function-memory", tunables: { ...common, MEMORY_IN_MEGABYTES: 256 } },
    },
  ],
  "lambda-throttle": [throttle(null), throttle(3)],
  "lambda-block-tcp-connection by a layer": [block("layer")],
  "lambda-block-tcp-connection in the code": [block("code")],
  "lambda-block-tcp-connection by a variable": [
    block("env"),
    block("env", {}, { settings: { ...theirs, Runtime: "nodejs18.x" } }),
  ],
  "lambda-block-tcp-connection through a bucket": [
    block("code", { STAGING_BUCKET: "staging" }, { bucket: "staging" }),
  ],
  "lambda-block-tcp-connection of an alias, by a layer": [
    block("layer", { QUALIFIER: "live" }, { alias: "live" }),
  ],
  "lambda-block-tcp-connection of an alias, in the code": [
    block("code", { QUALIFIER: "live" }, { alias: "live" }),
  ],
  "lambda-block-tcp-connection in a container image": [imaged(scenarios.blockInImage)],
  "lambda-block-tcp-connection in a container image that is deleted meanwhile": [
    { ...imaged(scenarios.blockInDeletedImage), inHold: scenarios.blockInDeletedImage.inHold },
  ],
  "lambda-block-tcp-connection of an alias, in a container image": [imaged(scenarios.blockInImage, "live")],
  "lambda-block-tcp-connection in a Go program of a container image": [imaged(scenarios.blockInGoImage)],
  "lambda-block-tcp-connection with a proof": [block("env", { PROOF: "invoke" })],
};

/** Actions with the Sid that says whether a run can do without. */
function actionsOf(policy: Policy, sid: "Required" | "Optional"): readonly string[] {
  const own = policy.Statement.filter((one) => one.Sid?.startsWith(sid) === true);
  return [...new Set(own.flatMap(({ Action }) => Action))];
}

interface Without {
  readonly action: string;
  readonly broke: boolean;
}

/** A run without one of the policy's actions: what it is for stays as it was, or it says what it needs. */
async function runWithout(trial: Trial, policy: Policy, action: string): Promise<Without> {
  const { code, said, before, after } = await permittedRun(trial, without(policy, action));
  if (code !== 0) {
    expect(code, said).toBe(3);
    expect(said).toContain(action);
  }
  const left = inertWithout[action] ?? (trial.world.image === undefined ? undefined : keptWithout[action]);
  if (left === undefined) expect(after, `${action}\n${said}`).toEqual(before);
  else expect(said).toContain(left);
  return { action, broke: code !== 0 };
}

/** IAM knows no resource for them. */
const OF_ANYTHING = ["lambda:ListEventSourceMappings", "lambda:ListFunctions", "ecr:GetAuthorizationToken"];

/** Code of 50 MB and less goes in the call itself where Lambda may not take it from the bucket. */
const OF_LARGE_CODE = "s3:GetObject";

/** What may stay where it may not be taken away, since it does nothing, and is named. */
const inertWithout: Readonly<Record<string, string>> = {
  "lambda:DeleteFunction": "version stays, inert",
  "s3:DeleteObject": "staged-object stays, inert",
  "ecr:BatchDeleteImage": "image stays, inert",
};

/** An image that was pushed stays where it may not be looked who else has it. */
const keptWithout: Readonly<Record<string, string>> = {
  "lambda:ListVersionsByFunction": "image stays, inert",
  "lambda:ListFunctions": "image stays, inert",
};

describe.each(Object.entries(trials))("what `unplug policy` prints for %s", (_name, mine) => {
  test("is enough, and no other resource is asked of", async () => {
    for (const trial of mine) {
      const policy = await printedPolicy(trial);
      const run = await permittedRun(trial, policy);

      expect(run.code, run.said).toBe(0);
      expect(run.said).toMatch(/Restore +proved/);
      expect(run.after).toEqual(run.before);
      // The user may do nothing else: what was asked beyond it was refused.
      expect(run.refused).toEqual([]);
      // No action is permitted on what is another service's.
      for (const { Action, Resource } of policy.Statement) {
        for (const [action, resource] of [Action]
          .flat()
          .flatMap((one) => [Resource].flat().map((of) => [one, of]))) {
          if (resource !== "*") expect(resource?.split(":")[2], action).toBe(action?.split(":")[0]);
        }
      }
      const unscoped = policy.Statement.filter(({ Resource }) => Resource === "*").flatMap(
        ({ Action }) => Action,
      );
      expect(unscoped.filter((action) => !OF_ANYTHING.includes(action))).toEqual([]);
    }
  });

  test("has nothing that could be left out, but what it marks so", async () => {
    const required = new Set<string>();
    const optional = new Set<string>();
    const broke = new Set<string>();
    const used = new Set<string>();
    for (const trial of mine) {
      const policy = await printedPolicy(trial);
      const whole = await permittedRun(trial, policy);
      for (const { action } of whole.used) used.add(action);
      for (const action of actionsOf(policy, "Required")) {
        required.add(action);
        if ((await runWithout(trial, policy, action)).broke) broke.add(action);
      }
      for (const action of actionsOf(policy, "Optional")) {
        if (actionsOf(policy, "Required").includes(action)) continue;
        optional.add(action);
        await runWithout(trial, policy, action);
      }
    }
    const spare = [...required].filter((action) => !broke.has(action));
    expect(spare.filter((action) => action !== OF_LARGE_CODE)).toEqual([]);
    expect([...optional].filter((action) => !used.has(action))).toEqual([]);
  });
});

test("every fault is looked at", () => {
  const tried = Object.values(trials).flatMap((mine) => mine.map(({ step }) => step.fault));
  expect(builtinFaults.map(({ id }) => id).filter((id) => !tried.includes(id))).toEqual([]);
});
