import { describe, expect, it } from "vitest";
import { FaultTrial } from "../../../../test/support/fault-trial.ts";
import { ACCOUNT, REGION, recordOf } from "../../../../test/support/world.ts";
import { parseTunables } from "../engine/tunables.ts";
import { lambdaToggleEventMappingState as fault } from "./lambda-toggle-event-mapping-state.ts";

const NOBODY = "00000000-0000-4000-8000-000000000000";
const arnOf = (service: string, rest: string): string => `arn:aws:${service}:${REGION}:${ACCOUNT}:${rest}`;
const functionArn = arnOf("lambda", "function:orders");

const sources: readonly [string, Readonly<Record<string, unknown>>, string][] = [
  [
    "Kinesis",
    { EventSourceArn: arnOf("kinesis", "stream/clicks"), StartingPosition: "LATEST" },
    "Kinesis clicks",
  ],
  [
    "a DynamoDB stream",
    {
      EventSourceArn: arnOf("dynamodb", "table/carts/stream/2026-01-01T00:00:00.000"),
      StartingPosition: "LATEST",
    },
    "DynamoDB stream carts",
  ],
  [
    "MSK",
    {
      EventSourceArn: arnOf("kafka", "cluster/events/11111111-2222"),
      Topics: ["t"],
      StartingPosition: "LATEST",
    },
    "MSK events",
  ],
  [
    "self-managed Kafka",
    {
      SelfManagedEventSource: { Endpoints: { KAFKA_BOOTSTRAP_SERVERS: ["k:9092"] } },
      SourceAccessConfigurations: [{ Type: "VPC_SUBNET", URI: "subnet:subnet-1" }],
      Topics: ["payments"],
      StartingPosition: "LATEST",
    },
    "self-managed Kafka payments",
  ],
  ["MQ", { EventSourceArn: arnOf("mq", "broker:desk:b-1"), Queues: ["q"] }, "MQ desk"],
];

describe("the sources that Lambda polls", () => {
  it("may be SQS, found by UUID, by source ARN and by `all`, in the order given", async () => {
    const trial = await FaultTrial.of(fault, { mappings: 3 });
    const [first = "", second = "", third = ""] = trial.world.mappings;
    const ids = async (EVENT_UUIDS: string) =>
      (await trial.targets({ EVENT_UUIDS })).targets.map(({ ref }) => ref.id);
    expect(await ids(`${third}, ${first}`)).toEqual([third, first]);
    expect(await ids(arnOf("sqs", "orders-1"))).toEqual([second]);
    expect(await ids(`${first.toUpperCase()}`)).toEqual([first]);
    expect(new Set(await ids("all"))).toEqual(new Set([first, second, third]));
  });

  it.each(sources)("may be %s", async (_what, source, title) => {
    const trial = await FaultTrial.of(fault);
    const uuid = await trial.addMapping(source);
    const { targets } = await trial.targets({ EVENT_UUIDS: uuid });
    expect(targets.map((target) => [target.ref.id, target.title])).toEqual([
      [uuid, `mapping ${uuid.slice(0, 8)}… (${title})`],
    ]);
  });
});

describe("a function that is named", () => {
  it.each(["orders", `${ACCOUNT}:function:orders`, functionArn, "function:orders"])(
    "as %s is found",
    async (name) => {
      const trial = await FaultTrial.of(fault, { mappings: 1 });
      const { targets } = await trial.targets({ FUNCTION_NAME: name, EVENT_UUIDS: "all" });
      expect(targets.map(({ ref }) => [ref.id, ref.within])).toEqual([
        [trial.world.mappings[0], functionArn],
      ]);
    },
  );

  it.each([
    ["of another region", `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:orders`, /eu-west-1.*us-east-1/s],
    [
      "of another account",
      `arn:aws:lambda:${REGION}:999999999999:function:orders`,
      /999999999999.*123456789012/s,
    ],
    ["that does not exist", "nobody", /nobody does not exist in us-east-1/],
    ["with an alias that does not exist", "orders:live", /version or alias live does not exist/],
  ])("%s is refused by name", async (_what, FUNCTION_NAME, words) => {
    const trial = await FaultTrial.of(fault, { mappings: 1 });
    expect(await trial.refusal({ FUNCTION_NAME, EVENT_UUIDS: "all" })).toMatch(words);
  });

  it.each([
    ["Pending", "it is being created"],
    ["Inactive", "idle"],
    ["Failed", "no"],
  ])("that is %s is refused with its reason", async (State, StateReason) => {
    const answer = { Configuration: { FunctionArn: functionArn, State, StateReason } };
    const trial = await FaultTrial.of(fault, { mappings: 1 }, { "lambda:GetFunction": () => answer });
    const said = await trial.refusal({ EVENT_UUIDS: "all" });
    expect(said).toContain(`is ${State}, not Active (${StateReason})`);
  });
});

/** The sandbox has no aliases: the function is answered for it, and its mappings are moved to it in the store. */
async function onAlias(): Promise<{ trial: FaultTrial; uuid: string }> {
  const answer = { Configuration: { FunctionArn: `${functionArn}:live`, State: "Active" } };
  const trial = await FaultTrial.of(fault, { mappings: 1 }, { "lambda:GetFunction": () => answer });
  for (const mapping of trial.world.cloud.mappings.of({ region: REGION, account: ACCOUNT }))
    mapping.functionArn = `${functionArn}:live`;
  return { trial, uuid: trial.world.mappings[0] ?? "" };
}

describe("a mapping on an alias", () => {
  it("is found under the qualified name, and by Get under the bare one", async () => {
    const { trial, uuid } = await onAlias();
    for (const FUNCTION_NAME of ["orders:live", "orders", `${functionArn}:live`]) {
      const { targets } = await trial.targets({ FUNCTION_NAME, EVENT_UUIDS: uuid });
      expect(targets.map(({ ref }) => ref.id)).toEqual([uuid]);
    }
    const { targets } = await trial.targets({ FUNCTION_NAME: "orders:live", EVENT_UUIDS: "all" });
    expect(targets).toHaveLength(1);
  });

  it("is found by its source under the bare name", async () => {
    const { trial, uuid } = await onAlias();
    const { targets } = await trial.targets({ EVENT_UUIDS: arnOf("sqs", "orders-0") });
    expect(targets.map(({ ref }) => ref.id)).toEqual([uuid]);
  });

  it("is refused for another alias, naming what it feeds", async () => {
    const { trial, uuid } = await onAlias();
    const said = await trial.refusal({ FUNCTION_NAME: "orders:beta", EVENT_UUIDS: uuid });
    expect(said).toContain(`feeds ${functionArn}:live, not orders:beta`);
  });
});

describe("EVENT_UUIDS", () => {
  it("names every culprit at once, with the real mappings and the command that lists them", async () => {
    const trial = await FaultTrial.of(fault, { mappings: 2 });
    const [good = "", off = ""] = trial.world.mappings;
    await trial.cloud("lambda:UpdateEventSourceMapping", { UUID: off, Enabled: false });
    trial.world.clock.jump(10_000);
    const said = await trial.refusal({ EVENT_UUIDS: `${good}, ${NOBODY}, ${off}` });
    expect(said).toContain("2 of 3 cannot be toggled; nothing was changed");
    expect(said).toContain(`${NOBODY} does not exist in us-east-1`);
    expect(said).toContain(`${off} is Disabled, not Enabled`);
    expect(said).toContain(`  ${good}  SQS orders-0  Enabled`);
    expect(said).toContain(`  ${off}  SQS orders-1  Disabled`);
    expect(said).toContain("aws lambda list-event-source-mappings --function-name orders --region us-east-1");
    expect(trial.world.cloud.record.of("lambda:UpdateEventSourceMapping")).toHaveLength(1);
  });

  it("refuses a mapping of another function by that function's name", async () => {
    const trial = await FaultTrial.of(fault, { mappings: 1 });
    const { FunctionArn: _, ...like } = await trial.cloud("lambda:GetFunctionConfiguration", {
      FunctionName: "orders",
    });
    const { Runtime, Role, Handler } = recordOf(like);
    const ZipFile = trial.world.cloud.functions.code("orders", REGION);
    await trial.cloud("lambda:CreateFunction", {
      FunctionName: "billing",
      Runtime,
      Role,
      Handler,
      Code: { ZipFile },
    });
    trial.world.clock.jump(10_000);
    await trial.cloud("sqs:CreateQueue", { QueueName: "bills" });
    const theirs = await trial.addMapping({ EventSourceArn: arnOf("sqs", "bills") }, "billing");
    const said = await trial.refusal({ EVENT_UUIDS: theirs });
    expect(said).toContain(`${theirs} belongs to another function: ${arnOf("lambda", "function:billing")}`);
  });

  it("refuses what Lambda disabled by itself, with Lambda's own reason", async () => {
    const reason = "PROBLEM: Function call failed";
    const found = {
      UUID: NOBODY,
      FunctionArn: functionArn,
      State: "Disabled",
      StateTransitionReason: reason,
    };
    const page = { EventSourceMappings: [found] };
    const trial = await FaultTrial.of(fault, {}, { "lambda:ListEventSourceMappings": () => page });
    expect(await trial.refusal({ EVENT_UUIDS: NOBODY })).toContain(
      `${NOBODY} is Disabled, not Enabled (${reason})`,
    );
  });

  it("takes UUIDs, ARNs and a single `all`, and nothing is called for anything else", async () => {
    const trial = await FaultTrial.of(fault, { mappings: 1 });
    const [uuid = ""] = trial.world.mappings;
    trial.world.cloud.record.clear();
    await expect(trial.targets({ EVENT_UUIDS: `all,${uuid}` })).rejects.toThrow("names all and others");
    await expect(trial.targets({ EVENT_UUIDS: `zzz,${uuid},14e0db71` })).rejects.toThrow(
      "names zzz, 14e0db71, expected a mapping's UUID, its source's ARN, or all",
    );
    expect(trial.world.cloud.record.all()).toEqual([]);
  });

  it("refuses `all` of a function with none enabled", async () => {
    const trial = await FaultTrial.of(fault, { mappings: 1 });
    const [uuid = ""] = trial.world.mappings;
    await trial.cloud("lambda:UpdateEventSourceMapping", { UUID: uuid, Enabled: false });
    trial.world.clock.jump(10_000);
    const said = await trial.refusal({ EVENT_UUIDS: "all" });
    expect(said).toContain("Function orders has no enabled event source mapping");
    expect(said).toContain(`${uuid}  SQS orders-0  Disabled`);
  });

  it("refuses the same mapping twice, also once by its source", async () => {
    const trial = await FaultTrial.of(fault, { mappings: 1 });
    const [uuid = ""] = trial.world.mappings;
    expect(await trial.refusal({ EVENT_UUIDS: `${uuid},${arnOf("sqs", "orders-0")}` })).toContain(
      "named twice",
    );
    const twice = [
      { name: "FUNCTION_NAME", value: "orders", source: "argument" as const },
      { name: "REGION", value: REGION, source: "argument" as const },
      { name: "EVENT_UUIDS", value: `${uuid}, ${uuid}`, source: "argument" as const },
    ];
    expect(() => parseTunables(fault, twice)).toThrow(`names ${uuid} twice`);
    expect(await trial.refusal({ EVENT_UUIDS: `${uuid},${uuid.toUpperCase()}` })).toContain("named twice");
  });

  it("refuses a source that is none of the function's", async () => {
    const trial = await FaultTrial.of(fault, { mappings: 1 });
    expect(await trial.refusal({ EVENT_UUIDS: arnOf("sqs", "other") })).toContain(
      "is not a source of orders",
    );
  });

  it("names the triggers that are no mappings in a refusal", async () => {
    const trial = await FaultTrial.of(fault);
    for (const [id, Principal] of Object.entries({
      a: "apigateway.amazonaws.com",
      e: "events.amazonaws.com",
      s: "s3.amazonaws.com",
    }))
      await trial.cloud("lambda:AddPermission", {
        FunctionName: "orders",
        StatementId: id,
        Principal,
        Action: "lambda:InvokeFunction",
      });
    const said = await trial.refusal({ EVENT_UUIDS: "all" });
    expect(said).toContain("API Gateway, an EventBridge rule, S3 notifications");
    expect(said).toContain("no event source mappings and cannot be toggled");
  });

  it("finds more than a hundred mappings, page by page", async () => {
    const trial = await FaultTrial.of(fault, { mappings: 230 });
    const { targets, warnings } = await trial.targets({ EVENT_UUIDS: "all" });
    expect(targets).toHaveLength(230);
    expect(warnings.join()).toContain("more than 50 of them");
    const last = trial.world.mappings.at(-1) ?? "";
    expect((await trial.targets({ EVENT_UUIDS: last })).targets).toHaveLength(1);
  });
});
