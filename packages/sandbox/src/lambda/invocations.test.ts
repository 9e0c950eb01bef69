import { describe, expect, it } from "vitest";
import { virtualCloud, withFunction } from "../cloud-for-test.ts";
import type { Invoke, InvokeRequest } from "../runtime-port.ts";

function echo(seen: InvokeRequest[]): Invoke {
  return async (request) => {
    seen.push(request);
    const logTail = request.logTail ? "bG9n" : null;
    return { payload: request.payload, functionError: null, logTail, executedVersion: request.image.version };
  };
}

describe("an invocation", () => {
  it("runs the effective image and gives back what it answers", async () => {
    const seen: InvokeRequest[] = [];
    const virtual = virtualCloud({ invoke: echo(seen) });
    await withFunction(virtual, "f", { Environment: { Variables: { AA: "1" } }, Timeout: 9 });
    const answer = await virtual.call("lambda:Invoke", {
      FunctionName: "f",
      Payload: Buffer.from('{"x":1}'),
      LogType: "Tail",
    });
    expect(answer).toEqual({
      StatusCode: 200,
      LogResult: "bG9n",
      Payload: Buffer.from('{"x":1}'),
      ExecutedVersion: "$LATEST",
    });
    expect(seen).toMatchObject([{ source: "api", image: { environment: { AA: "1" }, timeoutSeconds: 9 } }]);
  });

  it("goes to the version or alias that is named, as which it is told", async () => {
    const seen: InvokeRequest[] = [];
    const virtual = virtualCloud({ invoke: echo(seen) });
    await withFunction(virtual, "f", { Timeout: 5 });
    await virtual.call("lambda:PublishVersion", { FunctionName: "f" });
    await virtual.call("lambda:CreateAlias", { FunctionName: "f", Name: "live", FunctionVersion: "1" });
    await virtual.call("lambda:UpdateFunctionConfiguration", { FunctionName: "f", Timeout: 9 });
    virtual.pass(1000);
    const arn = "arn:aws:lambda:us-east-1:000000000000:function:f";
    const run = (input: Record<string, unknown>) =>
      virtual.call("lambda:Invoke", { FunctionName: "f", ...input });
    expect(await run({ Qualifier: "live" })).toMatchObject({ ExecutedVersion: "1" });
    expect(await run({ FunctionName: `${arn}:1` })).toMatchObject({ ExecutedVersion: "1" });
    expect(await run({ Qualifier: "$LATEST" })).toMatchObject({ ExecutedVersion: "$LATEST" });
    expect(seen.map(({ image }) => [image.functionArn, image.timeoutSeconds])).toEqual([
      [`${arn}:live`, 5],
      [`${arn}:1`, 5],
      [`${arn}:$LATEST`, 9],
    ]);
    await expect(run({ Qualifier: "none" })).rejects.toThrow(`Function not found: ${arn}:none`);
    await expect(run({ FunctionName: "g" })).rejects.toThrow(/^Function not found: .*:g:\$LATEST$/);
    await expect(run({ FunctionName: "f:1", Qualifier: "live" })).rejects.toThrow(/does not match/);
  });

  it("takes an empty payload for an empty object", async () => {
    const seen: InvokeRequest[] = [];
    const virtual = virtualCloud({ invoke: echo(seen) });
    await withFunction(virtual, "f");
    await virtual.call("lambda:Invoke", { FunctionName: "f", Payload: Buffer.alloc(0) });
    expect(seen[0]?.payload.toString()).toBe("{}");
  });

  it("is accepted at once as an event and only checked as a dry run", async () => {
    const seen: InvokeRequest[] = [];
    const virtual = virtualCloud({ invoke: echo(seen) });
    await withFunction(virtual, "f");
    expect(await virtual.call("lambda:Invoke", { FunctionName: "f", InvocationType: "DryRun" })).toEqual({
      StatusCode: 204,
    });
    expect(seen).toHaveLength(0);
    const event = await virtual.call("lambda:Invoke", { FunctionName: "f", InvocationType: "Event" });
    expect(event["StatusCode"]).toBe(202);
    expect(seen).toHaveLength(1);
  });

  it.each([
    ["RequestResponse", 6_291_456],
    ["Event", 1_048_576],
  ])("is refused as a %s above %i bytes", async (InvocationType, limit) => {
    const virtual = virtualCloud({ invoke: echo([]) });
    await withFunction(virtual, "f");
    const Payload = Buffer.from(`"${"x".repeat(limit - 1)}"`);
    await expect(
      virtual.call("lambda:Invoke", { FunctionName: "f", InvocationType, Payload }),
    ).rejects.toMatchObject({
      status: 413,
      message: `${limit + 1} byte payload is too large for the ${InvocationType} invocation type (limit ${limit} bytes)`,
    });
  });

  it("is throttled when no concurrency is left for the function, and counted as that", async () => {
    const virtual = virtualCloud({ invoke: echo([]) });
    await withFunction(virtual, "f");
    await virtual.call("lambda:PutFunctionConcurrency", {
      FunctionName: "f",
      ReservedConcurrentExecutions: 0,
    });
    await expect(virtual.call("lambda:Invoke", { FunctionName: "f" })).rejects.toMatchObject({
      status: 429,
      code: "TooManyRequestsException",
      body: { Reason: "ReservedFunctionConcurrentInvocationLimitExceeded" },
    });
    const dimensions = { FunctionName: "f" };
    const series = { region: "us-east-1", namespace: "AWS/Lambda", name: "Throttles", dimensions };
    const throttles = virtual.cloud.metrics.points(series, 0, Number.MAX_SAFE_INTEGER);
    expect(throttles).toMatchObject([{ sum: 1 }]);
    await virtual.call("lambda:DeleteFunctionConcurrency", { FunctionName: "f" });
    expect(await virtual.call("lambda:GetFunctionConcurrency", { FunctionName: "f" })).toEqual({});
    await virtual.call("lambda:Invoke", { FunctionName: "f" });
  });

  it("hands the client context over, and refuses one that is no object in base64", async () => {
    const seen: InvokeRequest[] = [];
    const virtual = virtualCloud({ invoke: echo(seen) });
    await withFunction(virtual, "f");
    const withContext = (ClientContext: string): Promise<Record<string, unknown>> =>
      virtual.call("lambda:Invoke", { FunctionName: "f", ClientContext });
    await withContext(Buffer.from('{"custom":{"a":1}}').toString("base64"));
    expect(seen[0]?.clientContext).toBe('{"custom":{"a":1}}');
    await expect(withContext("7")).rejects.toMatchObject({ code: "InvalidRequestContentException" });
  });

  it("names every member that has a value of its own", async () => {
    const virtual = virtualCloud({ invoke: echo([]) });
    const input = { FunctionName: "nobody", InvocationType: "Later", LogType: "All" };
    await expect(virtual.call("lambda:Invoke", input)).rejects.toMatchObject({
      status: 400,
      message: expect.stringMatching(/^2 validation errors detected: .*'invocationType'.*; .*'logType'/),
    });
  });

  it("is refused for a payload that is no JSON and in a cloud without a runtime", async () => {
    const virtual = virtualCloud();
    await withFunction(virtual, "f");
    const broken = { FunctionName: "f", Payload: Buffer.from("{") };
    await expect(virtual.call("lambda:Invoke", broken)).rejects.toMatchObject({
      code: "InvalidRequestContentException",
    });
    await expect(virtual.call("lambda:Invoke", { FunctionName: "f" })).rejects.toMatchObject({
      code: "ServiceException",
    });
  });
});

describe("concurrency", () => {
  it("leaves 100 for the functions that reserve none", async () => {
    const virtual = virtualCloud();
    await withFunction(virtual, "f");
    const put = (n: number): Promise<unknown> =>
      virtual.call("lambda:PutFunctionConcurrency", { FunctionName: "f", ReservedConcurrentExecutions: n });
    await expect(put(901)).rejects.toThrow(/below its minimum value of \[100\]/);
    await put(900);
    expect(await virtual.call("lambda:GetAccountSettings")).toMatchObject({
      AccountLimit: { UnreservedConcurrentExecutions: 100 },
      AccountUsage: { FunctionCount: 1 },
    });
  });
});
