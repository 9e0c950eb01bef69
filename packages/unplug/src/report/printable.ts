// C0 and C1 controls, and the marks that turn the direction of text: a name from AWS must not steer the terminal.
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

const plainFor: Readonly<Record<string, string>> = {
  "…": "...",
  "·": "-",
  "→": "->",
  "–": "-",
  "—": "-",
  "•": "*",
  "’": "'",
};

/** Text from elsewhere on one line: control characters are shown as escapes, line breaks as blanks. */
export function printable(text: string, unicode = true): string {
  const shown = text.replace(/(?<!\s)\s*\n\s*/g, " ").replace(UNPRINTABLE, escaped);
  return unicode ? shown : shown.replace(/[…·→–—•’]/g, (mark) => plainFor[mark] ?? "?");
}

/** As `printable`, line by line: for a reason that names each culprit on a line of its own. */
export function printableLines(text: string, unicode = true): readonly string[] {
  return text.split("\n").map((line) => printable(line, unicode));
}

/** Text for a screen that shows ASCII alone: our marks as their likes, and what has none as an escape. */
export function inAscii(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
  return text.replace(/[^\u0000-\u007f]/g, (mark) => plainFor[mark] ?? escaped(mark));
}

function escaped(mark: string): string {
  return `\\u${mark.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
