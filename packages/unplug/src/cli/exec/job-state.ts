import { readFileSync } from "node:fs";

/** Where a process stands among the jobs of its terminal. Source: proc_pid_stat(5). */
export interface JobState {
  /** `R`, `S`, `T` for stopped by a signal, `Z` for ended, … */
  readonly state: string;
  readonly isSessionLeader: boolean;
  readonly hasTerminal: boolean;
  /** Its group is the one that the terminal sends Ctrl-C to. */
  readonly inForeground: boolean;
}

/** Null when there is no such process, or no /proc. */
export function jobState(pid: number): JobState | null {
  try {
    return readJobState(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return null;
  }
}

/** Reads the text of `/proc/PID/stat`. */
export function readJobState(stat: string): JobState {
  // The program's name may have spaces and brackets in it.
  const [state = "", , group, session, terminal, foreground] = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ");
  const hasTerminal = terminal !== "0";
  return {
    state,
    isSessionLeader: stat.startsWith(`${session} `),
    hasTerminal,
    inForeground: hasTerminal && group === foreground,
  };
}
