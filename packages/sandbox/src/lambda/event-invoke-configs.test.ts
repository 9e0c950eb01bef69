import { describe, expect, it } from "vitest";
import { startOfTest, type VirtualCloud, virtualCloud, withFunction } from "../cloud-for-test.ts";
import { recordsOf } from "./functions-for-test.ts";

const arn = "arn:aws:lambda:us-east-1:000000000000:function:f";

async function started(): Promise<VirtualCloud> {
  const virtual = virtualCloud();
  await withFunction(virtual, "f");
  await withFunction(virtual, "other");
  await virtual.call("lambda:PublishVersion", { FunctionName: "f" });
  return virtual;
}

type Write = (virtual: VirtualCloud, input?: Record<string, unknown>) => Promise<Record<string, unknown>>;
const put: Write = (virtual, input) =>
  virtual.call("lambda:PutFunctionEventInvokeConfig", { FunctionName: "f", ...input });
const update: Write = (virtual, input) =>
  virtual.call("lambda:UpdateFunctionEventInvokeConfig", { FunctionName: "f", ...input });
const get: Write = (virtual, input) =>
  virtual.call("lambda:GetFunctionEventInvokeConfig", { FunctionName: "f", ...input });
const onSuccess = (Destination: string) => ({ DestinationConfig: { OnSuccess: { Destination } } });

describe("an event invoke config", () => {
  it("shows what was put, and nothing that was not", async () => {
    const virtual = await started();
    expect(await put(virtual, { MaximumRetryAttempts: 1 })).toEqual({
      FunctionArn: `${arn}:$LATEST`,
      LastModified: startOfTest / 1000 + 2,
      MaximumRetryAttempts: 1,
      DestinationConfig: { OnSuccess: {}, OnFailure: {} },
    });
    const second = await put(virtual, { MaximumEventAgeInSeconds: 90 });
    expect(second).not.toHaveProperty("MaximumRetryAttempts");
    expect(await get(virtual, { Qualifier: "$LATEST" })).toEqual(second);
  });

  it("keeps with an update what that leaves out", async () => {
    const virtual = await started();
    const queue = "arn:aws:sqs:us-east-1:000000000000:lost";
    await put(virtual, { MaximumRetryAttempts: 1, DestinationConfig: { OnFailure: { Destination: queue } } });
    const updated = await update(virtual, {
      MaximumEventAgeInSeconds: 90,
      ...onSuccess(`${arn.slice(0, -1)}other`),
    });
    expect(updated).toMatchObject({
      MaximumRetryAttempts: 1,
      MaximumEventAgeInSeconds: 90,
      DestinationConfig: {
        OnSuccess: { Destination: `${arn.slice(0, -1)}other` },
        OnFailure: { Destination: queue },
      },
    });
    const without = await update(virtual, { DestinationConfig: { OnFailure: {} } });
    expect(without).toMatchObject({ DestinationConfig: { OnFailure: {} } });
  });

  it("is of one version, and goes when it is deleted", async () => {
    const virtual = await started();
    await put(virtual, { MaximumRetryAttempts: 1 });
    await put(virtual, { FunctionName: "f:1", MaximumRetryAttempts: 2 });
    const list = async (): Promise<unknown[]> => {
      const answer = await virtual.call("lambda:ListFunctionEventInvokeConfigs", { FunctionName: "f" });
      return recordsOf(answer["FunctionEventInvokeConfigs"]).map((config) => config["FunctionArn"]);
    };
    expect(await list()).toEqual([`${arn}:$LATEST`, `${arn}:1`]);
    await virtual.call("lambda:DeleteFunctionEventInvokeConfig", { FunctionName: "f" });
    expect(await list()).toEqual([`${arn}:1`]);
    const words = `The function ${arn}:$LATEST doesn't have an EventInvokeConfig`;
    await expect(get(virtual)).rejects.toMatchObject({ status: 404, message: words });
    await expect(update(virtual, { MaximumRetryAttempts: 1 })).rejects.toThrow(words);
  });

  it.each([
    [{}, "You must specify at least one of error handling or destination setting."],
    [{ FunctionName: "g", MaximumRetryAttempts: 1 }, "The function doesn't exist."],
    [{ Qualifier: "7", MaximumRetryAttempts: 1 }, "The function doesn't exist."],
    [{ MaximumRetryAttempts: 3 }, "less than or equal to 2"],
    [{ MaximumEventAgeInSeconds: 59 }, "greater than or equal to 60"],
    [onSuccess(arn), "You can't specify the function as a destination for itself."],
    [onSuccess(`${arn}x`), `The destination ARN ${arn}x is invalid.`],
    [
      onSuccess("arn:aws:ec2:us-east-1:000000000000:x"),
      "DestinationConfig(onSuccess=OnSuccess(destination=arn:aws:ec2:us-east-1:000000000000:x), onFailure=null) is invalid.",
    ],
    [onSuccess("nowhere"), "Value 'nowhere' at 'destinationConfig.onSuccess.destination' failed"],
  ])("is refused: %j", async (input, words) => {
    const virtual = await started();
    await expect(put(virtual, input)).rejects.toMatchObject({ message: expect.stringContaining(words) });
    await expect(get(virtual)).rejects.toMatchObject({ status: 404 });
  });
});
