import { open } from "node:fs/promises";
import type { Recorded, RunHead } from "../contract/journal.ts";
import { byHandScript } from "../engine/by-hand-script.ts";
import { fold } from "../report/fold.ts";
import { runJson } from "../report/run-json.ts";
import { newView } from "../report/run-view.ts";
import { showText } from "../report/show-text.ts";
import { builtinResources } from "../resources/index.ts";
import { exitCodes } from "./exit-codes.ts";
import { fileTrouble } from "./file-trouble.ts";
import { knownRun } from "./known-run.ts";
import { announceLeftovers } from "./leftovers.ts";
import { lookOf } from "./look.ts";
import { openStateJournal } from "./parts.ts";
import type { Shell } from "./shell.ts";
import { UsageError } from "./usage-error.ts";

export interface ShowFlags {
  readonly format: string;
  readonly as?: "aws-cli";
  readonly output?: string;
}

/** `unplug show RUN` */
export async function showCommand(run: string, flags: ShowFlags, shell: Shell): Promise<number> {
  if (flags.as !== undefined && flags.format !== "human")
    throw new UsageError(`--as ${flags.as} and --format ${flags.format}: expected one of them, not both.`);
  const journal = openStateJournal(shell);
  try {
    announceLeftovers(await journal.runs(), shell.stderr, [run]);
    const { head, events } = await knownRun(run, journal);
    const text = await render(head, events, flags, shell);
    // A script that is written to a file is not the place where anybody looks first.
    if (flags.as === "aws-cli" && head.alive) shell.stderr.write(`${aliveWarning(head.run)}\n`);
    if (flags.output === undefined) shell.stdout.write(`${text.trimEnd()}\n`);
    else await writePrivate(flags.output, `${text.trimEnd()}\n`);
    return exitCodes.done;
  } finally {
    journal.close();
  }
}

async function render(
  head: RunHead,
  events: readonly Recorded[],
  flags: ShowFlags,
  shell: Shell,
): Promise<string> {
  if (flags.as === "aws-cli") {
    const script = await byHandScript(head.run, events, { resources: builtinResources });
    return head.alive ? script.replace("\n", `\n# ${aliveWarning(head.run)}\n`) : script;
  }
  if (flags.format === "ndjson") return events.map((event) => JSON.stringify(event)).join("\n");
  const view = fold(events, newView(head.run));
  if (flags.format === "json") return JSON.stringify(runJson(view, head), null, 2);
  return showText(view, lookOf(shell.stdout, shell.env), head);
}

function aliveWarning(run: string): string {
  return `Run ${run} is alive, and puts everything back by itself; end it with: unplug abort ${run}`;
}

/** Readable by the user alone: what it holds restores, and what restores can break. */
async function writePrivate(path: string, text: string): Promise<void> {
  try {
    const file = await open(path, "w", 0o600);
    try {
      // `open` leaves the mode of a file that was there before.
      await file.chmod(0o600);
      await file.writeFile(text);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw new UsageError(
      `-o ${path === "" ? '""' : path}: cannot write it: ${fileTrouble(error)}. Name a file that you may write to.`,
    );
  }
}
