/** What a script is run by. */
export interface Shebang {
  /** A path, or after `env` a name that is looked up in PATH. */
  readonly interpreter: string;
  /** What Linux hands over in one piece before the script's own path; null for nothing. */
  readonly argument: string | null;
}

/** Linux looks at so many bytes of a script. Source: BINPRM_BUF_SIZE. */
export const shebangBytes = 256;

/**
 * Reads a `#!` line as Linux does; null when there is none or it names nothing. `env` is looked through, also with `-S` and with
 * variables that it sets: `#!/usr/bin/env -S A=1 node --flag` is `node` with `--flag`.
 * Source: fs/binfmt_script.c.
 */
export function readShebang(bytes: Buffer): Shebang | null {
  const seen = bytes.toString("utf8", 0, Math.min(bytes.length, shebangBytes));
  if (!seen.startsWith("#!")) return null;
  const line = seen.slice(2).split(/[\n\0]/, 1)[0] ?? "";
  // A carriage return belongs to the interpreter's name, for Linux as for us.
  const [, interpreter, rest = ""] = /^[ \t]*([^ \t]+)[ \t]*(.*?)[ \t]*$/s.exec(line) ?? [];
  if (interpreter === undefined) return null;
  const direct = { interpreter, argument: rest === "" ? null : rest };
  return /(^|\/)env$/.test(interpreter) ? (throughEnv(rest) ?? direct) : direct;
}

function throughEnv(rest: string): Shebang | null {
  const split = /^-(?:-split-string(?:=|[ \t]+)|[iv0]*S[ \t]*)(.*)$/s.exec(rest)?.[1];
  // Without -S, env is given one argument, spaces and all.
  const words = split === undefined ? [rest] : wordsOf(split);
  const at = words.findIndex((word, index) => !isForEnv(word, words[index - 1]));
  const [interpreter, ...more] = at < 0 ? [] : words.slice(at);
  if (interpreter === undefined || interpreter === "") return null;
  return { interpreter, argument: more.length === 0 ? null : more.join(" ") };
}

function isForEnv(word: string, before: string | undefined): boolean {
  return word.startsWith("-") || /^[^=/]+=/.test(word) || /^-(u|C|-unset|-chdir)$/.test(before ?? "");
}

/** Words apart from quotes and from white space that a backslash or quotes keep. */
function wordsOf(text: string): string[] {
  const words = text.match(/(?:\\.|'[^']*'|"(?:\\.|[^"\\])*"|[^\s\\'"])+/gs) ?? [];
  return words.map((word) =>
    word.replace(/\\(.)|'([^']*)'|"((?:\\.|[^"\\])*)"/gs, (_, escaped, single, double) =>
      String(escaped ?? single ?? double),
    ),
  );
}
