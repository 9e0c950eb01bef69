import { describe, expect, test } from "vitest";
import { askOnce, probeIo } from "../../../../test/support/probe-io.ts";
import { PLACE } from "../../../../test/support/world.ts";
import { type Aws, AwsError } from "../contract/aws.ts";
import { lambdaProbe } from "./lambda.ts";

interface Answer {
  readonly payload?: string;
  readonly error?: string;
  readonly log?: string;
}

const warm =
  "START RequestId: 1 Version: $LATEST\nhello\nEND RequestId: 1\nREPORT RequestId: 1\tDuration: 12.34 ms\tBilled Duration: 13 ms\tMemory Size: 128 MB\tMax Memory Used: 60 MB\t\n";
const cold = warm.replace("\t\n", "\tInit Duration: 210.50 ms\t\n");

/** Asks a Lambda that answers so; gives the inputs of its calls, too. */
async function asked(answer: Answer | AwsError, settings: object = {}) {
  const inputs: Record<string, unknown>[] = [];
  const regions: (string | null)[] = [];
  const aws = {
    call: (_action: string, input: Record<string, unknown>) => {
      inputs.push(input);
      if (answer instanceof AwsError) return Promise.reject(answer);
      const { payload = "null", error, log = warm } = answer;
      return Promise.resolve({
        StatusCode: 200,
        Payload: Buffer.from(payload),
        LogResult: Buffer.from(log).toString("base64"),
        ...(error === undefined ? {} : { FunctionError: error }),
      });
    },
  } as unknown as Aws;
  const io = probeIo({
    aws: (region) => {
      regions.push(region);
      return Promise.resolve({ aws, place: PLACE, identity: "" });
    },
  });
  const { measures, failure, missing } = await askOnce(lambdaProbe, { function: "orders", ...settings }, io);
  return { measures, failure, missing, inputs, regions };
}

const failed = (errorType: string, errorMessage = "no") => JSON.stringify({ errorType, errorMessage });

describe("an invocation", () => {
  test("is measured by its payload, its report and its log", async () => {
    const { measures, failure } = await asked({ payload: '{"ok":true,"order":{"id":7}}', log: cold });

    expect(failure).toBeUndefined();
    expect(measures).toMatchObject({
      errorKind: "none",
      errorType: "",
      payload: '{"ok":true,"order":{"id":7}}',
      "json.ok": true,
      "json.order.id": 7,
      statusCode: 200,
      durationMs: 12.34,
      billedMs: 13,
      initMs: 210.5,
      log: cold,
    });
  });

  test("that found its environment warm has no init, and no member that its payload has not", async () => {
    const { measures, missing } = await asked({ payload: '{"ok":true}' });

    expect(measures["initMs"]).toBeNull();
    expect(missing).toContain("its payload is JSON with json.ok");
  });

  test("reports in JSON, too", async () => {
    const record = { metrics: { durationMs: 5.5, billedDurationMs: 6, initDurationMs: 90.1 } };
    const { measures } = await asked({ log: `${JSON.stringify({ type: "platform.report", record })}\n` });

    expect(measures).toMatchObject({ durationMs: 5.5, billedMs: 6, initMs: 90.1 });
  });

  test.each([
    ["Unhandled", failed("TypeError", "x is not a function"), warm, "unhandled"],
    ["Handled", failed("OrderError"), warm, "handled"],
    [
      "Unhandled",
      failed("Sandbox.Timedout", "RequestId: 1 Error: Task timed out after 3.00 seconds"),
      warm,
      "timeout",
    ],
    [
      "Unhandled",
      '{"errorMessage":"2026-01-01T00:00:00Z 1 Task timed out after 3.00 seconds"}',
      warm,
      "timeout",
    ],
    ["Unhandled", failed("Runtime.ImportModuleError"), warm, "init"],
    ["Unhandled", failed("Runtime.ExitError"), warm, "unhandled"],
    [
      "Unhandled",
      failed("Runtime.ExitError"),
      `INIT_REPORT Init Duration: 9.1 ms\tPhase: init\tStatus: error\n${warm}`,
      "init",
    ],
  ])("that ended %s with %s says how", async (error, payload, log, kind) => {
    const { measures } = await asked({ error, payload, log });

    expect(measures).toMatchObject({
      errorKind: kind,
      errorType: JSON.parse(payload).errorType ?? "",
      errorMessage: JSON.parse(payload).errorMessage,
    });
  });

  test.each([
    [{}, "{}"],
    [{ payload: { a: [1] } }, '{"a":[1]}'],
    [{ payload: '{"a":1}' }, '{"a":1}'],
    [{ payload: "plain" }, '"plain"'],
    [{ payload: null }, "null"],
  ])("sends %j as %s", async (settings, expected) => {
    const { inputs } = await asked({}, settings);

    expect(String(inputs[0]?.["Payload"])).toBe(expected);
    expect(inputs[0]).toMatchObject({ FunctionName: "orders", LogType: "Tail" });
  });

  test("goes to the qualifier, and to the region of the ARN unless another is said", async () => {
    const arn = "arn:aws:lambda:eu-west-1:123456789012:function:orders";
    const first = await asked({}, { function: arn, qualifier: "live" });

    expect(first.inputs[0]).toMatchObject({ FunctionName: arn, Qualifier: "live" });
    expect(first.regions).toEqual(["eu-west-1"]);
    expect((await asked({}, { region: "us-west-2" })).regions).toEqual(["us-west-2"]);
  });
});

const no = (code: string, status: number) =>
  new AwsError("lambda:Invoke", { code, status, outcome: "refused", message: "Rate Exceeded." });

test("the machine's clock may be set while an answer is waited for", async () => {
  let now = 1_000_000;
  const aws = {
    call: () => {
      now -= 900_000;
      return Promise.resolve({ StatusCode: 200 });
    },
  } as unknown as Aws;
  const clock = { now: () => now, sleep: () => Promise.resolve() };
  const io = probeIo({ clock, aws: () => Promise.resolve({ aws, place: PLACE, identity: "" }) });

  const { measures } = await askOnce(lambdaProbe, { function: "orders" }, io);

  expect(measures["responseTimeMs"]).toBeGreaterThanOrEqual(0);
  expect(measures["responseTimeMs"]).toBeLessThan(900_000);
});

test("what is throttled, or cannot be served, is a failure of the workload", async () => {
  expect((await asked(no("TooManyRequestsException", 429))).failure).toBe(
    "orders was throttled (TooManyRequestsException: Rate Exceeded.)",
  );
  expect((await asked(no("KMSAccessDeniedException", 502))).failure).toContain("could not be invoked");
});

test("what is denied, or not there, is an error of the question", async () => {
  await expect(asked(no("AccessDeniedException", 403))).rejects.toThrow("Rate Exceeded.");
  await expect(asked(no("ResourceNotFoundException", 404))).rejects.toThrow();
});

test("the permission is for the very function, or its version or alias", () => {
  const of = (settings: object) =>
    lambdaProbe.permissions?.(lambdaProbe.settings.parse(settings), PLACE).map(({ resource }) => resource);

  const arn = `arn:aws:lambda:${PLACE.region}:${PLACE.account}:function:orders`;
  expect(of({ function: "orders" })).toEqual([arn]);
  expect(of({ function: "orders:live" })).toEqual([`${arn}:live`]);
  expect(of({ function: "orders", qualifier: "3", region: "eu-west-1" })).toEqual([
    `arn:aws:lambda:eu-west-1:${PLACE.account}:function:orders:3`,
  ]);
});
