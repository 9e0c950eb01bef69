import { wrap } from "../report/wrap.ts";

/** A command line that shows a use. */
export interface Example {
  /** As it is typed into a POSIX shell. */
  readonly line: string;
  /** What it does, in a clause; empty where the line says it. */
  readonly does: string;
}

/** What the help of a command says, at any width. */
export interface HelpModel {
  /** `unplug run [options] <file>` */
  readonly usage: string;
  readonly description: string;
  /** Options, commands: each item a term and what it means, which may be empty. */
  readonly lists: readonly {
    readonly title: string;
    readonly items: readonly (readonly [string, string])[];
  }[];
  /** Paragraphs. */
  readonly notes: readonly string[];
  readonly examples: readonly Example[];
}

/** As wide as the terminal, however narrow it is. */
export function helpText({ usage, description, lists, notes, examples }: HelpModel, width: number): string {
  const terms = lists.flatMap(({ items }) => items.map(([term]) => term.length));
  const termWidth = Math.max(0, ...terms);
  const blocks = [
    [`Usage: ${usage}`],
    wrap(description, width),
    ...lists.map(({ title, items }) => [
      title,
      ...items.flatMap(([term, about]) => itemLines(term, about, termWidth, width)),
    ]),
    notes.flatMap((note) => wrap(note, width)),
    examples.length === 0
      ? []
      : ["Examples:", ...examples.flatMap((example) => exampleLines(example, width))],
  ];
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join("\n")}\n`)
    .join("\n");
}

/** Beside a term, a description that has less room than this stands below it. */
const NARROWEST = 30;

function itemLines(term: string, about: string, termWidth: number, width: number): readonly string[] {
  const room = width - termWidth - 4;
  if (about === "") return [`  ${term}`];
  if (room < NARROWEST) return [`  ${term}`, ...wrap(about, width, "      ")];
  return wrap(about, room).map((line, i) => `  ${(i === 0 ? term : "").padEnd(termWidth)}  ${line}`);
}

function exampleLines({ line, does }: Example, width: number): readonly string[] {
  return [...(does === "" ? [] : wrap(does, width, "  # ")), `  ${line}`];
}
