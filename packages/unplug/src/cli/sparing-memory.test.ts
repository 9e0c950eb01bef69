import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { PLACE } from "../../../../test/support/world.ts";
import type { Access } from "../contract/access.ts";
import { sparingMemory } from "./sparing-memory.ts";

const access: Access = {
  region: "us-east-1",
  secret: "",
  profile: "",
  assumeRoleArn: "",
  externalId: "",
  endpoint: null,
};

it("spares memory once, when a run has made a hundred calls, and passes every call on", async () => {
  const passed: string[] = [];
  const call = async (action: string): Promise<never> => {
    passed.push(action);
    return undefined as never;
  };
  let spared = 0;
  const connect = sparingMemory(
    async () => ({ aws: { call }, place: PLACE, identity: "me" }),
    () => {
      spared += 1;
    },
  );
  const { aws, identity } = await connect(access, "r-1", new AbortController().signal);
  const ask = () => aws.call("lambda:GetFunction", { FunctionName: "orders" });
  for (let i = 0; i < 99; i += 1) await ask();
  expect(spared).toBe(0);
  for (let i = 0; i < 200; i += 1) await ask();
  expect({ spared, passed: passed.length, identity }).toEqual({ spared: 1, passed: 299, identity: "me" });
});

it("keeps V8's young generation small, however much lives on", async () => {
  const program = `
    import { keepYoungGenerationSmall } from ${JSON.stringify(new URL("./sparing-memory.ts", import.meta.url).href)};
    const size = () => process.getBuiltinModule("node:v8").getHeapSpaceStatistics().find((one) => one.space_name === "new_space").space_size;
    const kept = [];
    const fill = async () => {
      for (let i = 0; i < 300_000; i += 1) {
        kept[i % 30_000] = { some: [i, i + 1], text: "text " + i };
        if (i % 10_000 === 0) await null;
      }
    };
    if (process.argv[1] === "small") keepYoungGenerationSmall();
    await fill();
    console.log(size());`;
  const run = async (how: string) => {
    const args = ["--input-type=module", "-e", program, how];
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 60_000 });
    return Number(stdout);
  };
  const [small, free] = await Promise.all([run("small"), run("free")]);
  expect(free).toBeGreaterThanOrEqual(4 * small);
});
