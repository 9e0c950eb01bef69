import type { Journal, RunHead } from "../contract/journal.ts";
import { fold } from "../report/fold.ts";
import { runJson, unreadableJson } from "../report/run-json.ts";
import { newView } from "../report/run-view.ts";
import { type RunRow, runsText } from "../report/runs-text.ts";
import { exitCodes } from "./exit-codes.ts";
import { announceLeftovers } from "./leftovers.ts";
import { lookOf } from "./look.ts";
import { openStateJournal } from "./parts.ts";
import type { Shell } from "./shell.ts";
import { tryRun } from "./try-run.ts";

export interface RunsFlags {
  readonly format: string;
  readonly all?: boolean;
}

/** What people look through; machines get them all. */
const NEWEST = 20;

/** `unplug runs` */
export async function runsCommand({ format, all }: RunsFlags, shell: Shell): Promise<number> {
  const journal = openStateJournal(shell);
  try {
    const heads = await journal.runs();
    announceLeftovers(heads, shell.stderr);
    const shown = format === "json" || all === true ? heads : heads.slice(0, NEWEST);
    const rows = await Promise.all(shown.map((head) => rowOf(head, journal)));
    const text =
      format === "json"
        ? JSON.stringify(
            rows.map(({ head, view, unreadable }) =>
              unreadable === undefined ? runJson(view, head) : unreadableJson(head, unreadable),
            ),
            null,
            2,
          )
        : runsText(rows, lookOf(shell.stdout, shell.env));
    shell.stdout.write(`${text.trimEnd()}\n`);
    const older = heads.length - shown.length;
    if (older > 0) shell.stdout.write(`\nand ${older} older: unplug runs --all\n`);
    return exitCodes.done;
  } finally {
    journal.close();
  }
}

async function rowOf(head: RunHead, journal: Journal): Promise<RunRow> {
  const tried = await tryRun(head.run, journal, (events) => fold(events, newView(head.run)));
  return "made" in tried
    ? { head, view: tried.made }
    : { head, view: newView(head.run), unreadable: tried.unreadable };
}
