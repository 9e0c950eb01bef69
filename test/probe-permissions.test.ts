import { describe, expect, test } from "vitest";
import type { Aws } from "../packages/unplug/src/contract/aws.ts";
import { builtinProbes } from "../packages/unplug/src/probes/index.ts";
import { policyJson } from "../packages/unplug/src/report/policy-json.ts";
import { asUser, type Policy, without } from "./support/permitted.ts";
import { probeIo } from "./support/probe-io.ts";
import { VirtualClock } from "./support/virtual-clock.ts";
import { ACCOUNT, makeWorld, PLACE, REGION, recordOf, textOf, type World } from "./support/world.ts";

interface Asked {
  readonly type: string;
  /** What is asked, of a world in which it is there. */
  readonly settings: (world: World, made: Readonly<Record<string, unknown>>) => object;
  readonly prepare?: (world: World) => Promise<Readonly<Record<string, unknown>>>;
}

const call = async (world: World, action: string, input: Record<string, unknown>) =>
  recordOf((await world.cloud.call(action, input, { region: REGION })) ?? {});

async function alarm(world: World) {
  return call(world, "cloudwatch:PutMetricAlarm", {
    AlarmName: "OrdersBurnRate",
    Namespace: "AWS/Lambda",
    MetricName: "Errors",
    Statistic: "Sum",
    Period: 60,
    EvaluationPeriods: 1,
    Threshold: 1,
    ComparisonOperator: "GreaterThanThreshold",
  });
}

async function table(world: World) {
  const made = await call(world, "dynamodb:CreateTable", {
    TableName: "carts",
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
    KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
    StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_IMAGE" },
  });
  const EventSourceArn = textOf(made["TableDescription"], "LatestStreamArn");
  world.clock.jump(60_000);
  await call(world, "lambda:CreateEventSourceMapping", {
    FunctionName: "orders",
    EventSourceArn,
    StartingPosition: "LATEST",
  });
  return { EventSourceArn };
}

async function stream(world: World) {
  return call(world, "kinesis:CreateStream", { StreamName: "clicks", ShardCount: 1 });
}

async function logGroups(world: World) {
  world.cloud.logs.append(
    { region: REGION, group: "/aws/lambda/checkout", stream: "s" },
    world.clock.now(),
    "x",
  );
  world.cloud.logs.append(
    { region: REGION, group: "/aws/lambda/orders", stream: "s" },
    world.clock.now(),
    "x",
  );
  return {};
}

const errors = {
  namespace: "AWS/Lambda",
  metric: "Errors",
  dimensions: { FunctionName: "orders" },
  statistic: "Sum",
};
const keys = {
  sent: { logGroup: "/aws/lambda/checkout", pattern: "order (\\w+) queued" },
  received: { logGroup: "/aws/lambda/orders", pattern: "order (\\w+) done" },
};

const asked: Readonly<Record<string, Asked>> = {
  "a metric": { type: "cloudwatch", settings: () => errors },
  "an alarm": { type: "cloudwatch-alarm", settings: () => ({ alarm: "OrdersBurnRate" }), prepare: alarm },
  "a function": { type: "lambda", settings: () => ({ function: "orders", payload: {} }) },
  "an alias": { type: "lambda", settings: () => ({ function: "orders", qualifier: "live" }) },
  "a queue": { type: "backlog", settings: () => ({ queue: "orders-0" }) },
  "a queue, with keys": {
    type: "backlog",
    settings: () => ({ queue: "orders-0", keys }),
    prepare: logGroups,
  },
  "a queue, by its metrics": { type: "backlog", settings: () => ({ queue: "orders-0", metrics: true }) },
  "a mapping": { type: "backlog", settings: ({ mappings: [mapping = ""] }) => ({ mapping }) },
  "a stream": { type: "backlog", settings: () => ({ stream: "clicks" }), prepare: stream },
  "a table's stream": {
    type: "backlog",
    settings: (_world, { EventSourceArn }) => ({ stream: EventSourceArn }),
    prepare: table,
  },
};

async function withPolicy(one: Asked, change: (policy: Policy) => Policy) {
  const world = await makeWorld(new VirtualClock(), { mappings: 1, alias: "live" });
  const made = (await one.prepare?.(world)) ?? {};
  const probe = builtinProbes.find(({ type }) => type === one.type);
  if (probe === undefined) throw new Error(`There is no type of probe ${one.type}.`);
  const settings = probe.settings.parse(one.settings(world, made));
  const printed = policyJson(
    (probe.permissions?.(settings, PLACE) ?? []).map((need) => ({
      ...need,
      optional: need.optional === true,
    })),
  );
  const aws: Aws = await asUser(world, change(printed));
  world.cloud.record.clear();
  const now = world.clock.now();
  const io = probeIo({
    clock: world.clock,
    about: now,
    since: now - 60_000,
    phase: "after",
    aws: () => Promise.resolve({ aws, place: PLACE, identity: `arn:aws:iam::${ACCOUNT}:user/chaos` }),
  });
  const answered = await world.clock
    .run(probe.check(settings, io))
    .then((answer) => answer?.missing ?? answer?.failure ?? null)
    .catch((error: unknown) => String(error));
  const calls = world.cloud.record.all();
  const of = (isDenied: boolean) =>
    calls
      .filter(({ outcome }) => (outcome === "AccessDeniedException") === isDenied)
      .flatMap(({ permissions }) => permissions.map(({ action }) => action));
  return { printed, said: answered, used: of(false), refused: of(true) };
}

describe.each(Object.entries(asked))("a probe of %s", (_name, one) => {
  test("asks of nothing but what its permissions name", async () => {
    const { printed, refused, said } = await withPolicy(one, (policy) => policy);

    expect(refused, said ?? "").toEqual([]);
    const unscoped = printed.Statement.filter(({ Resource }) => Resource === "*").flatMap(
      ({ Action }) => Action,
    );
    expect(unscoped.filter((action) => !/^cloudwatch:|ListEventSourceMappings$/.test(action))).toEqual([]);
  });

  test("needs each permission that it does not call optional", async () => {
    const { printed, said } = await withPolicy(one, (policy) => policy);
    const required = new Set(
      printed.Statement.flatMap(({ Sid, Action }) => (Sid?.startsWith("Required") === true ? Action : [])),
    );
    for (const { Action } of printed.Statement) {
      for (const action of Action) {
        const less = await withPolicy(one, (policy) => without(policy, action));
        // SQS writes actions in lower case.
        if (required.has(action)) expect(less.said?.toLowerCase(), action).toContain(action.toLowerCase());
        else expect(said ?? "", action).toContain(less.said ?? "");
      }
    }
  });
});

test("every type of probe that has permissions is looked at", () => {
  const tried = Object.values(asked).map(({ type }) => type);
  const own = builtinProbes.filter(({ permissions }) => permissions !== undefined).map(({ type }) => type);
  expect(own.filter((type) => !tried.includes(type))).toEqual([]);
});
