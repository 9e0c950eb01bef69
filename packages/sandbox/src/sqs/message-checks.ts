import type { ApiError } from "../api-error.ts";
import { blob, type Input, isRecord, text } from "../input.ts";
import { badParameter, badValue, sqsError } from "./sqs-errors.ts";

/** What XML cannot carry. Source: SQS API reference, SendMessage. */
function hasForbiddenCharacters(value: string): boolean {
  for (const character of value) {
    const code = character.codePointAt(0) ?? 0;
    const allowed =
      code === 0x9 ||
      code === 0xa ||
      code === 0xd ||
      (code >= 0x20 && code <= 0xd7ff) ||
      (code >= 0xe000 && code <= 0xfffd) ||
      code >= 0x10000;
    if (!allowed) return true;
  }
  return false;
}

/** Throws InvalidMessageContents. */
export function checkBody(body: string): void {
  if (!hasForbiddenCharacters(body)) return;
  throw sqsError(
    "InvalidMessageContents",
    "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF",
  );
}

const forbiddenPrefix = /^(?:aws\.|amazon\.|\.)/i;

function badName(name: string): ApiError | null {
  if (name.length === 0 || name.length > 256) {
    return badParameter(`The length of message (user) attribute name '${name}' must be 1 to 256.`);
  }
  if (forbiddenPrefix.test(name) || name.endsWith(".") || !/^[\p{L}\p{N}_.-]+$/u.test(name)) {
    return badParameter(`Invalid message (user) attribute name '${name}'.`);
  }
  return null;
}

function badType(name: string, type: string): ApiError | null {
  if (type.length > 256) {
    return badParameter(`Invalid length of the type of message (user) attribute '${name}': at most 256.`);
  }
  if (/^(?:String|Number|Binary)(?:\..+)?$/.test(type)) return null;
  return badParameter(
    `The type of message (user) attribute '${name}' is invalid. You must use only the following supported type prefixes: Binary, Number, String.`,
  );
}

function badContent(name: string, attribute: Input): ApiError | null {
  const type = text(attribute, "DataType") ?? "";
  const [prefix = ""] = type.split(".");
  const isBinary = prefix === "Binary";
  const value = text(attribute, "StringValue");
  const isEmpty = isBinary ? (blob(attribute, "BinaryValue")?.length ?? 0) === 0 : (value ?? "") === "";
  if (isEmpty) {
    return badParameter(
      `Message (user) attribute '${name}' must contain a non-empty value of type '${isBinary ? "Binary" : "String"}'.`,
    );
  }
  if (value !== undefined && hasForbiddenCharacters(value)) {
    return badParameter(`Invalid characters in the value of message (user) attribute '${name}'.`);
  }
  return null;
}

/** Throws InvalidParameterValue for the first attribute with a bad name, type or value. */
export function checkMessageAttributes(attributes: Input): void {
  for (const [name, given] of Object.entries(attributes)) {
    const attribute = isRecord(given) ? given : {};
    const type = text(attribute, "DataType") ?? "";
    const bad = badName(name) ?? badType(name, type) ?? badContent(name, attribute);
    if (bad !== null) throw bad;
  }
}

/** Bytes that count against the limit: the body, and names, types and values of the attributes. */
export function messageSize(body: string, attributes: Input): number {
  let size = Buffer.byteLength(body);
  for (const [name, given] of Object.entries(attributes)) {
    const attribute = isRecord(given) ? given : {};
    size += Buffer.byteLength(name) + Buffer.byteLength(text(attribute, "DataType") ?? "");
    size += Buffer.byteLength(text(attribute, "StringValue") ?? "");
    size += blob(attribute, "BinaryValue")?.length ?? 0;
  }
  return size;
}

/** A MessageGroupId or MessageDeduplicationId; throws InvalidParameterValue for one that is malformed. */
export function messageToken(input: Input, name: string): string | undefined {
  const value = text(input, name);
  if (value === undefined || /^[!-~]{1,128}$/.test(value)) return value;
  throw badValue(
    value,
    name,
    `${name} can only include alphanumeric and punctuation characters. 1 to 128 in length.`,
  );
}
