/** Programs that start what their arguments name, and are not what stays. */
const LAUNCHERS = /^(env|tini|tini-static|dumb-init|catatonit|nice|nohup|stdbuf|setsid)$/;
const SHELLS = /^(sh|bash|dash|ash|ksh|zsh|busybox)$/;
/** Words that begin no program's name in a shell. */
const OWN_WORDS =
  /^(if|then|else|elif|fi|for|while|until|do|done|case|esac|in|function|select|time|[{}!]|\[\[?|\(\(?|exit|return|set|export|unset|cd|test|echo|printf|trap|shift|true|false|wait|ulimit|umask|source|\.|:|local|readonly|eval|read|break|continue)$/;

/** What is longer carries something else with it. */
export const MOST_SCRIPT = 65_536;

export function isShell(path: string): boolean {
  return SHELLS.test(nameOf(path));
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** What a shell was told to run: a text, or a file that it reads; both with the arguments that are for it. */
export type ShellTask =
  | { readonly text: string; readonly given: readonly string[] }
  | { readonly file: string; readonly given: readonly string[] };

/** Null where `words` begin with no shell, or with one that is told nothing. */
export function shellTask(words: readonly string[]): ShellTask | null {
  const [program = "", ...rest] = words;
  if (!isShell(program)) return null;
  // One file is all of its programs, and its first argument says which.
  if (nameOf(program) === "busybox") {
    const [applet = ""] = rest;
    return isShell(applet) && nameOf(applet) !== "busybox" ? shellTask(rest) : null;
  }
  for (let at = 0; at < rest.length; at += 1) {
    const word = rest[at] ?? "";
    if (!/^[-+]./.test(word)) return { file: word, given: rest.slice(at + 1) };
    const text = rest[at + 1];
    if (/^-[a-z]*c$/.test(word)) return text === undefined ? null : { text, given: rest.slice(at + 3) };
    if (/^[-+][a-z]*o$/.test(word)) at += 1;
  }
  return null;
}

/** What a launcher was told to start, with its arguments; null when `words` begin with none, or do not say it plainly. */
export function launched(words: readonly string[]): readonly string[] | null {
  const [program = "", ...given] = words;
  if (!LAUNCHERS.test(nameOf(program))) return null;
  const at = given.findIndex(
    (word) => !word.startsWith("-") && !(nameOf(program) === "env" && word.includes("=")),
  );
  const rest = at < 0 ? [] : given.slice(at);
  // What follows an option may be its argument: only those without one are understood.
  const options = at < 0 ? given : given.slice(0, at);
  const isPlain = options.every((word) => /^(--|-[0isgv]|--init|[A-Za-z_]\w*=.*)$/s.test(word));
  return isPlain && rest.length > 0 ? rest : null;
}

/**
 * What a shell script becomes or ends with, where it says so plainly: its last `exec` of something that is known, else its last line.
 * `given` are the script's own arguments. Null where that is not plain.
 */
export function scriptTarget(script: string, given: readonly string[]): readonly string[] | null {
  if (script.length > MOST_SCRIPT) return null;
  const known = new Map<string, string>();
  let target: readonly string[] | null = null;
  let last: readonly string[] | null = null;
  for (const line of script.replace(/\\\n/g, " ").split(/\n|;|&&|\|\|/)) {
    const text = line.trim();
    if (text === "" || text.startsWith("#")) continue;
    const assigned = /^(?:export\s+|readonly\s+)?([A-Za-z_]\w*)=(\S*|"[^"]*"|'[^']*')\s*$/.exec(text);
    if (assigned !== null) {
      const [, name = "", value = ""] = assigned;
      const words = wordsOf(value, known, given);
      if (words?.length === 1 && words[0] !== undefined) known.set(name, words[0]);
      else known.delete(name);
      continue;
    }
    const executed = /^(?:(?:then|else|do|\{)\s+)?exec\s+(?:--\s+)?(.*)$/.exec(text)?.[1];
    const words = commandOf(executed ?? text, known, given);
    last = words;
    if (executed !== undefined && words !== null) target = words;
  }
  return target ?? last;
}

function commandOf(
  text: string,
  known: ReadonlyMap<string, string>,
  given: readonly string[],
): readonly string[] | null {
  const all = wordsOf(text.replace(/(\||\d?>|<).*$/s, ""), known, given) ?? [];
  const at = all.findIndex((word) => !/^[A-Za-z_]\w*=/.test(word));
  const words = at < 0 ? [] : all.slice(at);
  const [program] = words;
  return program === undefined || program === "" || program.startsWith("-") || OWN_WORDS.test(program)
    ? null
    : words;
}

/** A shell's words: quotes, variables that are known, `"$@"`. What is not known stays out where it is a whole word behind the first; null where the first is not known. */
function wordsOf(
  text: string,
  known: ReadonlyMap<string, string>,
  given: readonly string[],
): readonly string[] | null {
  const raw = text.match(/(?:\\.|'[^']*'|"(?:\\.|[^"\\])*"|[^\s\\'"])+/gs) ?? [];
  const words: string[] = [];
  let length = 0;
  for (const word of raw) {
    const isAll = /^"?\$(@|\{@\}|\*)"?$/.test(word);
    const plain = isAll ? null : expanded(word, known, given);
    if (!isAll && plain === null && words.every((before) => /^[A-Za-z_]\w*=/.test(before))) return null;
    for (const one of isAll ? given : plain === null ? [] : [plain]) {
      length += one.length + 1;
      // A variable may hold another one twice, and that another: from a few lines come more bytes than there are.
      if (length > MOST_SCRIPT) return null;
      words.push(one);
    }
  }
  return words;
}

function expanded(word: string, known: ReadonlyMap<string, string>, given: readonly string[]): string | null {
  let isKnown = true;
  let left = MOST_SCRIPT;
  const text = word.replace(
    /\\(.)|'([^']*)'|\$\{?(\w+)\}?|(`|\$[({])|"/gs,
    (_, ...[escaped, single, name, odd]: (string | undefined)[]) => {
      if (odd !== undefined) isKnown = false;
      if (name === undefined) return escaped ?? single ?? "";
      const value = /^[1-9]$/.test(name) ? given[Number(name) - 1] : known.get(name);
      left -= value?.length ?? 0;
      if (value === undefined || left < 0) isKnown = false;
      return isKnown ? (value ?? "") : "";
    },
  );
  return isKnown ? text : null;
}
