import { describe, expect, it } from "vitest";
import { FaultTrial } from "../../../../test/support/fault-trial.ts";
import { zipOf } from "../../../sandbox/src/index.ts";
import { lambdaBlockTcpConnection } from "./lambda-block-tcp-connection.ts";

const FunctionName = "orders";
const LIVE = { QUALIFIER: "live", INJECTION_METHOD: "code" };

const trial = () => FaultTrial.of(lambdaBlockTcpConnection, { alias: "live", mappings: 1 });

async function changed(action: string, input: Readonly<Record<string, unknown>>): Promise<FaultTrial> {
  const found = await trial();
  await found.cloud(action, { FunctionName, ...input });
  found.world.clock.jump(60_000);
  return found;
}

/** Nothing was published, and the alias is where it was. */
async function untouched(found: FaultTrial): Promise<void> {
  const { Versions } = await found.cloud("lambda:ListVersionsByFunction", { FunctionName });
  expect(Versions).toHaveLength(2);
}

describe("QUALIFIER", () => {
  it.each(["7", "$LATEST", "a b", "x".repeat(129)])("refuses %s, which is no alias", async (QUALIFIER) => {
    await expect((await trial()).targets({ QUALIFIER })).rejects.toThrow("must be the name of an alias");
  });

  it("refuses an alias that does not exist", async () => {
    const found = await trial();
    expect(await found.refusal({ QUALIFIER: "beta" })).toMatch(/has no alias beta.*list-aliases/s);
    await untouched(found);
  });

  it("refuses an alias that is at $LATEST", async () => {
    const found = await changed("lambda:UpdateAlias", { Name: "live", FunctionVersion: "$LATEST" });
    expect(await found.refusal(LIVE)).toContain("Leave QUALIFIER out");
  });

  it("refuses an alias that shares its invocations already", async () => {
    const found = await changed("lambda:UpdateFunctionConfiguration", { Timeout: 9 });
    await found.cloud("lambda:PublishVersion", { FunctionName });
    const RoutingConfig = { AdditionalVersionWeights: { 2: 0.25 } };
    await found.cloud("lambda:UpdateAlias", { FunctionName, Name: "live", RoutingConfig });
    expect(await found.refusal(LIVE)).toMatch(/shares its invocations already.*version 2 gets 25 %/s);
  });

  it("refuses, by their names, settings of $LATEST that the callers of the alias would get", async () => {
    const Environment = { Variables: { APP_SECRET: "s3cr3t" } };
    const found = await changed("lambda:UpdateFunctionConfiguration", { Timeout: 9, Environment });
    const text = await found.refusal(LIVE);
    expect(text).toMatch(/Environment differs.*Timeout differs/s);
    expect(text).not.toContain("s3cr3t");
  });

  it("refuses code of $LATEST that the callers of the alias would get", async () => {
    const ZipFile = await zipOf({ "index.mjs": "export const handler = async () => 'newer';" });
    const found = await changed("lambda:UpdateFunctionCode", { ZipFile });
    expect(await found.refusal(LIVE)).toContain("CodeSha256 differs");
  });

  it("takes a $LATEST whose variables were emptied for one that never had any", async () => {
    const found = await changed("lambda:UpdateFunctionConfiguration", { Environment: { Variables: {} } });
    expect((await found.targets(LIVE)).targets).toHaveLength(1);
  });

  it.each(["live", "1"])(
    "refuses provisioned concurrency of %s, unless that is allowed",
    async (Qualifier) => {
      const input = { Qualifier, ProvisionedConcurrentExecutions: 1 };
      const found = await changed("lambda:PutProvisionedConcurrencyConfig", input);
      expect(await found.refusal(LIVE)).toMatch(/has provisioned concurrency.*ALLOW_PROVISIONED=true/s);
      const { warnings } = await found.targets({ ...LIVE, ALLOW_PROVISIONED: "true" });
      expect(warnings.join("\n")).toContain("allocates it anew");
    },
  );

  it("refuses where provisioned concurrency may not be read", async () => {
    const found = await trial();
    found.world.cloud.switches.set({ deny: ["lambda:ListProvisionedConcurrencyConfigs"] });
    expect(await found.refusal(LIVE)).toContain("may have provisioned concurrency");
  });

  it("says who sees the fault, and who does not", async () => {
    const found = await trial();
    await found.cloud("lambda:CreateAlias", { FunctionName, Name: "beta", FunctionVersion: "1" });
    const [uuid] = found.world.mappings;
    const { warnings } = await found.targets({ ...LIVE, TRAFFIC_PERCENTAGE: 20 });
    const text = warnings.join("\n");
    expect(text).toContain("About 20 % of the calls of orders:live see the fault, and no other");
    expect(text).toContain("Callers of orders:beta (version 1) do not see the fault");
    expect(text).toContain(`Mapping ${uuid} invokes orders:$LATEST, which does not see the fault.`);
    expect(text).not.toContain("Callers of orders:live (version 1) do not");
  });
});

describe("TRAFFIC_PERCENTAGE", () => {
  it("refuses a share of nobody's invocations", async () => {
    const text = await (await trial()).refusal({ TRAFFIC_PERCENTAGE: 20 });
    expect(text).toMatch(/QUALIFIER names none.*BLOCK_PERCENTAGE/s);
  });

  it.each([0, 101])("refuses %d", async (TRAFFIC_PERCENTAGE) => {
    await expect((await trial()).targets({ ...LIVE, TRAFFIC_PERCENTAGE })).rejects.toThrow("must be at");
  });
});
