import { systemClock } from "../contract/clock.ts";
import type { Journal } from "../contract/journal.ts";
import { Refusal } from "../contract/refusal.ts";
import { fold } from "../report/fold.ts";
import { whatIsLeft } from "../report/left.ts";
import { newView } from "../report/run-view.ts";
import { exitCodes } from "./exit-codes.ts";
import { knownRun } from "./known-run.ts";
import { openStateJournal } from "./parts.ts";
import type { Shell } from "./shell.ts";
import { whoami } from "./whoami.ts";

const LOOK_MS = 250;

/** `unplug abort RUN`: asks the run's own process, and waits until it has put everything back. */
export async function abortCommand(
  run: string,
  flags: { readonly leave?: boolean },
  shell: Shell,
): Promise<number> {
  const journal = openStateJournal(shell);
  try {
    const { head } = await knownRun(run, journal);
    if (!head.alive) {
      if (head.closed) {
        shell.stdout.write(`Run ${run} has ended and left nothing: there is nothing to abort.\n`);
        return exitCodes.done;
      }
      throw new Refusal(
        `The process of run ${run} is gone, so that nobody can be asked to end it.`,
        [],
        `Put back what it left: unplug restore ${run}`,
      );
    }
    const leave = flags.leave === true;
    const request = { by: whoami(), signal: null, leave };
    await journal.append(run, Date.now(), [{ type: "abort.requested", request }]);
    shell.stdout.write(
      leave
        ? `Run ${run} is told to end and to restore nothing, on your word.\n`
        : `Run ${run} is told to end; it puts back what is unplugged. Ctrl-C ends only this waiting.\n`,
    );
    return await outcomeOf(run, journal, shell);
  } finally {
    journal.close();
  }
}

async function outcomeOf(run: string, journal: Journal, shell: Shell): Promise<number> {
  let head = (await knownRun(run, journal)).head;
  while (head.alive) {
    await systemClock.sleep(LOOK_MS);
    head = (await knownRun(run, journal)).head;
  }
  if (head.closed) {
    shell.stdout.write(`Run ${run} has ended; everything is put back and proved.\n`);
    return exitCodes.done;
  }
  const left = whatIsLeft(fold(await journal.read(run), newView(run)));
  for (const { title, text } of left) shell.stdout.write(`Still in: ${title}: ${text}\n`);
  shell.stdout.write(`Put it back: unplug restore ${run}\n`);
  return exitCodes.left;
}
