import { constants } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

/** These leave a core file, which would stand in the way of the program's own. Source: signal(7). */
const WITH_CORE: readonly NodeJS.Signals[] = [
  "SIGQUIT",
  "SIGILL",
  "SIGTRAP",
  "SIGABRT",
  "SIGBUS",
  "SIGFPE",
  "SIGSEGV",
  "SIGXCPU",
  "SIGXFSZ",
  "SIGSYS",
];

/**
 * Ends this process as a signal ended the program that it stood for, so that a shell sees it: a script stops at Ctrl-C.
 *
 * Answers 128 and the signal's number where it lives on: with the signals that leave a core file, and as a container's first process.
 */
export async function endAs(signal: NodeJS.Signals): Promise<number> {
  if (!WITH_CORE.includes(signal)) {
    // What Node.js ignores or uses itself does what it does by default once a listener has come and gone.
    if (signal !== "SIGKILL") process.on(signal, ignore).off(signal, ignore);
    process.kill(process.pid, signal);
    await sleep(100);
  }
  return 128 + constants.signals[signal];
}

function ignore(): void {}
