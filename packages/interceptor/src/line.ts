import { isIP } from "node:net";
import { type Behavior, behaviors } from "./configuration.ts";

/** What the interceptor says on standard error. */
export type InterceptorLine =
  | {
      readonly kind: "armed";
      readonly pid: number;
      readonly run: string | null;
      readonly behavior: Behavior;
      /** How many; 0 when everything is blocked. */
      readonly targets: number;
      readonly untilSeconds: number | null;
    }
  | {
      readonly kind: "blocked";
      readonly pid: number;
      /** Counts the blocked connects of this process from 1; a gap says how many were not written. */
      readonly n: number;
      readonly behavior: Behavior;
      readonly address: string;
      readonly port: number;
      /** The entry that matched; `*` when everything is blocked. */
      readonly target: string;
    }
  | { readonly kind: "inert" | "warning"; readonly pid: number; readonly reason: string };

const start = "unplug: ";
const behavior = `behavior=(${behaviors.join("|")})`;
const armed = new RegExp(
  `^armed pid=(\\d+)(?: run=([A-Za-z0-9._-]{1,64}))? ${behavior} targets=(\\d+)(?: until=(\\d+))?$`,
);
const blocked = new RegExp(
  `^blocked pid=(\\d+) n=(\\d+) ${behavior} to=(?:\\[([0-9a-f:.]+)\\]|([0-9.]+)):(\\d{1,5}) target=(\\S+)$`,
);
const reasoned = /^(inert|warning) pid=(\d+) reason=(.+)$/;

/** Reads a line of the interceptor, also behind what a log or an unfinished line put before it; null when it is none. */
export function readLine(line: string): InterceptorLine | null {
  const text = line.trimEnd();
  for (let at = text.indexOf(start); at >= 0; at = text.indexOf(start, at + 1)) {
    const said = text.slice(at + start.length);
    const found = readArmed(said) ?? readBlocked(said) ?? readReasoned(said);
    if (found !== null) return found;
  }
  return null;
}

function readArmed(said: string): InterceptorLine | null {
  const [, pid, run, how, targets, until] = armed.exec(said) ?? [];
  const untilSeconds = until === undefined ? null : Number(until);
  const line = { pid: Number(pid), targets: Number(targets) };
  const as = behaviors.find((known) => known === how);
  if (as === undefined || !areCounts(line.pid, line.targets, untilSeconds ?? 0)) return null;
  return { kind: "armed", ...line, run: run ?? null, behavior: as, untilSeconds };
}

function readBlocked(said: string): InterceptorLine | null {
  const [, pid, n, how, v6, v4, port, target] = blocked.exec(said) ?? [];
  const line = { pid: Number(pid), n: Number(n), port: Number(port) };
  const as = behaviors.find((known) => known === how);
  const address = v6 ?? v4 ?? "";
  if (as === undefined || target === undefined || isIP(address) !== (v6 === undefined ? 4 : 6)) return null;
  if (!areCounts(line.pid, line.n) || line.port > 65_535) return null;
  return { kind: "blocked", ...line, behavior: as, address, target };
}

function readReasoned(said: string): InterceptorLine | null {
  const [, kind, digits, reason] = reasoned.exec(said) ?? [];
  const pid = Number(digits);
  if (reason === undefined || !areCounts(pid)) return null;
  return { kind: kind === "inert" ? "inert" : "warning", pid, reason };
}

function areCounts(...counts: number[]): boolean {
  return counts.every((count) => Number.isSafeInteger(count));
}
