import { ApiError } from "./api-error.ts";

/** The input of an operation: the API's own JSON shape. */
export type Input = Readonly<Record<string, unknown>>;

function wrongType(member: string, expected: string): ApiError {
  return new ApiError(
    400,
    "SerializationException",
    `The member ${member} cannot be read: expected ${expected}. Send the type that the API's model names.`,
    { type: null },
  );
}

/** Whether a value is a JSON object (no array, no Buffer). */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value);
}

/** A string, or undefined when absent or null. */
export function text(input: Input, member: string): string | undefined {
  const value = input[member];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw wrongType(member, "a string");
  return value;
}

/** A string that must be there. */
export function needText(input: Input, member: string): string {
  const value = text(input, member);
  if (value === undefined || value === "") {
    const wire = member.charAt(0).toLowerCase() + member.slice(1);
    throw new ApiError(
      400,
      "ValidationException",
      `1 validation error detected: Value null at '${wire}' failed to satisfy constraint: Member must not be null`,
      { type: null },
    );
  }
  return value;
}

/** A number (also one written as a string, as in paths and forms), or undefined. */
export function numeric(input: Input, member: string): number | undefined {
  const value = input[member];
  if (value === undefined || value === null || value === "") return undefined;
  const read = typeof value === "string" ? Number(value) : value;
  if (typeof read !== "number" || !Number.isFinite(read)) throw wrongType(member, "a number");
  return read;
}

/** A truth value (also "true"/"false"), or undefined. */
export function flag(input: Input, member: string): boolean | undefined {
  const value = input[member];
  if (value === undefined || value === null) return undefined;
  if (value === true || value === "true") return true;
  if (value === false || value === "false") return false;
  throw wrongType(member, "true or false");
}

/** A list, or undefined. */
function list(input: Input, member: string): readonly unknown[] | undefined {
  const value = input[member];
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) throw wrongType(member, "a list");
  return value;
}

/** A list of strings, or undefined. */
export function texts(input: Input, member: string): readonly string[] | undefined {
  return list(input, member)?.map((item) => {
    if (typeof item !== "string") throw wrongType(member, "a list of strings");
    return item;
  });
}

/** A list of objects, or undefined. */
export function records(input: Input, member: string): readonly Input[] | undefined {
  return list(input, member)?.map((item) => {
    if (!isRecord(item)) throw wrongType(member, "a list of objects");
    return item;
  });
}

/** An object, or undefined. */
export function record(input: Input, member: string): Input | undefined {
  const value = input[member];
  if (value === undefined || value === null) return undefined;
  if (!isRecord(value)) throw wrongType(member, "an object");
  return value;
}

/** An object whose values are strings, or undefined. */
export function textMap(input: Input, member: string): Readonly<Record<string, string>> | undefined {
  const value = record(input, member);
  if (value === undefined) return undefined;
  const read = Object.entries(value).map(([key, item]): [string, string] => {
    if (typeof item !== "string") throw wrongType(`${member}.${key}`, "a string");
    return [key, item];
  });
  return Object.fromEntries(read);
}

/** Bytes: a Buffer in process, base64 on the wire; undefined when absent. */
export function blob(input: Input, member: string): Buffer | undefined {
  const value = input[member];
  if (value === undefined || value === null) return undefined;
  if (Buffer.isBuffer(value)) return value;
  if (value instanceof Uint8Array) return Buffer.from(value);
  if (typeof value === "string") return Buffer.from(value, "base64");
  throw wrongType(member, "bytes");
}

/** A point in time in ms: epoch seconds on the wire of JSON, ISO text in forms; undefined when absent. */
export function instant(input: Input, member: string): number | undefined {
  const value = input[member];
  if (value === undefined || value === null) return undefined;
  const read =
    typeof value === "number"
      ? value * 1000
      : value instanceof Date
        ? value.getTime()
        : typeof value === "string"
          ? Date.parse(value)
          : Number.NaN;
  // Beyond it there is no date, and a step of seconds leads nowhere.
  if (!(Math.abs(read) <= 8.64e15)) throw wrongType(member, "a point in time");
  return read;
}
