import { readFileSync } from "node:fs";
import { join } from "node:path";
import { environmentVariables } from "../packages/unplug/src/cli/environment.ts";
import { exitLines } from "../packages/unplug/src/report/exit-codes.ts";
import { type CommandModel, commandModels } from "./command-model.ts";
import { root } from "./run-command.ts";

/** unplug(1) in the man macros, which every `man` reads. */
export function manPage(): string {
  return [
    '.\\" Generated from the code: node scripts/node24.js scripts/generate.ts',
    `.TH UNPLUG 1 "" "Unplug ${version()}" "User Commands"`,
    ...section("NAME", [
      `unplug \\- ${roff("chaos engineering for AWS Lambda that is certain to have put everything back")}`,
    ]),
    ...section("SYNOPSIS", [
      "\\fBunplug\\fR \\fICOMMAND\\fR [\\fIoptions\\fR]",
      ".br",
      "\\fBunplug\\fR \\-\\-help | \\-\\-version",
    ]),
    ...section("DESCRIPTION", DESCRIPTION),
    ".SH COMMANDS",
    ...commandModels().flatMap(command),
    ".SH EXIT STATUS",
    ...[{ code: 0, meaning: "hypothesis met, or none stated; nothing left to do" }, ...exitLines]
      .toSorted((a, b) => a.code - b.code)
      .flatMap(({ code, meaning }) => entry(String(code), roff(sentence(meaning)))),
    ".SH ENVIRONMENT",
    roff(
      "Tunables of a fault may be variables of the same name. The AWS SDK reads its own variables; these are read besides:",
    ),
    ...environmentVariables.flatMap(({ names, meaning }) => entry(names.map(roff).join(", "), roff(meaning))),
    ".SH FILES",
    ...entry(
      roff("~/.local/state/unplug"),
      roff("The journal: what was changed, what it was before, and whether it is back."),
    ),
    ".SH SEE ALSO",
    "\\fBaws\\fR(1)",
    "",
  ].join("\n");
}

const DESCRIPTION = [
  "Unplug breaks one thing about an AWS Lambda function on purpose, holds it broken for a while, and puts it back.",
  "The way back of every change is durable before the change is made: whatever becomes of the process, `unplug restore` finishes what it left.",
].map(roff);

function command({ name, usage, description, options, notes, examples }: CommandModel): readonly string[] {
  const [, ...rest] = usage.split(" ");
  return [
    `.SS "unplug ${roff(name)}${rest.length === 0 ? "" : ` ${roff(rest.join(" "))}`}"`,
    roff(sentence(description)),
    ...options
      .filter(({ term }) => term !== "-h, --help")
      .flatMap((option) => entry(roff(option.term), roff(sentence(option.description)))),
    ...notes.flatMap((note) => [".PP", roff(note)]),
    ...examples.flatMap(({ line, does }) => [
      ".PP",
      ...(does === "" ? [] : [roff(sentence(does)), ".PP"]),
      ".nf",
      ".RS 4",
      roff(line),
      ".RE",
      ".fi",
    ]),
  ];
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return [`.SH ${title}`, ...lines];
}

function entry(term: string, text: string): readonly string[] {
  return [".TP", `\\fB${term}\\fR`, text];
}

/** Text in which nothing is an escape or a request. */
function roff(text: string): string {
  return text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replaceAll('"', "\\(dq")
    .replace(/^([.'])/gm, "\\&$1");
}

function sentence(text: string): string {
  const whole = /[.]$/.test(text) ? text : `${text}.`;
  return whole.charAt(0).toUpperCase() + whole.slice(1);
}

function version(): string {
  return String(JSON.parse(readFileSync(join(root, "packages/unplug/package.json"), "utf8")).version);
}
