import type { Command } from "commander";
import { answerOf, type Handover } from "./completion/candidates.ts";
import { positionOf } from "./completion/position.ts";
import { exitCodes } from "./exit-codes.ts";
import type { Shell } from "./shell.ts";

/**
 * `unplug __complete -- WORDS`: what may stand for the last word, for the scripts of `unplug completion`.
 *
 * A line for each: the word, a tab, what it means. A line that begins with a colon hands over to the shell.
 * Whatever goes wrong, a person at a prompt gets no message: there is nothing to complete then.
 */
export async function completeCommand(
  program: Command,
  words: readonly string[],
  shell: Shell,
): Promise<number> {
  const position = positionOf(program, words);
  if (position === null) return exitCodes.done;
  const answer = await answerOf(position, shell, program).catch(() => null);
  if (answer === null) return exitCodes.done;
  const lines = answer.candidates.map(({ value, about }) => `${value}\t${about}`);
  const handover = answer.handover === null ? [] : [handoverLine(answer.handover, words.length)];
  const all = [...lines, ...handover];
  if (all.length > 0) shell.stdout.write(`${all.join("\n")}\n`);
  return exitCodes.done;
}

function handoverLine(handover: Handover, words: number): string {
  if (handover.kind === "folders") return ":folders";
  if (handover.kind === "files") return [":files", ...handover.endings].join("\t");
  return `:command\t${handover.at ?? words - 1}`;
}
