import { setTimeout as sleep } from "node:timers/promises";
import { type JobState, jobState } from "./job-state.ts";

/**
 * What would end us, or what a terminal and a shell send.
 *
 * Not those of a fault (SIGSEGV, SIGBUS, SIGFPE, SIGILL): a listener would make it happen again and again. Not SIGPIPE and SIGXFSZ,
 * which end no Node.js and would be of our own writing, and not SIGPROF, by which V8's profiler works (NODE_OPTIONS=--cpu-prof).
 */
const RELAYED = [
  "SIGINT",
  "SIGTERM",
  "SIGHUP",
  "SIGQUIT",
  "SIGUSR1",
  "SIGUSR2",
  "SIGALRM",
  "SIGVTALRM",
  "SIGABRT",
  "SIGTRAP",
  "SIGSYS",
  "SIGXCPU",
  "SIGIO",
  "SIGPWR",
  "SIGSTKFLT",
  "SIGWINCH",
  "SIGTSTP",
  "SIGCONT",
] as const;

type RelayedSignal = (typeof RELAYED)[number];

/** A program that is to get the signals which come in here. */
export interface Receiver {
  readonly pid: number;
  send(signal: RelayedSignal): void;
}

/** What of `process` is needed here. */
interface Self {
  readonly pid: number;
  on(signal: RelayedSignal, handler: () => void): unknown;
  off(signal: RelayedSignal, handler: () => void): unknown;
  kill(pid: number, signal: "SIGSTOP"): unknown;
}

/**
 * Passes signals on to the program for which we stand, until it is closed.
 *
 * `receiver` is null as long as there is no program: what comes in then, comes to nothing.
 * A signal that a terminal sends to all of the job at once is not passed on: the program has it already.
 */
export function relaySignals(receiver: () => Receiver | null, self: Self = process): { close(): void } {
  const first = jobState(self.pid);
  const handlers = RELAYED.map((signal) => {
    const handler = () => {
      const to = receiver();
      if (to === null) return;
      if (!hasItAlready(signal, first, jobState(self.pid))) to.send(signal);
      if (signal === "SIGTSTP") void stopWith(to.pid, self);
    };
    self.on(signal, handler);
    return { signal, handler };
  });
  return {
    close() {
      for (const { signal, handler } of handlers) self.off(signal, handler);
    },
  };
}

/**
 * Whether a terminal, or the shell, has sent the signal to the program too.
 *
 * In the foreground, Ctrl-C and `fg` mean the whole job, and Node.js does not tell who sent a signal: `kill -INT` to us alone is
 * taken for it there. A hangup comes from the shell or the kernel to the whole job, but for the process whose session it is.
 */
export function hasItAlready(signal: RelayedSignal, first: JobState | null, now: JobState | null): boolean {
  if (first === null || now === null) return false;
  if (signal === "SIGHUP") return first.hasTerminal && !now.hasTerminal && !now.isSessionLeader;
  return FOR_THE_JOB.includes(signal) && now.inForeground;
}

const FOR_THE_JOB: readonly RelayedSignal[] = ["SIGINT", "SIGQUIT", "SIGWINCH", "SIGTSTP", "SIGCONT"];

/** Ctrl-Z: the shell takes the terminal back when we stop, which is too early before the program has let go of it. */
async function stopWith(pid: number, self: Self): Promise<void> {
  for (let looks = 0; looks < 100; looks++) {
    const state = jobState(pid)?.state ?? "Z";
    if (state === "T") self.kill(self.pid, "SIGSTOP");
    if (state === "T" || state === "Z") return;
    await sleep(10);
  }
}
