import { expect, test } from "vitest";
import { zipOf } from "../packages/sandbox/src/index.ts";
import type { Aws } from "../packages/unplug/src/contract/aws.ts";
import { lambdaProbe } from "../packages/unplug/src/probes/lambda.ts";
import { Lab, REGION } from "./support/lab.ts";
import { askOnce, probeIo } from "./support/probe-io.ts";
import { PLACE } from "./support/world.ts";

const functions: readonly (readonly [kind: string, type: string, source: string])[] = [
  ["none", "", "export const handler = async ({ n = 1 }) => ({ twice: n * 2 });"],
  ["unhandled", "TypeError", "export const handler = () => { throw new TypeError('no'); };"],
  ["unhandled", "Runtime.ExitError", "export const handler = () => process.exit(4);"],
  ["timeout", "Sandbox.Timedout", "export const handler = () => new Promise((r) => setTimeout(r, 9000));"],
  ["init", "TypeError", "throw new TypeError('no settings');"],
  ["init", "Runtime.ExitError", "process.exit(3);"],
  ["init", "Runtime.HandlerNotFound", "export const other = 1;"],
];

test("the ends of real functions are told apart", async () => {
  await using lab = await Lab.open({ timing: "none" });
  const aws = {
    call: (action: string, input: Record<string, unknown>) => lab.call(action, input),
  } as unknown as Aws;
  const io = probeIo({ aws: () => Promise.resolve({ aws, place: PLACE, identity: "" }), timeoutMs: 30_000 });
  const Code = async (source: string) => ({ ZipFile: await zipOf({ "index.mjs": source }) });
  const ask = async (name: string, payload: object = {}) =>
    (await askOnce(lambdaProbe, { function: name, payload, region: REGION }, io)).measures;

  const found = await Promise.all(
    functions.map(async ([, , source], i) => {
      await lab.call("lambda:CreateFunction", {
        FunctionName: `f${i}`,
        Runtime: "nodejs22.x",
        Handler: "index.handler",
        Role: "arn:aws:iam::000000000000:role/f",
        Timeout: 2,
        Code: await Code(source),
      });
      return ask(`f${i}`);
    }),
  );

  expect(found.map(({ errorKind, errorType }) => [errorKind, errorType])).toEqual(
    functions.map(([kind, type]) => [kind, type]),
  );
  for (const { durationMs, billedMs, initMs } of found)
    for (const value of [durationMs, billedMs, initMs]) expect(value).toBeTypeOf("number");
  // It is warm now.
  expect(await ask("f0", { n: 21 })).toMatchObject({ "json.twice": 42, initMs: null, statusCode: 200 });
});
