/** What the YAML parser found, as far as its words are made from it. */
interface Finding {
  readonly code: string;
  readonly message: string;
}

/** Where the parser's own words say what it expected of itself, not what the author did. */
const WORDS: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: "this key stands twice in its map: keep one",
  NON_STRING_KEY: "a key must be text, not a list or a map",
  TAB_AS_INDENT: "a tab indents this line: use blanks",
  BAD_SCALAR_START: "text must not begin with this character: put it in quotes",
  BLOCK_AS_IMPLICIT_KEY:
    "a second `name: value` on the line: put a text with a colon in quotes, a map on lines of its own",
};

/** What is wrong, and what to do where that is known; `line` is the line on which it was found. */
export function yamlProblem({ code, message }: Finding, line: string): string {
  const told = WORDS[code] ?? message.replace(/\s+/g, " ").trim();
  // In braces, the brace of a bare ${NAME} begins a map.
  const bare = code === "UNEXPECTED_TOKEN" && /[:,[{]\s*\$\{/.test(line);
  return bare ? `${told}; put \${NAME} in quotes` : told;
}

const WIDTH = 72;

/** The piece of `line` around column `col` (from 1) with a caret below it, on two lines; nothing of a blank line. */
export function excerpt(line: string, col: number): string {
  if (line.trim() === "") return "";
  const from = Math.max(0, Math.min(col - 1 - WIDTH / 2, line.length - WIDTH));
  const piece = line.slice(from, from + WIDTH).replace(/\s/g, " ");
  return `\n  | ${piece}\n  | ${" ".repeat(Math.max(0, col - 1 - from))}^`;
}
