import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSandbox } from "../packages/sandbox/src/index.ts";
import { benchBlock } from "./bench-block.ts";
import { benchConnect } from "./bench-connect.ts";
import { benchHook, benchHookSize } from "./bench-hook.ts";
import { benchImage } from "./bench-image.ts";
import { benchByHand, benchLimited, makeMappings } from "./bench-mappings.ts";
import { benchPatch } from "./bench-patch.ts";
import { benchPatchZip } from "./bench-patch-zip.ts";
import { benchReport } from "./bench-report.ts";
import { benchSandbox } from "./bench-sandbox.ts";
import { benchSize } from "./bench-size.ts";
import { benchStart } from "./bench-start.ts";
import { benchZip } from "./bench-zip.ts";
import { buildPackage, packageFolder } from "./build-package.ts";
import type { Measured } from "./measured.ts";
import { root, runCommand } from "./run-command.ts";
import { timePairs } from "./time-pairs.ts";

/** By name; each has its targets in bench/targets.json. */
export const benches: Readonly<Record<string, () => Promise<Measured>>> = {
  "start of unplug --help": () =>
    timePairs({
      against: "node -e 0",
      pairs: 20,
      prepare: async () => {
        await buildPackage({ from: root, to: packageFolder });
        return {
          ours: () => node(["bin/unplug.js", "--help"]),
          reference: () => node(["-e", "0"]),
        };
      },
    }),
  // 3.5 s in all is 1.15 of what a bare process that waits for 3 s takes; Chaos Toolkit 1.19 took 3.6 s, and read nothing back.
  "three mappings, held for 3 s": () =>
    timePairs({
      against: "node -e 'setTimeout(() => {}, 3000)'",
      pairs: 7,
      prepare: async () => {
        await buildPackage({ from: root, to: packageFolder });
        const sandbox = await startSandbox({ timing: "none" });
        const home = mkdtempSync(join(tmpdir(), "unplug-bench-"));
        await makeMappings(sandbox, 3);
        const words = ["FUNCTION_NAME=orders", "EVENT_UUIDS=all", "TOTAL_CHAOS_DURATION=3"];
        const env = { ...sandbox.exports, UNPLUG_HOME: home };
        return {
          ours: () => node(["bin/unplug.js", "fault", "lambda-toggle-event-mapping-state", ...words], env),
          reference: () => node(["-e", "setTimeout(() => {}, 3000)"]),
          close: async () => {
            await sandbox.close();
            rmSync(home, { recursive: true, force: true });
          },
        };
      },
    }),
  "1 mapping at 15 requests/s": () => benchLimited(1),
  "10 mappings at 15 requests/s": () => benchLimited(10),
  "100 mappings at 15 requests/s": () => benchLimited(100),
  "1,000 mappings at 15 requests/s": () => benchLimited(1000),
  "100 mappings without a limit": () => benchByHand(100, 5),
  "a block in and out": benchBlock,
  "start of unplug sandbox": benchSandbox,
  "report of 10,000 samples": benchReport,
  "connect past the interceptor": benchConnect,
  "start with the interceptor": benchStart,
  "size of the interceptor": benchSize,
  "calls past the hook of a Go program": benchHook,
  "size of the hook of a Go program": benchHookSize,
  "a Go program patched": benchPatch,
  "a Go program patched in its zip": benchPatchZip,
  "two files added to a zip of 48 MB": benchZip,
  "the interceptor added to an image of 1 GB": benchImage,
};

/** They take minutes: run when they are named. */
export const onDemand: ReadonlySet<string> = new Set(["1,000 mappings at 15 requests/s"]);

/** Runs Node.js in the published package's folder. */
async function node(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<void> {
  const { code, output } = await runCommand(process.execPath, args, {
    cwd: packageFolder,
    env: { ...process.env, ...env },
  });
  if (code !== 0) throw new Error(`node ${args.join(" ")} ended with ${code}:\n${output}`);
}
