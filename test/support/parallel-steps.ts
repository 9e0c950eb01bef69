import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Lab } from "./lab.ts";
import type { UnplugProcess } from "./unplug-process.ts";

export interface ParallelStep {
  readonly name: string;
  readonly fault: string;
  readonly tunables: Readonly<Record<string, string | number>>;
}

/** A process that runs these steps at the same time, once all of them are in; its events as ndjson. */
export async function heldTogether(
  lab: Lab,
  steps: readonly ParallelStep[],
  env: NodeJS.ProcessEnv = {},
): Promise<UnplugProcess> {
  const path = join(lab.folder, `${steps.map(({ name }) => name).join("-")}.json`);
  const document = {
    apiVersion: "unplug.dev/v1",
    kind: "Experiment",
    metadata: { name: "together" },
    spec: { steps: [{ parallel: steps }] },
  };
  await writeFile(path, JSON.stringify(document));
  const run = lab.start(["run", path, "--format", "ndjson"], env);
  for (const { name } of steps) await run.event("hold.started", ({ step }) => step === name);
  return run;
}
