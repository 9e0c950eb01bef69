import { systemClock } from "../contract/clock.ts";
import type { Journal, RunHead } from "../contract/journal.ts";
import { Refusal } from "../contract/refusal.ts";
import { leaveRun } from "../engine/leave-run.ts";
import type { OpenJournal } from "../journal/sqlite-journal.ts";
import { fold } from "../report/fold.ts";
import { whatIsLeft } from "../report/left.ts";
import { newView } from "../report/run-view.ts";
import { exitCodes } from "./exit-codes.ts";
import { knownRun } from "./known-run.ts";
import { assembleParts, openStateJournal } from "./parts.ts";
import type { Shell } from "./shell.ts";
import { whoami } from "./whoami.ts";

const LOOK_MS = 250;

/**
 * `unplug abort RUN`: asks the run's own process, and waits until it has put everything back.
 *
 * With `--leave` a run whose process is dead is forgotten as it is, on the word of whoever says so.
 */
export async function abortCommand(
  run: string,
  flags: { readonly leave?: boolean },
  shell: Shell,
): Promise<number> {
  const journal = openStateJournal(shell);
  try {
    const { head } = await knownRun(run, journal);
    const leave = flags.leave === true;
    if (!head.alive) return await ended(head, leave, journal, shell);
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

async function ended(
  { run, closed }: RunHead,
  leave: boolean,
  journal: OpenJournal,
  shell: Shell,
): Promise<number> {
  if (closed) {
    const left = await leftOf(run, journal);
    shell.stdout.write(
      left.length === 0
        ? `Run ${run} has ended and left nothing: there is nothing to abort.\n`
        : `Run ${run} has ended; what it left in stays, as somebody said. Take it out: unplug restore ${run}\n`,
    );
    return left.length === 0 ? exitCodes.done : exitCodes.left;
  }
  if (leave) return forget(run, journal, shell);
  throw new Refusal(
    `The process of run ${run} is gone, so that nobody can be asked to end it.`,
    [],
    `Put back what it left: unplug restore ${run}. To leave it in and be told of it no more: unplug abort ${run} --leave`,
  );
}

async function forget(run: string, journal: OpenJournal, shell: Shell): Promise<number> {
  const { events, byHand } = await leaveRun(run, assembleParts(shell, journal));
  const left = whatIsLeft(fold(events, newView(run)));
  const { stdout } = shell;
  if (left.length === 0) {
    stdout.write(`Run ${run} is closed; nothing of it is left.\n`);
    return exitCodes.done;
  }
  stdout.write(`Run ${run} is closed on your word, and its targets are free. It stays as it is:\n`);
  for (const { title, text } of left) stdout.write(`  ${title}: ${text}\n`);
  stdout.write(`To put it back all the same: unplug restore ${run}. By hand:\n`);
  for (const line of byHand) stdout.write(`  ${line}\n`);
  return exitCodes.left;
}

async function leftOf(run: string, journal: Journal): Promise<ReturnType<typeof whatIsLeft>> {
  return whatIsLeft(fold(await journal.read(run), newView(run)));
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
  for (const { title, text } of await leftOf(run, journal))
    shell.stdout.write(`Still in: ${title}: ${text}\n`);
  shell.stdout.write(`Put it back: unplug restore ${run}\n`);
  return exitCodes.left;
}
