import type { Argument, Command, Option } from "commander";

/** What may stand for the word that is being typed. */
export interface Position {
  readonly command: Command;
  /** The option whose value it is, or the argument; null when neither is expected. */
  readonly place: Option | Argument | null;
  /** An option may begin here. */
  readonly options: readonly Option[];
  /** As far as it is typed, without `before`. */
  readonly typed: string;
  /** What the word begins with and keeps: `--format=`. */
  readonly before: string;
  readonly args: readonly string[];
  /** Long name -> values so far; a switch has none. */
  readonly flags: ReadonlyMap<string, readonly string[]>;
  /** The index of the first argument among the words; null when there is none yet. */
  readonly firstArgument: number | null;
}

/** Reads the words behind `unplug`, the last one as far as it is typed. Null: there is no such command. */
export function positionOf(program: Command, words: readonly string[]): Position | null {
  const typed = words.at(-1) ?? "";
  const flags = new Map<string, string[]>();
  const args: string[] = [];
  let command = program;
  let firstArgument: number | null = null;
  let waiting: Option | null = null;
  let onlyArguments = false;
  for (const [i, word] of words.slice(0, -1).entries()) {
    if (waiting !== null) {
      flags.get(keyOf(waiting))?.push(word);
      waiting = null;
    } else if (!onlyArguments && word === "--") {
      onlyArguments = true;
    } else if (!onlyArguments && isOption(word)) {
      waiting = readOption(word, command, flags);
    } else if (command === program) {
      const found = program.commands.find((one) => one.name() === word);
      if (found === undefined) return null;
      command = found;
    } else {
      firstArgument ??= i;
      args.push(word);
      onlyArguments ||= handsOver(command);
    }
  }
  const shared = { command, args, flags, firstArgument };
  if (waiting !== null) return { ...shared, place: waiting, options: [], typed, before: "" };
  if (!onlyArguments && isOption(typed)) {
    const [name, value] = cut(typed);
    const option = command.options.find((one) => one.long === name);
    if (value !== undefined)
      return { ...shared, place: option ?? null, options: [], typed: value, before: `${name}=` };
  }
  const place = argumentAt(command, args.length);
  const visible = command.createHelp().visibleOptions(command);
  const open = visible.filter((one) => !flags.has(keyOf(one)) || isRepeatable(one));
  return { ...shared, place, options: onlyArguments ? [] : open, typed, before: "" };
}

/** The word between the brackets: it says what kind of thing is meant. */
export function placeholderOf(place: Option | Argument): string {
  if ("flags" in place) return /[<[]([^>\]]+)/.exec(place.flags)?.[1] ?? "";
  return place.name();
}

/** What follows its first argument is another program's. */
function handsOver(command: Command): boolean {
  const [first] = command.registeredArguments;
  return first !== undefined && placeholderOf(first) === "command";
}

function isOption(word: string): boolean {
  return word.startsWith("-") && word !== "-";
}

function isRepeatable(option: Option): boolean {
  return Array.isArray(option.defaultValue);
}

/** Notes the option; answers it when the next word is its value. */
function readOption(word: string, command: Command, flags: Map<string, string[]>): Option | null {
  const [name, value] = cut(word);
  const option = command.options.find((one) => one.long === name || one.short === name);
  if (option === undefined) return null;
  const values = flags.get(keyOf(option)) ?? [];
  flags.set(keyOf(option), values);
  if (value !== undefined) values.push(value);
  return value === undefined && option.required ? option : null;
}

function cut(word: string): readonly [string, string?] {
  const at = word.indexOf("=");
  return at < 0 ? [word] : [word.slice(0, at), word.slice(at + 1)];
}

function keyOf({ long, flags }: Option): string {
  return long ?? flags;
}

function argumentAt(command: Command, index: number): Argument | null {
  const { registeredArguments: all } = command;
  const last = all.at(-1);
  return all[index] ?? (last?.variadic === true ? last : null);
}
