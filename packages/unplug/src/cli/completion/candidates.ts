import type { Argument, Command, Option } from "commander";
import type { Shell } from "../shell.ts";
import { faultIds, tunables } from "./from-faults.ts";
import { fileVariables, stepTunables } from "./from-file.ts";
import { probeTypes } from "./from-probes.ts";
import { profiles, regions, runs, secretNames } from "./from-state.ts";
import { type Position, placeholderOf } from "./position.ts";

export interface Candidate {
  /** The whole word; one that ends in `=` is to be typed on. */
  readonly value: string;
  /** For shells that show it: one clause, or nothing. */
  readonly about: string;
}

/** What the shell itself knows better: names of files, and how to complete another program's words. */
export type Handover =
  | { readonly kind: "files"; readonly endings: readonly string[] }
  | { readonly kind: "folders" }
  /** Another program's command line begins at this word behind `unplug`; null: at the last one. */
  | { readonly kind: "command"; readonly at: number | null };

export interface Answer {
  readonly candidates: readonly Candidate[];
  readonly handover: Handover | null;
}

type Source = (
  position: Position,
  shell: Shell,
  program: Command,
) => Promise<Partial<Answer>> | Partial<Answer>;

const experiments: Handover = { kind: "files", endings: [".yaml", ".yml", ".json"] };

/** By the placeholder in the command's description. Free text has no candidates, and is named so that none is forgotten. */
export const sources: Readonly<Record<string, Source>> = {
  file: () => ({ handover: experiments }),
  path: () => ({ handover: { kind: "files", endings: [] } }),
  folder: () => ({ handover: { kind: "folders" } }),
  id: async () => ({ candidates: await faultIds() }),
  type: async () => ({ candidates: await probeTypes() }),
  "file-or-id": async () => ({ candidates: await faultIds(), handover: experiments }),
  tunables: async ({ args, typed }, { env }) => ({ candidates: await tunables(args, typed, env) }),
  "step.tunable=value": async ({ args, typed }) => ({ candidates: await stepTunables(args[0], typed) }),
  "name=value": async ({ args }) => ({ candidates: await fileVariables(args[0]) }),
  run: async ({ command, flags }, shell) => ({ candidates: await runs(command.name(), flags, shell) }),
  secret: async (_, { env }) => ({ candidates: await secretNames(env) }),
  region: (_, { env }) => ({ candidates: regions(env) }),
  profile: async (_, { env }) => ({ candidates: await profiles(env) }),
  behavior: async () => ({ candidates: words((await import("@unplug/interceptor")).behaviors) }),
  story: async () => ({ candidates: words((await import("../demo.ts")).stories) }),
  topic: (_, __, program) => ({ candidates: commandNames(program) }),
  command: ({ firstArgument }) => ({ handover: { kind: "command", at: firstArgument } }),
  args: ({ firstArgument }) => ({ handover: { kind: "command", at: firstArgument } }),
};

export const freeText: readonly string[] = [
  "uuid",
  "name",
  "arn",
  "url",
  "url-or-arn",
  "namespace/name",
  "text",
  "port",
  "seconds",
  "number",
  "target",
];

/** Everything that may stand for the word that is being typed. */
export async function answerOf(position: Position, shell: Shell, program: Command): Promise<Answer> {
  const { place, typed, before, options, command } = position;
  const answer = await placeAnswer(position, shell, program);
  const commandsHere = command === program && place === null ? commandNames(program) : [];
  // Options are many: they come when a dash asks for them, or when nothing else can stand here.
  const isFree = place === null && commandsHere.length === 0;
  const asked = typed.startsWith("-") || isFree ? options.map(optionCandidate) : [];
  const all = [...(answer.candidates ?? []), ...commandsHere, ...asked];
  const candidates = all
    .filter(({ value }) => value.startsWith(typed))
    .map((one) => ({ ...one, value: before + one.value }));
  const wantsFiles = answer.handover !== undefined && !typed.startsWith("-");
  return {
    candidates,
    handover: wantsFiles || answer.handover?.kind === "command" ? (answer.handover ?? null) : null,
  };
}

function placeAnswer(
  position: Position,
  shell: Shell,
  program: Command,
): Promise<Partial<Answer>> | Partial<Answer> {
  const { place } = position;
  if (place === null) return {};
  const choices = place.argChoices;
  if (choices !== undefined) return { candidates: words(choices) };
  return sources[placeholderOf(place)]?.(position, shell, program) ?? {};
}

function commandNames(program: Command): readonly Candidate[] {
  return program
    .createHelp()
    .visibleCommands(program)
    .map((command) => ({ value: command.name(), about: command.description() }));
}

function optionCandidate(option: Option): Candidate {
  return { value: option.long ?? option.short ?? "", about: option.description };
}

function words(values: readonly string[]): readonly Candidate[] {
  return values.map((value) => ({ value, about: "" }));
}

/** Everything in the description that has a value of its own. */
export function places(program: Command): readonly (Option | Argument)[] {
  return program.commands.flatMap((command) => [
    ...command.registeredArguments,
    ...command.options.filter(({ required, optional }) => required || optional),
  ]);
}
