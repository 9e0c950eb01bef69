import { text } from "node:stream/consumers";
import { runCommandLine } from "./command-line.ts";
import { exitCodeOf } from "./errors.ts";
import type { Shell, Stream } from "./shell.ts";

/** Whoever reads our output may go away (`| head`, a closed terminal): the text is lost, the run is not. */
function streamOf(stream: NodeJS.WriteStream): Stream {
  let open = true;
  stream.on("error", () => {
    open = false;
  });
  return {
    write: (chunk) => open && stream.write(chunk),
    get isTTY() {
      return stream.isTTY === true;
    },
    get columns() {
      return stream.columns;
    },
  };
}

const shell: Shell = {
  env: process.env,
  stdout: streamOf(process.stdout),
  stderr: streamOf(process.stderr),
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
