import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { cutInput } from "./call-record.ts";
import { virtualCloud, withFunction, withMapping } from "./cloud-for-test.ts";

const read = "lambda:GetFunctionConfiguration";

describe("the switches of the cloud", () => {
  it("denies actions in AWS's words", async () => {
    const virtual = virtualCloud();
    const uuid = await withMapping(virtual);
    virtual.cloud.switches.set({ deny: ["lambda:UpdateEventSourceMapping"] });
    const denied = virtual.call("lambda:UpdateEventSourceMapping", { UUID: uuid, Enabled: false });
    await expect(denied).rejects.toMatchObject({
      code: "AccessDeniedException",
      status: 403,
      message: `User: arn:aws:iam::000000000000:user/sandbox is not authorized to perform: lambda:UpdateEventSourceMapping on resource: arn:aws:lambda:us-east-1:000000000000:event-source-mapping:${uuid} because no identity-based policy allows the lambda:UpdateEventSourceMapping action`,
    });
    expect(await virtual.call("lambda:GetEventSourceMapping", { UUID: uuid })).toMatchObject({
      State: "Enabled",
    });
  });

  it("leaves tags out of GetFunction when listing them is denied", async () => {
    const virtual = virtualCloud();
    await withFunction(virtual, "f", { Tags: { a: "b" } });
    virtual.cloud.switches.set({ deny: ["lambda:ListTags"] });
    const got = await virtual.call("lambda:GetFunction", { FunctionName: "f" });
    expect(got).not.toHaveProperty("Tags");
    expect(got).toMatchObject({ TagsError: { ErrorCode: "AccessDeniedException" } });
  });

  it("lets calls through at its rate, and GetFunction always", async () => {
    const virtual = virtualCloud();
    await withFunction(virtual, "f");
    virtual.cloud.switches.set({ throttle: { ratePerSecond: 10, burst: 2 } });
    const attempt = (action: string): Promise<string> =>
      virtual.call(action, { FunctionName: "f" }).then(
        () => "ok",
        (error: unknown) => (error instanceof Error ? error.name : "?"),
      );
    expect([await attempt(read), await attempt(read), await attempt(read)]).toEqual([
      "ok",
      "ok",
      "TooManyRequestsException",
    ]);
    expect(await attempt("lambda:GetFunction")).toBe("ok");
    virtual.pass(100);
    expect([await attempt(read), await attempt(read)]).toEqual(["ok", "TooManyRequestsException"]);
  });

  it("fails the next calls of an action and no more", async () => {
    const virtual = virtualCloud();
    await withFunction(virtual, "f");
    virtual.cloud.switches.set({ fail: [{ action: read, count: 2, status: 500, code: "ServiceException" }] });
    for (let n = 0; n < 2; n++) {
      await expect(virtual.call(read, { FunctionName: "f" })).rejects.toMatchObject({
        code: "ServiceException",
      });
    }
    expect(await virtual.call(read, { FunctionName: "f" })).toMatchObject({ State: "Active" });
  });

  it.each([
    ["after", "Disabling"],
    ["before", "Enabled"],
  ] as const)("loses the answer %s the work: the mapping is then %s", async (when, state) => {
    const virtual = virtualCloud();
    const uuid = await withMapping(virtual);
    const action = "lambda:UpdateEventSourceMapping";
    virtual.cloud.switches.set({ lose: [{ action, when, count: 1 }] });
    await expect(virtual.call(action, { UUID: uuid, Enabled: false })).rejects.toMatchObject({
      answered: false,
    });
    expect(await virtual.call("lambda:GetEventSourceMapping", { UUID: uuid })).toMatchObject({
      State: state,
    });
    expect(virtual.cloud.record.of(action).map((call) => call.outcome)).toEqual(["lost"]);
  });

  it("loses every third answer", async () => {
    const virtual = virtualCloud();
    await withFunction(virtual, "f");
    virtual.cloud.switches.set({ lose: [{ action: read, when: "before", count: null, every: 3 }] });
    const lost: number[] = [];
    for (let n = 1; n <= 7; n++) {
      await virtual.call(read, { FunctionName: "f" }).catch(() => lost.push(n));
    }
    expect(lost).toEqual([3, 6]);
  });

  it("adds latency on the clock", async () => {
    const virtual = virtualCloud();
    virtual.cloud.switches.set({ latencyMs: 750 });
    const before = virtual.cloud.clock.now();
    await virtual.call("sts:GetCallerIdentity");
    expect(virtual.cloud.clock.now() - before).toBe(750);
  });

  it("lets the calls that wait go when the latency is taken away", async () => {
    const virtual = virtualCloud();
    virtual.cloud.switches.set({ latencyMs: 750 });
    const before = virtual.cloud.clock.now();
    const answer = virtual.cloud.call("sts:GetCallerIdentity", {}, { region: "us-east-1" });
    virtual.cloud.switches.set({ latencyMs: 0 });
    await answer;
    expect(virtual.cloud.clock.now() - before).toBe(0);
  });

  it("spares the cloud's own calls and does not record them", async () => {
    const virtual = virtualCloud();
    virtual.cloud.switches.set({ deny: ["*"] });
    await virtual.cloud.call("sqs:CreateQueue", { QueueName: "q" }, { region: "us-east-1", internal: true });
    expect(virtual.cloud.record.all()).toEqual([]);
    await expect(virtual.call("sqs:ListQueues")).rejects.toMatchObject({ code: "AccessDeniedException" });
  });
});

describe("the record of calls", () => {
  it("holds on to no more of a long input than it shows", () => {
    setFlagsFromString("--expose-gc");
    const collect: () => void = runInNewContext("gc");
    const held = (): number => {
      collect();
      return process.memoryUsage().heapUsed;
    };
    const before = held();
    const cut = Array.from({ length: 8 }, () => cutInput(JSON.parse(`"${"x".repeat(8_000_000)}"`)));
    expect(held() - before).toBeLessThan(8_000_000);
    expect(cut).toContainEqual(`${"x".repeat(4096)}… (8000000 characters)`);
  });

  it("cuts bytes and keeps who called", async () => {
    const virtual = virtualCloud();
    await withFunction(virtual, "f");
    const caller = { region: "us-east-1", accessKey: "AKIA1", userAgent: "unplug/1 run/2" };
    await virtual.cloud.call("lambda:GetFunction", { FunctionName: "f" }, caller);
    const [made, got] = virtual.cloud.record.all();
    expect(made).toMatchObject({ input: { Code: { ZipFile: expect.stringMatching(/^\(\d+ bytes\)$/) } } });
    expect(got).toMatchObject({
      action: "lambda:GetFunction",
      accessKey: "AKIA1",
      userAgent: "unplug/1 run/2",
      outcome: "ok",
    });
  });
});
