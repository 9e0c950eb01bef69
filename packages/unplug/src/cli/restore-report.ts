import type { Journal, Recorded } from "../contract/journal.ts";
import { fold } from "../report/fold.ts";
import { isUntold, whatIsLeft } from "../report/left.ts";
import { runJson } from "../report/run-json.ts";
import { newView, type RunView } from "../report/run-view.ts";
import { editTitle } from "../report/target-status.ts";
import { awsHints } from "./aws-hints.ts";
import { exitCodes } from "./exit-codes.ts";
import { openProgress } from "./progress.ts";
import type { RestoreFlags } from "./restore.ts";
import type { Shell, Stream } from "./shell.ts";

type Format = Pick<RestoreFlags, "format">;

interface Restoring {
  readonly run: string;
  readonly before: readonly Recorded[];
  /** No other restore goes on in this process: the terminal is its own. */
  readonly alone: boolean;
  readonly format: string;
}

/** Progress of a restore, on the stream that is for people. */
export function openRestoreProgress(
  { run, before, alone, format }: Restoring,
  shell: Shell,
): { onEvent(recorded: Recorded): void; close(): void } {
  const people = peopleOf(format, shell);
  const stream = alone ? people : { write: (text: string) => people.write(`${run} ${text}`) };
  const progress = openProgress({ run, stream, env: shell.env, now: () => Date.now(), before });
  return {
    onEvent(recorded) {
      progress.event(recorded);
      if (format === "ndjson") shell.stdout.write(`${JSON.stringify(recorded)}\n`);
    },
    close: () => progress.close(),
  };
}

/** Says what is left of a run after its restore, and answers the exit code. */
export function tellRestored(
  run: string,
  events: readonly Recorded[],
  { format }: Format,
  shell: Shell,
): number {
  const people = peopleOf(format, shell);
  const view = fold(events, newView(run));
  if (format === "json") shell.stdout.write(`${JSON.stringify(runJson(view), null, 2)}\n`);
  for (const line of toldBefore(view, events)) people.write(`${line}\n`);
  const left = whatIsLeft(view);
  if (left.length === 0 && isUntold(view)) {
    people.write(`Run ${run}: what could be told to be ours is put back and proved; not all could.\n`);
    return exitCodes.left;
  }
  if (left.length === 0) {
    people.write(`Run ${run}: nothing of it is left; everything is put back and proved.\n`);
    return exitCodes.done;
  }
  for (const { title, text } of left) people.write(`Still in: ${title}: ${text}\n`);
  for (const hint of awsHints(view.failures.map(({ failure }) => failure))) people.write(`${hint}\n`);
  people.write(
    `Run ${run} is not restored. Again: unplug restore ${run}. By hand: unplug show ${run} --as aws-cli\n`,
  );
  return exitCodes.left;
}

/** What was to be done beside before this restore began: by a process that may have died over it, and told nobody. */
function toldBefore(view: RunView, events: readonly Recorded[]): ReadonlySet<string> {
  const began = events.findLast(({ event }) => event.type === "restore.started")?.sequence ?? 0;
  const lines = events.flatMap(({ sequence, event }) => {
    if (event.type !== "undo.beside" || sequence > began) return [];
    const edit = view.edits.find((one) => one.edit === event.edit);
    return edit === undefined ? [] : [`To put back ${editTitle(view, edit)} took more: ${event.told}.`];
  });
  return new Set(lines);
}

/**
 * What machines get of a restore that did not begin or could not go on: `refused` says why, beside the run as the
 * journal tells it; alone where there is no such run, or none that can be read. `exitCode` is what the command answers.
 */
export async function tellRefused(
  { run, error, exitCode }: { readonly run: string; readonly error: unknown; readonly exitCode: number },
  journal: Journal,
  { format }: Format,
  shell: Shell,
): Promise<void> {
  if (format !== "json") return;
  const refused = error instanceof Error ? error.message : String(error);
  // It may be the journal itself that refused.
  const known = await toldOf(run, journal).catch(() => ({}));
  shell.stdout.write(`${JSON.stringify({ runId: run, ...known, refused, exitCode }, null, 2)}\n`);
}

async function toldOf(run: string, journal: Journal): Promise<object> {
  const head = (await journal.runs()).find((one) => one.run === run);
  return head === undefined ? {} : runJson(fold(await journal.read(run), newView(run)), head);
}

export function peopleOf(format: string, shell: Shell): Stream {
  return format === "human" ? shell.stdout : shell.stderr;
}
