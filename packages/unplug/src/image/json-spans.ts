import { ImageProblem } from "./image-problem.ts";

/** Where a value stands in a text: its first character, and the one behind its last. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A text with changes at some places and all else as it was. */
export interface Change extends Span {
  readonly text: string;
}

/**
 * JSON of which only some places are to change: one character for each byte, so that what is not touched stays, byte by byte.
 * `what`: "the image's config", for messages. Throws ImageProblem where the bytes are no JSON object.
 */
export function jsonText(bytes: Uint8Array, what: string): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const value: unknown = JSON.parse(buffer.toString("utf8"));
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return buffer.toString("latin1");
  } catch (error) {
    throw new ImageProblem(`${what} is not JSON.`, error);
  }
  throw new ImageProblem(`${what} is no JSON object.`);
}

/** The members of the object that begins at `start`, of sound JSON; of a name that stands twice the last one counts, as it does for JSON.parse. */
export function membersOf(text: string, start: number): ReadonlyMap<string, Span> {
  const found = new Map<string, Span>();
  let at = skipSpace(text, skipSpace(text, start) + 1);
  while (text[at] !== "}") {
    if (text[at] === ",") at = skipSpace(text, at + 1);
    const nameEnd = endOfValue(text, at);
    const name: unknown = JSON.parse(text.slice(at, nameEnd));
    // Behind the name stands a colon.
    const value = skipSpace(text, skipSpace(text, nameEnd) + 1);
    const end = endOfValue(text, value);
    found.set(String(name), { start: value, end });
    at = skipSpace(text, end);
  }
  return found;
}

/** Adds a value to the end of the array at `span`. */
export function appended(text: string, { start, end }: Span, value: string): Change {
  const inside = text.slice(start + 1, end - 1).trimEnd();
  const at = start + 1 + inside.length;
  return { start: at, end: at, text: inside.trim() === "" ? value : `,${value}` };
}

/** Takes the last value of the array at `start` away again, as `appended` had put it there. Throws ImageProblem where it has none. */
export function withoutLast(text: string, { start }: Span, what: string): Change {
  let last: Span | null = null;
  for (let at = skipSpace(text, start + 1); text.charAt(at) !== "]"; ) {
    if (text.charAt(at) === ",") at = skipSpace(text, at + 1);
    const end = endOfValue(text, at);
    last = { start: last === null ? at : at - 1, end };
    at = skipSpace(text, end);
  }
  if (last === null) throw new ImageProblem(`${what} has an empty list where one value more was expected.`);
  return { ...last, text: "" };
}

export function withChanges(text: string, changes: readonly Change[]): Buffer {
  const fromTheEnd = [...changes].sort((a, b) => b.start - a.start);
  const changed = fromTheEnd.reduce(
    (now, { start, end, text: put }) => now.slice(0, start) + put + now.slice(end),
    text,
  );
  return Buffer.from(changed, "latin1");
}

function skipSpace(text: string, at: number): number {
  let next = at;
  while (/[ \t\r\n]/.test(text.charAt(next))) next += 1;
  return next;
}

/** Behind the value that begins at `at`. */
function endOfValue(text: string, at: number): number {
  const first = text.charAt(at);
  if (first === '"') return endOfString(text, at);
  if (first !== "{" && first !== "[") {
    const word = /[^,\]}\s]*/y;
    word.lastIndex = at;
    return at + (word.exec(text)?.[0].length ?? 0);
  }
  let depth = 0;
  for (let next = at; ; ) {
    const character = text.charAt(next);
    if (character === '"') {
      next = endOfString(text, next);
      continue;
    }
    if (character === "{" || character === "[") depth += 1;
    if (character === "}" || character === "]") depth -= 1;
    next += 1;
    if (depth === 0) return next;
  }
}

function endOfString(text: string, at: number): number {
  let next = at + 1;
  while (text.charAt(next) !== '"') next += text.charAt(next) === "\\" ? 2 : 1;
  return next + 1;
}
