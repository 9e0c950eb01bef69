import { expect, it } from "vitest";
import { makeGo } from "../packages/interceptor/src/go-elf-for-test.ts";
import { zipOf } from "../packages/sandbox/src/index.ts";
import { contentOf } from "../packages/unplug/src/carriers/go-bootstrap.ts";
import { fold } from "../packages/unplug/src/report/fold.ts";
import { exitCode } from "../packages/unplug/src/report/outcome.ts";
import { summaryText } from "../packages/unplug/src/report/summary-text.ts";
import { eventsOf, Stage } from "./support/stage.ts";
import { REGION } from "./support/world.ts";

const FunctionName = "orders";
const ORIGINAL = makeGo();
const THEIRS = await zipOf({ bootstrap: ORIGINAL });

/** A run in whose hold somebody deploys what they make of the patched program. */
async function runWith(make: (patched: Buffer) => Promise<Uint8Array>) {
  const stage: Stage = await Stage.of(
    { onEvent: ({ type }) => (type === "hold.started" ? void deploys() : undefined) },
    { settings: { Runtime: "provided.al2023", Code: { ZipFile: THEIRS } } },
  );
  const code = async () => {
    const { Code } = await stage.aws.call("lambda:GetFunction", { FunctionName });
    return (await stage.aws.call("code:Download", { Location: Code?.Location ?? "" })).Body;
  };
  const bootstrap = async () =>
    Buffer.from((await contentOf(await code(), ["bootstrap"]))[0]?.content ?? Buffer.alloc(0));
  const deploys = async (): Promise<void> => {
    await stage.cloud("lambda:UpdateFunctionCode", { FunctionName, ZipFile: await make(await bootstrap()) });
  };
  const events = await stage.run({
    fault: "lambda-block-tcp-connection",
    tunables: { FUNCTION_NAME: FunctionName, REGION, TARGET_HOSTNAMES: "db", TOTAL_CHAOS_DURATION: 600 },
  });
  const view = fold(events);
  return {
    events,
    left: await bootstrap(),
    exit: exitCode(view),
    text: summaryText(view, { width: 10_000 }),
  };
}

it("a patched program that somebody has changed and deployed stays, and is told: exit code 4", async () => {
  const { events, left, exit, text } = await runWith((patched) => {
    const changed = Buffer.concat([patched, Buffer.from("their assets")]);
    return zipOf({ bootstrap: changed });
  });

  expect(left.subarray(-12).toString()).toBe("their assets");
  expect(exit, text).toBe(4);
  expect(text).toMatch(/Its program bootstrap is patched, and somebody has changed it since/);
  expect(eventsOf(events, "run.failed")).toMatchObject([{ failure: { code: "PartStays" }, defect: false }]);
});

it("a patched program that somebody has packed anew, as it is, comes back out of itself", async () => {
  const { left, exit, text } = await runWith((bootstrap) => zipOf({ bootstrap, "more.txt": "theirs" }));

  expect(left.equals(ORIGINAL)).toBe(true);
  expect(exit, text).toBe(3);
});
