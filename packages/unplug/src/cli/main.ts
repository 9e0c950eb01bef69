import { exitCodes } from "./exit-codes.ts";
import { helpAsked } from "./help-asked.ts";
import type { Shell, Stream } from "./shell.ts";

interface OutStream extends Stream {
  /** Calls `done` when what was written is out. */
  readonly end: (done: () => void) => void;
}

/**
 * Whoever reads our output may go away (`| head`, a closed terminal): the text is lost, the run is not.
 *
 * Where it is lost without anybody's will, on a device that is full or broken, `onLost` is told why, once. The stream is
 * opened when it is first asked for, which most starts never do with one of the two.
 */
function streamOf(open: () => NodeJS.WriteStream, onLost?: (code: string) => void): OutStream {
  let opened: NodeJS.WriteStream | null = null;
  let isWhole = true;
  const fails = (error: NodeJS.ErrnoException) => {
    if (isWhole && (error.code === "ENOSPC" || error.code === "EIO")) onLost?.(error.code);
    isWhole = false;
  };
  const stream = (): NodeJS.WriteStream => {
    opened ??= open().on("error", fails);
    return opened;
  };
  return {
    // The event comes after the callbacks, and so too late for the last words of a process.
    write: (chunk) =>
      isWhole &&
      stream().write(chunk, (error) => {
        if (error != null) fails(error);
      }),
    get isTTY() {
      return stream().isTTY === true;
    },
    get columns() {
      return stream().columns;
    },
    end: (done) => (opened === null ? done() : opened.write("", done)),
  };
}

const stderr = streamOf(() => process.stderr);
const stdout = streamOf(
  () => process.stdout,
  (code) =>
    void stderr.write(`Standard output could not be written (${code}): what was printed is not whole.\n`),
);
const shell: Shell = {
  env: process.env,
  stdout,
  stderr,
  readInput: async () => (await import("./bounded-text.ts")).boundedText(process.stdin.setEncoding("utf8")),
};

async function endWith(error: unknown): Promise<void> {
  try {
    const { exitCodeOf } = await import("./errors.ts");
    process.exit(exitCodeOf(error, shell));
  } catch {
    // Not even that file can be read any more.
    stderr.write(`This is a defect in Unplug: ${String(error)}\n`);
    process.exit(exitCodes.defect);
  }
}

// A run that goes on listens too, restores first, and answers for the error itself.
process.on("uncaughtException", (error) => {
  if (process.listenerCount("uncaughtException") === 1) void endWith(error);
});

const args = process.argv.slice(2);
const asked = helpAsked(args);
if (asked === null || !(await import("./ready-help.ts")).printReadyHelp(asked)) {
  const { runCommandLine } = await import("./command-line.ts");
  process.exitCode = await runCommandLine(args, shell);
  // How it ends is decided: a late Ctrl-C may hurry the end, not change it.
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(name, () => process.exit());
  // Connections that are kept alive would hold the process; what was written is out before it ends.
  stdout.end(() => stderr.end(() => process.exit()));
}
