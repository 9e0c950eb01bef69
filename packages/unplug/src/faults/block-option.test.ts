import { describe, expect, it } from "vitest";
import { FaultTrial } from "../../../../test/support/fault-trial.ts";
import { eventsOf, Stage } from "../../../../test/support/stage.ts";
import { REGION } from "../../../../test/support/world.ts";
import { iamNames } from "../contract/actions.ts";
import { builtinResources } from "../resources/index.ts";
import { lambdaBlockTcpConnection as fault } from "./lambda-block-tcp-connection.ts";

const TARGETS = { TARGET_HOSTNAMES: "db.internal" };
const LAYERS = ["lambda:ListLayerVersions"];
const CODE = "lambda:UpdateFunctionCode";

async function carrierOf(deny: readonly string[], tunables: Readonly<Record<string, string>> = {}) {
  const trial = await FaultTrial.of(fault);
  const before = await trial.cloud("lambda:GetFunctionConfiguration", { FunctionName: "orders" });
  trial.world.cloud.switches.set({ deny: [...deny] });
  const { targets, warnings } = await trial.targets({ ...TARGETS, ...tunables });
  trial.world.cloud.switches.set({ deny: [] });
  expect(await trial.cloud("lambda:GetFunctionConfiguration", { FunctionName: "orders" })).toEqual(before);
  const { kind } = Object(targets[0]?.about["carrier"]);
  return { kind, warnings: warnings.join("\n"), trial };
}

describe("without leave to use layers, a block enters", () => {
  it("by the code, where that may be updated", async () => {
    expect(await carrierOf(LAYERS)).toMatchObject({ kind: "code" });
  });

  it("by a variable, where neither may be changed, and changes nothing to find that out", async () => {
    const { kind, warnings } = await carrierOf([...LAYERS, CODE]);

    expect(kind).toBe("env");
    expect(warnings).toContain("Not code: lambda:UpdateFunctionCode is not permitted.");
  });

  it("as it is told: nobody is asked then", async () => {
    const { kind, trial } = await carrierOf([CODE], { INJECTION_METHOD: "code" });

    expect(kind).toBe("code");
    expect(trial.world.cloud.record.of(CODE)).toEqual([]);
  });
});

it("needs leave to read the function and to write its configuration, and no other, for a whole run", async () => {
  const stage = await Stage.of();
  const permitted = ["lambda:GetFunction", "lambda:UpdateFunctionConfiguration"];
  const { required, optional } = fault.actions;
  const kinds = builtinResources.filter(({ kind }) => fault.kinds.includes(kind));
  const all = [
    ...required,
    ...optional,
    ...kinds.flatMap(({ actions }) => [...actions.read, ...actions.write]),
  ];
  const deny = [...new Set(all.flatMap(iamNames))].filter((name) => !permitted.includes(name));
  stage.world.cloud.switches.set({ deny });

  const tunables = { FUNCTION_NAME: "orders", REGION, ...TARGETS, TOTAL_CHAOS_DURATION: 10 };
  const events = await stage.run({ fault: fault.id, tunables });

  expect(eventsOf(events, "inject.confirmed")).toHaveLength(1);
  expect(eventsOf(events, "proved")).toHaveLength(1);
  expect(eventsOf(events, "run.closed")).toHaveLength(1);
  const written = stage.world.cloud.record.of("lambda:Update*").filter(({ outcome }) => outcome === "ok");
  expect(written.map(({ action }) => action)).toEqual(Array(2).fill("lambda:UpdateFunctionConfiguration"));
});
