import { join } from "node:path";
import { buildPackage, packageFolder } from "./build-package.ts";
import { root, runCommand } from "./run-command.ts";

export interface Bench {
  /** What the reference is, for people. */
  readonly against: string;
  readonly pairs: number;
  /** Does what is not to be timed, and returns the two ways. */
  readonly prepare: () => Promise<{
    readonly ours: () => Promise<void>;
    readonly reference: () => Promise<void>;
  }>;
}

/** By name; each has its target in bench/targets.json. */
export const benches: Readonly<Record<string, Bench>> = {
  "start of unplug --help": {
    against: "node -e 0",
    pairs: 20,
    prepare: async () => {
      await buildPackage({ from: root, to: packageFolder });
      return {
        ours: () => node(join(packageFolder, "bin/unplug.js"), "--help"),
        reference: () => node("-e", "0"),
      };
    },
  },
};

async function node(...args: string[]): Promise<void> {
  const { code, output } = await runCommand(process.execPath, args);
  if (code !== 0) throw new Error(`node ${args.join(" ")} ended with ${code}:\n${output}`);
}
