import { AwsError } from "../contract/aws.ts";
import { Refusal } from "../contract/refusal.ts";
import { JournalLost } from "../engine/run-log.ts";
import { InvalidExperiment } from "../load/invalid-experiment.ts";
import { printableLines } from "../report/printable.ts";
import { awsHint } from "./aws-hints.ts";
import { exitCodes } from "./exit-codes.ts";
import type { Shell } from "./shell.ts";
import { UsageError } from "./usage-error.ts";

interface Explained {
  readonly code: number;
  readonly lines: readonly string[];
}

/** More than anybody mends before the next try. */
const MOST_PROBLEMS = 20;

/** Tells an error on stderr, once, and answers the exit code that goes with it. */
export function exitCodeOf(error: unknown, shell: Pick<Shell, "stderr" | "env">): number {
  const { code, lines } = explain(error, shell.env["UNPLUG_DEBUG"] === "1");
  // What was typed, read or answered must not steer the terminal.
  shell.stderr.write(`${lines.flatMap((line) => printableLines(line)).join("\n")}\n`);
  return code;
}

/** What people are told of anything that a command throws; a stack only of a defect, and only when asked for. */
export function explain(error: unknown, debug: boolean): Explained {
  if (error instanceof UsageError) return { code: exitCodes.usage, lines: [error.message] };
  if (error instanceof InvalidExperiment) {
    const count = error.problems.length === 1 ? "1 problem" : `${error.problems.length} problems`;
    const more = error.problems.length - MOST_PROBLEMS;
    const told = error.problems.slice(0, MOST_PROBLEMS);
    const rest = more > 0 ? [`and ${more} more`] : [];
    return { code: exitCodes.usage, lines: [...told, ...rest, `${count}; nothing was called in AWS.`] };
  }
  // Their own messages say what to do; named, not imported: journal and sandbox are loaded only by who needs them.
  if (error instanceof Error && ["JournalUnusable", "DataFolderUnusable"].includes(error.name))
    return { code: exitCodes.refused, lines: [error.message] };
  if (error instanceof JournalLost)
    return { code: exitCodes.refused, lines: [error.message, "Nothing was unplugged."] };
  if (error instanceof Refusal) return { code: exitCodes.refused, lines: [`Refused: ${error.message}`] };
  if (error instanceof AwsError) {
    const hint = awsHint(error);
    const told = awsText(error);
    return { code: exitCodes.refused, lines: hint === null ? [told] : [told, hint] };
  }
  return { code: exitCodes.defect, lines: defectLines(error, debug) };
}

/** Who never sent a request, or got no answer, was answered nothing. */
function awsText({ action, code, status, outcome, message }: AwsError): string {
  if (outcome === "unsent") return `AWS could not be asked for ${action} (${code}): ${message}`;
  if (status === null) return `AWS, asked for ${action}, gave no answer (${code}): ${message}`;
  return `AWS, asked for ${action}, answered ${code}: ${message}`;
}

function defectLines(error: unknown, debug: boolean): readonly string[] {
  const told = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const stack = debug && error instanceof Error && error.stack !== undefined ? [error.stack] : [];
  const how = debug ? "" : " with what UNPLUG_DEBUG=1 adds";
  return [`This is a defect in Unplug: ${told}`, `Please report it${how}.`, ...stack];
}
