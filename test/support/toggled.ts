import type { Lab } from "./lab.ts";
import type { UnplugProcess } from "./unplug-process.ts";

/** The function of tests that need only one. */
export const NAME = "orders";

export const UPDATE = "lambda:UpdateEventSourceMapping";

/** A run of which nothing is left but what it unplugged. */
export async function killInHold(lab: Lab): Promise<UnplugProcess> {
  const run = lab.toggle(NAME, { TOTAL_CHAOS_DURATION: 600 });
  await run.event("hold.started");
  run.kill("SIGKILL");
  await run.ended;
  return run;
}

/** As `killInHold`; gives the id of that run. */
export async function killedInHold(lab: Lab): Promise<string> {
  return (await killInHold(lab)).run();
}

export function statesOf(lab: Lab, uuids: readonly string[]): Promise<readonly string[]> {
  return Promise.all(uuids.map((uuid) => lab.stateOf(uuid)));
}

/** The mappings that were disabled through the API, in that order. */
export function disablings(lab: Lab): readonly string[] {
  return lab.sandbox.cloud.record.of(UPDATE).flatMap(({ input }) => {
    const { UUID, Enabled } = Object(input);
    return Enabled === false ? [String(UUID)] : [];
  });
}

export function lastLine(run: UnplugProcess): string {
  return (
    run.stderr
      .trimEnd()
      .split("\n")
      .findLast((line) => /Exit \d+/.test(line)) ?? ""
  );
}

export async function resultOf(run: UnplugProcess, lab: Lab): Promise<Readonly<Record<string, unknown>>> {
  const { stdout } = await lab.unplug(["show", await run.run(), "--format", "json"]);
  return JSON.parse(stdout);
}
