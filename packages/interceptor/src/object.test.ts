import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { fc } from "../../../test/support/fast-check.ts";
import { architectureOf } from "./architecture.ts";
import { CONFIGURATION_VARIABLE, writeConfiguration } from "./configuration.ts";
import { anyConfiguration } from "./configuration-for-test.ts";
import { interceptorFor } from "./interceptor-for.ts";
import { type InterceptorLine, readLine } from "./line.ts";
import { newTally, readTally } from "./tally.ts";

const architecture = architectureOf(process.arch);
const onLinux = test.runIf(process.platform === "linux" && architecture !== null);

/** What the interceptor says in a program that makes one connect, to itself: that is let through. */
async function linesOf(configuration: string, more: NodeJS.ProcessEnv = {}): Promise<InterceptorLine[]> {
  const program = `require("node:net").connect(9, "127.0.0.1").on("error", () => {})`;
  const { stderr } = await promisify(execFile)(process.execPath, ["-e", program], {
    env: {
      LD_PRELOAD: interceptorFor(architecture ?? "x86_64").path,
      [CONFIGURATION_VARIABLE]: configuration,
      ...more,
    },
  });
  const lines = stderr.split("\n").filter((line) => line !== "");
  return lines.map(readLine).filter((line) => line !== null);
}

onLinux(
  "the object reads every configuration that is written, and what it says and counts is read",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "unplug-object-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const tallyPath = join(folder, "a tally");
    const future = fc.option(fc.integer({ min: 2_140_000_000, max: 2_147_483_647 }));
    const separators = fc.constantFrom("\n" as const, ";" as const);
    await fc.assert(
      fc.asyncProperty(anyConfiguration, future, separators, async (any, untilSeconds, separator) => {
        const fromSeconds = any.fromSeconds === null ? null : 2_000_000_000;
        const configuration = { ...any, fromSeconds, untilSeconds, tallyPath };
        const count = configuration.targets.length;
        writeFileSync(tallyPath, newTally(count));

        const { behavior, run, ifSet } = configuration;
        const env = ifSet === null ? {} : { [ifSet]: "1" };
        expect(await linesOf(writeConfiguration(configuration, separator), env)).toEqual([
          { kind: "armed", pid: expect.any(Number), run, behavior, targets: count, untilSeconds },
        ]);
        expect(readTally(readFileSync(tallyPath), count)).toEqual({
          armed: 1,
          blocked: 0,
          spared: 0,
          other: 1,
          inert: 0,
          byTarget: Array.from({ length: Math.max(1, count) }, () => 0),
        });
      }),
      { numRuns: 12 },
    );
  },
);

onLinux("what the object says of a configuration that it cannot read is read", async () => {
  expect(await linesOf("unplug=1;targets=0;behaviour=hang")).toEqual([
    { kind: "inert", pid: expect.any(Number), reason: expect.stringContaining("behaviour") },
  ]);
});
