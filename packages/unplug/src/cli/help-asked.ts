/** The command whose help is asked for and nothing else, "" for the help of all; null for any other command line. */
export function helpAsked(args: readonly string[]): string | null {
  const [first = "", second = ""] = args;
  if (args.length > 2) return null;
  if (first === "help") return second;
  if (args.length === 1) return isHelp(first) ? "" : null;
  return isHelp(second) ? first : null;
}

function isHelp(word: string): boolean {
  return word === "-h" || word === "--help";
}
