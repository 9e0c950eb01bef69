import type { Failure } from "../contract/events.ts";

/** A failure for people; a code that only says "error" or "refused" adds nothing to the message. */
export function failureText({ code, message }: Failure): string {
  return code === "Refusal" || code === "Error" ? message : `${code}: ${message}`;
}

/** A run was refused when what ended it is a refusal: the journal keeps the error's name as its code. */
export function isRefusal({ code }: Failure): boolean {
  return code === "Refusal";
}
