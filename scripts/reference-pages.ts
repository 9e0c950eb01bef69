import { readFileSync } from "node:fs";
import { join } from "node:path";
import { environmentVariables } from "../packages/unplug/src/cli/environment.ts";
import { describeTunables } from "../packages/unplug/src/engine/tunables.ts";
import { builtinFaults } from "../packages/unplug/src/faults/index.ts";
import { exitLines } from "../packages/unplug/src/report/exit-codes.ts";
import { type CommandModel, commandModels } from "./command-model.ts";
import { probePage } from "./probe-page.ts";
import { root } from "./run-command.ts";
import { tunableTable } from "./tunable-table.ts";

/** A page of the reference that is about no single fault; without the notice that it is generated. */
export interface ReferencePage {
  /** File name below docs/reference. */
  readonly file: string;
  readonly title: string;
  readonly about: string;
  readonly text: () => readonly string[];
}

export const referencePages: readonly ReferencePage[] = [
  {
    file: "commands.md",
    title: "Commands",
    about: "Every command with its options and examples; `unplug COMMAND --help` prints the same",
    text: () => commandModels().flatMap(command),
  },
  {
    file: "tunables.md",
    title: "Tunables",
    about: "What can be set of every fault, and the ways to set it",
    text: tunables,
  },
  {
    file: "probes.md",
    title: "Types of probe",
    about: "Every type with its settings, measures and an example; `unplug probes TYPE` prints the same",
    text: probePage,
  },
  {
    file: "exit-codes.md",
    title: "Exit codes",
    about: "What the code says with which a command ends",
    text: exitCodes,
  },
  {
    file: "environment.md",
    title: "Environment",
    about: "The variables that are read",
    text: () => [
      "Tunables of a fault may be variables of the same name. The AWS SDK reads its own; these are read besides.",
      "",
      "| Variable | |",
      "| --- | --- |",
      ...environmentVariables.map(
        ({ names, meaning }) => `| ${names.map(code).join(", ")} | ${cell(meaning)} |`,
      ),
    ],
  },
  {
    file: "events.md",
    title: "Events",
    about: "What the journal holds and `--format ndjson` prints",
    text: () => [
      "A line of `--format ndjson` is `{ run, sequence, at, event }`: `at` in milliseconds since 1970, `event` one of these.",
      "",
      "| `type` | Other fields | |",
      "| --- | --- | --- |",
      ...events(readFileSync(join(root, "packages/unplug/src/contract/events.ts"), "utf8")),
    ],
  },
];

function command({ name, usage, description, options, notes, examples }: CommandModel): readonly string[] {
  const shown = examples.flatMap(({ line, does }) => [...(does === "" ? [] : [`# ${does}`]), line]);
  return [
    `## ${name}`,
    "",
    `${capital(description)}.`,
    "",
    "```",
    `unplug ${usage}`,
    "```",
    "",
    ...notes.flatMap((note) => [escaped(note), ""]),
    "| Option | |",
    "| --- | --- |",
    ...options.map((option) => `| ${code(option.term)} | ${cell(option.description)} |`),
    "",
    ...(shown.length === 0 ? [] : ["```sh", ...shown, "```", ""]),
  ];
}

function tunables(): readonly string[] {
  const [first] = builtinFaults;
  if (first === undefined) throw new Error("There is no fault.");
  const common = describeTunables(first).filter((tunable) => tunable.common);
  return [
    "A tunable is given in a file (`tunables:` of a step, or `--set STEP.TUNABLE=VALUE` over it), as an argument",
    "(`unplug fault ID TUNABLE=VALUE`), or by an environment variable of the same name. Seconds may be written `90`, `90s`, `5m` or `1h`.",
    "",
    "Of every fault:",
    "",
    ...tunableTable(common),
    "",
    ...builtinFaults.flatMap((fault) => [
      `Of [${fault.id}](${fault.id}.md):`,
      "",
      ...tunableTable(describeTunables(fault).filter((tunable) => !tunable.common)),
      "",
    ]),
  ];
}

function exitCodes(): readonly string[] {
  const met = { code: 0, meaning: "hypothesis met, or none stated; nothing left to do", hint: "" };
  return [
    "Where several apply, the line that stands higher wins.",
    "",
    "| Code | Meaning | What to do |",
    "| --- | --- | --- |",
    ...[...exitLines, met].map(
      (one) => `| ${one.code} | ${capital(cell(one.meaning))} | ${cell(one.hint)} |`,
    ),
  ];
}

/** The rows of a table from the members of the type `Event`, each with the comment in front of it. */
export function events(source: string): readonly string[] {
  const union = /export type Event =\n([\s\S]*?);\n\nexport type/.exec(source)?.[1];
  if (union === undefined) throw new Error("contract/events.ts has no type Event that could be read.");
  const members = [
    ...union.matchAll(
      /(?:\/\*\* ([^*]+) \*\/\s*)?\| \{\s*type: "([a-z.]+)"([\s\S]*?)\}(?=\s*(?:\||\/\*\*|$))/g,
    ),
  ];
  return members.map(([, comment = "", type = "", rest = ""]) => {
    const fields = rest
      .replace(/\/\*\*[\s\S]*?\*\//g, "")
      .split(";")
      .map((field) => field.trim())
      .filter((field) => field !== "");
    return `| ${code(type)} | ${fields.map((field) => code(cell(field))).join(", ")} | ${cell(comment)} |`;
  });
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function code(text: string): string {
  return `\`${text}\``;
}

/** Nothing in it ends a cell of a table. */
function cell(text: string): string {
  return escaped(text).replaceAll("|", "\\|");
}

/** `<name>` outside of code would be taken for HTML. */
function escaped(text: string): string {
  return text.replace(/<(?=[a-z])/g, "&lt;");
}
