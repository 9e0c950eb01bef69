/** Why a zip is left as it is. */
export type ZipProblemCode =
  | "not-a-zip"
  | "truncated"
  | "data-after-end"
  | "ambiguous-end"
  | "zip64"
  | "spanned"
  | "misplaced-directory"
  | "broken-directory"
  | "count-mismatch"
  | "encrypted"
  | "broken-entry"
  /** What is to be added, removed or moved cannot be: a mistake of the caller, or a file that is not as expected. */
  | "bad-name"
  | "name-taken"
  | "not-a-file"
  | "already-holds"
  | "too-many-entries"
  | "too-long"
  /** The zip has been changed since our files were added: the original is not to be had from it byte by byte. */
  | "changed";

/** `text` is a sentence: what is wrong, where, and what was expected. It names no path of the file system. */
export interface ZipProblem {
  readonly code: ZipProblemCode;
  readonly text: string;
}

export function zipProblem(code: ZipProblemCode, text: string): { readonly problem: ZipProblem } {
  return { problem: { code, text } };
}
