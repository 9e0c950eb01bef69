import { fold } from "../report/fold.ts";
import { runJson } from "../report/run-json.ts";
import { newView } from "../report/run-view.ts";
import { runsText } from "../report/runs-text.ts";
import { exitCodes } from "./exit-codes.ts";
import { announceLeftovers } from "./leftovers.ts";
import { lookOf } from "./look.ts";
import { openStateJournal } from "./parts.ts";
import type { Shell } from "./shell.ts";

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
    const rows = await Promise.all(
      shown.map(async (head) => ({ head, view: fold(await journal.read(head.run), newView(head.run)) })),
    );
    const text =
      format === "json"
        ? JSON.stringify(
            rows.map(({ head, view }) => runJson(view, head)),
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
