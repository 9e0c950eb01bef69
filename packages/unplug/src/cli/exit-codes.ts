import { type ExitFacts, exitLine } from "../report/exit-codes.ts";

const none: ExitFacts = {
  usage: false,
  left: false,
  defect: false,
  signals: [],
  aborted: false,
  unanswered: false,
  unmet: false,
};

/** How commands end that are no run; from the one table that the runs use. */
export const exitCodes = {
  done: exitLine(none).code,
  usage: exitLine({ ...none, usage: true }).code,
  unmet: exitLine({ ...none, unmet: true }).code,
  refused: exitLine({ ...none, unanswered: true }).code,
  left: exitLine({ ...none, left: true }).code,
  defect: exitLine({ ...none, defect: true }).code,
} as const;

/** How a command ends that a signal ended. */
export function signalExitCode(signal: "SIGINT" | "SIGTERM" | "SIGHUP" | null): number {
  return exitLine({ ...none, signals: signal === null ? [] : [signal], aborted: true }).code;
}
