// How the Node.js runtime of Lambda tells of errors.

import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The runtime's own file, as it is named on AWS. */
export const runtimeFile = "/var/runtime/index.mjs";

// What tells of files tells of them where they are on AWS.
const root = process.env.LAMBDA_TASK_ROOT;
const own = ["./node-bootstrap.mjs", "./node-errors.mjs"].map((name) =>
  fileURLToPath(new URL(name, import.meta.url)),
);
const places = [
  ...own.flatMap((file) => [realpathSync(file), file]).map((file) => [file, runtimeFile]),
  ...[realpathSync(root), root].map((folder) => [folder, "/var/task"]),
];

export function asOnAws(text) {
  return places.reduce((told, [here, there]) => told.replaceAll(here, there), text);
}

export function failure(errorType, errorMessage) {
  const error = new Error(errorMessage);
  Object.defineProperty(error, "name", { value: errorType });
  // Once more, now that it has its name, and without the frame of this function.
  Error.captureStackTrace(error, failure);
  return error;
}

function stackOf(error) {
  return asOnAws(String(error.stack ?? "")).split("\n");
}

/** What is posted to the Runtime API. */
export function shapeOf(error) {
  if (
    error instanceof Error ||
    (error !== null && typeof error === "object" && typeof error.stack === "string")
  ) {
    return {
      errorType: String(error.name ?? "Error"),
      errorMessage: String(error.message ?? ""),
      trace: stackOf(error),
    };
  }
  return { errorType: typeof error, errorMessage: String(error), trace: [] };
}

/** For JSON.stringify: errors as they are logged. */
export function withErrors(_key, value) {
  if (!(value instanceof Error)) return value;
  const told = { errorType: value.name, errorMessage: value.message, code: value.code };
  return Object.assign(told, value, { stack: stackOf(value) });
}

// On AWS the runtime itself requires the file, so it is the last one of the stack.
export function missing(message) {
  const told = asOnAws(message);
  return told.includes("\nRequire stack:\n") ? `${told}\n- ${runtimeFile}` : told;
}
