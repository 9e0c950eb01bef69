import { isUtf8 } from "node:buffer";

const source = "[Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled)";
/** Source: Jackson, StreamReadConstraints. */
const mostLevels = 1000;
const anyValue = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";

class Complaint extends Error {}

/** Bytes on the way through the reader; `start` is where the present line begins. */
interface Reader {
  readonly bytes: Buffer;
  at: number;
  line: number;
  start: number;
  depth: number;
}

/**
 * Why Lambda's JSON reader does not take these bytes, in its words, with line and column; null when it takes them.
 * Source: recorded answers of Lambda, whose reader is Jackson.
 */
export function jsonComplaint(bytes: Buffer): string | null {
  if (isUtf8(bytes)) {
    try {
      JSON.parse(bytes.toString("utf8"));
      return null;
    } catch {
      // The reader below says why.
    }
  }
  const reader: Reader = { bytes, at: 0, line: 1, start: 0, depth: 0 };
  try {
    space(reader);
    if (peek(reader) === undefined) complain(reader, "No content to map due to end-of-input");
    value(reader);
    space(reader);
    if (peek(reader) !== undefined) unexpected(reader, "expected the end of the payload");
  } catch (error) {
    if (error instanceof Complaint) return error.message;
    throw error;
  }
  return `Not a JSON document\n at ${placeOf(reader)}`;
}

function placeOf(reader: Reader, back = 0): string {
  return `${source}; line: ${reader.line}, column: ${reader.at - back - reader.start + 1}]`;
}

function complain(reader: Reader, words: string, back = 0): never {
  throw new Complaint(`${words}\n at ${placeOf(reader, back)}`);
}

function peek(reader: Reader): number | undefined {
  return reader.bytes[reader.at];
}

function space(reader: Reader): void {
  for (;;) {
    const byte = peek(reader);
    if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d) return;
    reader.at += 1;
    if (byte !== 0x0a) continue;
    reader.line += 1;
    reader.start = reader.at;
  }
}

/** The next character and its length in bytes; complains of bytes that are no UTF-8. */
function character(reader: Reader): { readonly code: number; readonly length: number } {
  const first = reader.bytes[reader.at] ?? 0;
  if (first < 0x80) return { code: first, length: 1 };
  const length = first >> 5 === 0b110 ? 2 : first >> 4 === 0b1110 ? 3 : first >> 3 === 0b11110 ? 4 : 0;
  if (length === 0) return invalid(reader, "start", first);
  let code = first & (0xff >> (length + 1));
  for (let i = 1; i < length; i++) {
    const next = reader.bytes[reader.at + i] ?? 0;
    if (next >> 6 !== 0b10) {
      reader.at += i;
      invalid(reader, "middle", next);
    }
    code = (code << 6) | (next & 0x3f);
  }
  return { code, length };
}

function invalid(reader: Reader, which: "start" | "middle", byte: number): never {
  reader.at += 1;
  return complain(reader, `Invalid UTF-8 ${which} byte 0x${byte.toString(16)}`);
}

function described(code: number): string {
  if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return `(CTRL-CHAR, code ${code})`;
  const hex = code > 255 ? ` / 0x${code.toString(16)}` : "";
  return `'${String.fromCodePoint(code)}' (code ${code}${hex})`;
}

function unexpected(reader: Reader, expected: string): never {
  // The reader looks at single bytes where a value or a mark may stand.
  const code = reader.bytes[reader.at] ?? 0;
  reader.at += 1;
  return complain(reader, `Unexpected character (${described(code)}): ${expected}`, 1);
}

function value(reader: Reader): void {
  const byte = peek(reader);
  if (byte === 0x7b) return members(reader, "Object");
  if (byte === 0x5b) return members(reader, "Array");
  if (byte === 0x22) {
    text(reader, ": was expecting closing quote for a string value");
  } else if (byte === 0x2d || (byte !== undefined && byte >= 0x30 && byte <= 0x39)) {
    number(reader);
  } else if (byte !== undefined && /[A-Za-z_$]/.test(String.fromCharCode(byte))) {
    token(reader);
  } else {
    unexpected(reader, `expected a valid value ${anyValue}`);
  }
}

function token(reader: Reader): void {
  const begun = reader.at;
  while (peek(reader) !== undefined) {
    const { code, length } = character(reader);
    if (!/[\p{ID_Continue}$]/u.test(String.fromCodePoint(code))) break;
    reader.at += length;
  }
  const word = reader.bytes.toString("utf8", begun, reader.at);
  if (["true", "false", "null"].includes(word)) return;
  complain(reader, `Unrecognized token '${word}': was expecting ${anyValue}`);
}

function number(reader: Reader): void {
  const rest = reader.bytes.toString("latin1", reader.at, reader.at + 400);
  const [taken = ""] = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/.exec(rest) ?? [];
  if (taken === "") {
    reader.at += 1;
    if (peek(reader) === undefined) complain(reader, "Unexpected end-of-input in numeric value");
    unexpected(reader, "expected digit (0-9) to follow minus sign, for valid numeric value");
  }
  reader.at += taken.length;
  const next = peek(reader);
  if (/^-?0$/.test(taken) && next !== undefined && next >= 0x30 && next <= 0x39) {
    complain(reader, "Invalid numeric value: Leading zeroes not allowed");
  }
}

function text(reader: Reader, unclosed: string): void {
  reader.at += 1;
  for (;;) {
    const byte = peek(reader);
    if (byte === undefined) return complain(reader, `Unexpected end-of-input${unclosed}`);
    if (byte < 0x20) {
      reader.at += 1;
      complain(
        reader,
        `Illegal unquoted character (${described(byte)}): has to be escaped using backslash to be included in string value`,
      );
    }
    if (byte === 0x5c) {
      escape(reader);
      continue;
    }
    reader.at += character(reader).length;
    if (byte === 0x22) return;
  }
}

function escape(reader: Reader): void {
  reader.at += 1;
  const byte = peek(reader);
  if (byte === undefined) complain(reader, "Unexpected end-of-input in character escape sequence");
  reader.at += 1;
  if (!'"\\/bfnrtu'.includes(String.fromCharCode(byte))) {
    complain(reader, `Unrecognized character escape ${described(byte)}`);
  }
  if (byte !== 0x75) return;
  for (let digits = 0; digits < 4; digits++) {
    const digit = peek(reader);
    if (digit === undefined) complain(reader, "Unexpected end-of-input in character escape sequence");
    if (!/[0-9a-fA-F]/.test(String.fromCharCode(digit))) {
      unexpected(reader, "expected a hex-digit for character escape sequence");
    }
    reader.at += 1;
  }
}

/** An object or an array, from its opening mark to its closing one. */
function members(reader: Reader, kind: "Object" | "Array"): void {
  const opened = placeOf(reader);
  const closing = kind === "Object" ? 0x7d : 0x5d;
  const more = (): number => {
    space(reader);
    const words = `Unexpected end-of-input: expected close marker for ${kind} (start marker at ${opened})`;
    return peek(reader) ?? complain(reader, words);
  };
  reader.depth += 1;
  if (reader.depth > mostLevels)
    complain(reader, `Document nesting depth (${reader.depth}) exceeds the maximum allowed (${mostLevels})`);
  reader.at += 1;
  for (let first = true; ; first = false) {
    let byte = more();
    if (first && byte === closing) break;
    if (!first) {
      if (byte === closing) break;
      if (byte !== 0x2c) unexpected(reader, `was expecting comma to separate ${kind} entries`);
      reader.at += 1;
      byte = more();
    }
    if (kind === "Object") {
      if (byte !== 0x22) unexpected(reader, "was expecting double-quote to start field name");
      text(reader, " in field name");
      if (more() !== 0x3a) unexpected(reader, "was expecting a colon to separate field name and value");
      reader.at += 1;
      more();
    }
    value(reader);
  }
  reader.depth -= 1;
  reader.at += 1;
}
