import type { Access } from "../contract/access.ts";
import type { EventOf } from "../contract/events.ts";
import type { Io } from "../contract/io.ts";
import type { Recorded } from "../contract/journal.ts";
import { placeKey, placeText } from "../contract/place.ts";
import { Refusal } from "../contract/refusal.ts";
import { editsOut, openEdits } from "./open-edits.ts";
import type { Parts } from "./parts.ts";
import { resourceTable } from "./readings.ts";
import { hasCopies, restore } from "./restore.ts";
import { RunLog } from "./run-log.ts";

/**
 * Other credentials than those that the run was made with; an empty field is as good as none.
 *
 * A secret, a profile or a role replaces the run's own route as a whole: what is lost of it must not be needed.
 */
export type AccessOverride = Partial<Pick<Access, "profile" | "assumeRoleArn" | "secret" | "externalId">>;

/** Finishes what a dead run left. Throws Refusal when the run is unknown or a process still holds it. */
export async function restoreRun(
  run: string,
  parts: Parts,
  override: AccessOverride = {},
): Promise<readonly Recorded[]> {
  const head = (await parts.journal.runs()).find((known) => known.run === run);
  if (head === undefined) throw new Refusal(`There is no run ${run}.`, [], "`unplug runs` lists them.");
  // Taking it says nothing where this very process has it already.
  if (head.alive || (await parts.journal.take(run, [])) !== null) {
    throw new Refusal(
      `Run ${run} is still going on, and will restore by itself.`,
      [],
      `To end it now: unplug abort ${run}`,
    );
  }
  const log = new RunLog(run, parts, await parts.journal.read(run));
  const open = openEdits(log.events);
  const restoring = restoringOf(log, parts, override);
  // Whoever died may have had no time to ask.
  const unasked = head.closed ? [] : editsOut(log.events).filter((edit) => hasCopies(edit, restoring.table));
  if (open.length > 0 || unasked.length > 0) {
    await log.note({ type: "restore.started", step: null, iteration: null, by: parts.by });
    await restore(open, restoring, unasked);
  }
  await log.finish();
  return log.events;
}

function restoringOf(log: RunLog, parts: Parts, override: AccessOverride) {
  const steps = new Map(
    log.events.flatMap(({ event }) => (event.type === "step.planned" ? [[event.step, event] as const] : [])),
  );
  const open = new Map<string, Io>();
  const signal = new AbortController().signal;
  const ioFor = async (step: string): Promise<Io> => {
    const planned = steps.get(step);
    if (planned === undefined)
      throw new Refusal(`The journal of run ${log.run} has no plan of step "${step}".`);
    const io = open.get(step) ?? (await reach(planned, { run: log.run, parts, override, signal }));
    open.set(step, io);
    return io;
  };
  const timeoutMs = Math.max(...[...steps.values()].map(({ timing }) => timing.restoreTimeoutMs));
  return { log, table: resourceTable(parts.resources), clock: parts.clock, ioFor, timeoutMs };
}

/** A wrong profile must not read "not found" as gone: a restore works in the run's own place only. */
async function reach(
  planned: EventOf<"step.planned">,
  {
    run,
    parts,
    override,
    signal,
  }: { run: string; parts: Parts; override: AccessOverride; signal: AbortSignal },
): Promise<Io> {
  const { aws, place, identity } = await parts.connect(accessOf(planned.access, override), run, signal);
  if (placeKey(place) !== placeKey(planned.place)) {
    throw new Refusal(
      `Run ${run} was made in ${placeText(planned.place)}; these credentials (${identity}) reach ${placeText(place)}.`,
      [],
      "Use credentials of that account: --profile or --assume-role-arn.",
    );
  }
  return { aws, place, clock: parts.clock, salt: run, signal };
}

function accessOf(own: Access, override: AccessOverride): Access {
  const { profile = "", assumeRoleArn = "", secret = "", externalId = "" } = override;
  const replaced = profile !== "" || assumeRoleArn !== "" || secret !== "";
  if (replaced) return { ...own, profile, assumeRoleArn, secret, externalId };
  return externalId === "" ? own : { ...own, externalId };
}
