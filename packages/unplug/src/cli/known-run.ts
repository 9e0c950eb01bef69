import type { Journal, Recorded, RunHead } from "../contract/journal.ts";
import { Refusal } from "../contract/refusal.ts";
import { didYouMean } from "../load/nearest.ts";

/** A run by its id; throws Refusal, with the nearest id, when the journal has none of that name. */
export async function knownRun(
  run: string,
  journal: Journal,
): Promise<{ head: RunHead; events: readonly Recorded[] }> {
  const heads = await journal.runs();
  const head = heads.find((one) => one.run === run);
  if (head === undefined) {
    const ids = heads.map((one) => one.run);
    throw new Refusal(
      `There is no run ${run === "" ? '""' : run}${didYouMean(run, ids)}.`,
      [],
      "`unplug runs` lists them; UNPLUG_HOME says where they are kept.",
    );
  }
  return { head, events: await journal.read(run) };
}
