import { ApiError } from "../api-error.ts";

function without(word: string): string {
  const bare = word.replace(/^[?-]/, "");
  return bare.startsWith('"') && bare.endsWith('"') && bare.length > 1 ? bare.slice(1, -1) : bare;
}

/**
 * Reads a filter pattern of CloudWatch Logs for plain text: all terms must be there, `"a phrase"` as it stands,
 * `?a ?b` any of them, `-a` not. Throws InvalidParameterException for patterns on JSON or columns.
 */
export function filterPattern(pattern: string): (message: string) => boolean {
  const trimmed = pattern.trim();
  if (/^[{[]/.test(trimmed)) {
    throw new ApiError(
      400,
      "InvalidParameterException",
      `Invalid filter pattern ${trimmed}: patterns on JSON and on columns are not supported here, only terms and phrases.`,
    );
  }
  const words = trimmed.match(/[?-]?"[^"]*"|\S+/g) ?? [];
  const any = words.filter((word) => word.startsWith("?")).map(without);
  const none = words.filter((word) => word.startsWith("-") && word.length > 1).map(without);
  const every = words
    .filter((word) => !word.startsWith("?") && !(word.startsWith("-") && word.length > 1))
    .map(without);
  return (message) =>
    every.every((word) => message.includes(word)) &&
    !none.some((word) => message.includes(word)) &&
    (any.length === 0 || any.some((word) => message.includes(word)));
}
