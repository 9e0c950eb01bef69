import { text } from "node:stream/consumers";
import { runCommandLine } from "./command-line.ts";
import { exitCodeOf } from "./errors.ts";
import type { Shell, Stream } from "./shell.ts";

/**
 * Whoever reads our output may go away (`| head`, a closed terminal): the text is lost, the run is not.
 *
 * Where it is lost without anybody's will, on a device that is full or broken, `onLost` is told why, once.
 */
function streamOf(stream: NodeJS.WriteStream, onLost?: (code: string) => void): Stream {
  let open = true;
  const fails = (error: NodeJS.ErrnoException) => {
    if (open && (error.code === "ENOSPC" || error.code === "EIO")) onLost?.(error.code);
    open = false;
  };
  stream.on("error", fails);
  return {
    // The event comes after the callbacks, and so too late for the last words of a process.
    write: (chunk) =>
      open &&
      stream.write(chunk, (error) => {
        if (error != null) fails(error);
      }),
    get isTTY() {
      return stream.isTTY === true;
    },
    get columns() {
      return stream.columns;
    },
  };
}

const stderr = streamOf(process.stderr);
const shell: Shell = {
  env: process.env,
  stdout: streamOf(
    process.stdout,
    (code) =>
      void stderr.write(`Standard output could not be written (${code}): what was printed is not whole.\n`),
  ),
  stderr,
  readInput: () => text(process.stdin),
};

// A run that goes on listens too, restores first, and answers for the error itself.
process.on("uncaughtException", (error) => {
  if (process.listenerCount("uncaughtException") > 1) return;
  process.exit(exitCodeOf(error, shell));
});

process.exitCode = await runCommandLine(process.argv.slice(2), shell);
// How it ends is decided: a late Ctrl-C may hurry the end, not change it.
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(name, () => process.exit());
// Connections that are kept alive would hold the process; what was written is out before it ends.
process.stdout.write("", () => process.stderr.write("", () => process.exit()));
