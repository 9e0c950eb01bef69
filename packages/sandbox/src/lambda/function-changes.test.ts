import { expect, it } from "vitest";
import { virtualCloud, withFunction } from "../cloud-for-test.ts";

it("takes longer to update a function in a network", async () => {
  const virtual = virtualCloud();
  await withFunction(virtual, "f");
  const update = async (change: object) => {
    await virtual.call("lambda:UpdateFunctionConfiguration", { FunctionName: "f", ...change });
    virtual.pass(1500);
    const read = await virtual.call("lambda:GetFunctionConfiguration", { FunctionName: "f" });
    virtual.pass(10_000);
    return read["LastUpdateStatus"];
  };
  expect(await update({ Timeout: 4 })).toBe("Successful");
  expect(await update({ VpcConfig: { SubnetIds: ["subnet-1"], SecurityGroupIds: ["sg-1"] } })).toBe(
    "InProgress",
  );
  expect(await update({ Timeout: 5 })).toBe("InProgress");
});
