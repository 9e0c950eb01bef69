import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { allowing } from "./iam.ts";
import { type Lab, REGION } from "./lab.ts";
import type { UnplugProcess } from "./unplug-process.ts";

/** The actions that the page of the toggle prints, and nothing else. */
export const togglePage = allowing([
  "lambda:GetFunction",
  "lambda:GetEventSourceMapping",
  "lambda:ListEventSourceMappings",
  "lambda:UpdateEventSourceMapping",
]);

/** An environment with nobody's keys but those that are given. */
export function nobody(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined, ...more };
}

/** A toggle of all mappings of a function in such an environment; `more` are tunables. */
export function toggleAs(
  lab: Lab,
  name: string,
  env: NodeJS.ProcessEnv,
  more: Readonly<Record<string, string | number>>,
): UnplugProcess {
  const tunables = { FUNCTION_NAME: name, REGION, EVENT_UUIDS: "all", ...more };
  const words = Object.entries(tunables).map(([key, value]) => `${key}=${value}`);
  return lab.start(["fault", "lambda-toggle-event-mapping-state", ...words, "--format", "ndjson"], env);
}

/** Who made the calls of an action that were answered well, each once. */
export function whoDid(lab: Lab, action: string, about: string): readonly string[] {
  const calls = lab.sandbox.cloud.record
    .of(action)
    .filter(({ outcome, input }) => outcome === "ok" && JSON.stringify(input).includes(about));
  return [...new Set(calls.map(({ principal }) => principal ?? ""))];
}

/** Puts a file where somebody may be reading it: whole at once. */
export async function writeWhole(path: string, text: string): Promise<void> {
  await writeFile(`${path}.half`, text);
  await rename(`${path}.half`, path);
}

/** A file secret of the lab's home. */
export async function writeSecret(lab: Lab, name: string, text: string): Promise<void> {
  const folder = join(lab.home, "secrets");
  await mkdir(folder, { recursive: true });
  await writeWhole(join(folder, name), text);
}
