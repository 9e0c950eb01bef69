import { readLine } from "../carriers/interceptor.ts";
import { isMissing } from "../contract/aws.ts";
import type { Evidence, Sample, Window, Windows } from "../contract/evidence.ts";
import type { Target } from "../contract/fault.ts";
import type { Io } from "../contract/io.ts";

/** More says nothing that the first pages do not say. */
const MAX_PAGES = 20;

/** What the function's log says of one run while its fault was in. */
export interface BlockLog {
  readonly invocations: number;
  /** Processes that found themselves told. */
  readonly armed: number;
  /** Blocked connects, those that were too many to write included, by target. */
  readonly blocked: Readonly<Record<string, number>>;
  /** Why processes let everything through, and warnings; each once. */
  readonly complaints: readonly string[];
  /** Milliseconds since 1970; null when nothing was blocked. */
  readonly lastBlockedAt: number | null;
  /** The log is longer than is read: the counts are the least. */
  readonly cut: boolean;
}

/** Of which time the log is read. What was blocked on the way out was blocked; an invocation then may have met nothing. */
export interface LogWindow extends Window {
  /** Invocations after it are not counted. */
  readonly heldTo: number;
}

export async function readBlockLog(logGroupName: string, window: LogWindow, io: Io): Promise<BlockLog> {
  try {
    return await readPages(logGroupName, window, io);
  } catch (error) {
    // AWS makes the group with the first line: it has never been invoked.
    if (!isMissing(error)) throw error;
    return { invocations: 0, armed: 0, blocked: {}, complaints: [], lastBlockedAt: null, cut: false };
  }
}

async function readPages(logGroupName: string, window: LogWindow, io: Io): Promise<BlockLog> {
  let [invocations, armed, lastBlockedAt] = [0, 0, null as number | null];
  // A process counts its own blocked connects; some are not written.
  const processes = new Map<string, { readonly target: string; readonly n: number }[]>();
  const complaints = new Set<string>();
  let nextToken: string | undefined;
  let page = 0;
  do {
    const answer = await io.aws.call(
      "logs:FilterLogEvents",
      {
        logGroupName,
        startTime: window.from,
        endTime: window.to,
        filterPattern: '?"unplug: " ?"START RequestId" ?"platform.start"',
        ...(nextToken === undefined ? {} : { nextToken }),
      },
      io.signal,
    );
    for (const { message = "", timestamp = 0, logStreamName = "" } of answer.events ?? []) {
      const line = readLine(message);
      if (line === null) invocations += message.includes("unplug: ") || timestamp > window.heldTo ? 0 : 1;
      else if (line.kind === "armed") armed += 1;
      else if (line.kind === "blocked") {
        const key = `${logStreamName} ${line.pid}`;
        const written = processes.get(key) ?? [];
        processes.set(key, written);
        written.push(line);
        lastBlockedAt = Math.max(lastBlockedAt ?? 0, timestamp);
      } else complaints.add(`${line.kind}: ${line.reason}`);
    }
    nextToken = answer.nextToken;
    page += 1;
  } while (nextToken !== undefined && page < MAX_PAGES);
  const blocked = byTarget([...processes.values()]);
  return {
    invocations,
    armed,
    blocked,
    complaints: [...complaints],
    lastBlockedAt,
    cut: nextToken !== undefined,
  };
}

/** A gap in a process's numbers is counted for the target that was written after it. */
function byTarget(processes: readonly (readonly { target: string; n: number }[])[]): Record<string, number> {
  const found = new Map<string, number>();
  for (const lines of processes) {
    let last = (lines[0]?.n ?? 1) - 1;
    for (const { target, n } of lines) {
      found.set(target, (found.get(target) ?? 0) + Math.max(1, n - last));
      last = Math.max(last, n);
    }
  }
  return Object.fromEntries(found);
}

/** From the first confirmation until the last restore was proved. */
export function faultWindow({ baseline, faults, after }: Windows): LogWindow {
  const from = faults[0]?.from ?? baseline.to;
  const heldTo = faults.at(-1)?.to ?? from;
  return { from, to: Math.max(heldTo, after.from), heldTo };
}

/** What the log says of the effect; null when it could not be read. */
export function judgeBlocking(functionName: string, log: BlockLog | null): Evidence {
  const evidence = { channel: "blocked connects", subject: functionName };
  if (log === null) {
    const text = `The log of ${functionName} could not be read (logs:FilterLogEvents), so blocked connects were not counted.`;
    return { ...evidence, verdict: "unreadable", text, numbers: {} };
  }
  const total = Object.values(log.blocked).reduce((sum, n) => sum + n, 0);
  const { invocations, armed, complaints, cut } = log;
  const numbers = { invocations, armed, blocked: total, byTarget: { ...log.blocked } };
  const also = complaints.length === 0 ? "" : ` The interceptor said: ${complaints.join("; ")}.`;
  if (total > 0) {
    const targets = Object.entries(log.blocked).map(([target, n]) => `${target} ${n}`);
    const text = `${cut ? "At least " : ""}${total} connect${total === 1 ? " was" : "s were"} blocked in ${armed} process${armed === 1 ? "" : "es"} of ${functionName} (${targets.join(", ")}).${also}`;
    return { ...evidence, verdict: "seen", text, numbers };
  }
  if (invocations === 0 && armed === 0) {
    const text = `${functionName} was not invoked while the fault was in, so nothing could be blocked: invoke it, or hold longer.`;
    return { ...evidence, verdict: "no-traffic", text, numbers };
  }
  const text =
    armed === 0
      ? `${functionName} was invoked ${invocations} times, and in none did the interceptor start: only callers of what is faulted reach it, and environments that AWS had before may still serve.${also}`
      : `The interceptor started in ${armed} processes of ${functionName} and met no connect to a target: look for another spelling of the name, or for traffic that is not TCP.${also}`;
  return { ...evidence, verdict: "absent", text, numbers };
}

const BLOCKED = "connects blocked in 3 s";
const INVOKED = "invocations in 3 s";

/** What the log of the first target says of the last `ms`. */
export async function sampleBlocking(
  targets: readonly Target[],
  ms: number,
  io: Io,
): Promise<readonly Sample[]> {
  const about = targets[0]?.about ?? {};
  const [group, subject] = [about["logGroup"], about["functionName"]];
  if (typeof group !== "string" || typeof subject !== "string") return [];
  const now = io.clock.now();
  const log = await readBlockLog(group, { from: now - ms, to: now, heldTo: now }, io);
  const blocked = Object.values(log.blocked).reduce((sum, n) => sum + n, 0);
  return [
    { channel: BLOCKED, subject, value: blocked },
    { channel: INVOKED, subject, value: log.invocations },
  ];
}

/** A function that had no traffic before is not waited for. */
export function isServingAgain(baseline: readonly Sample[], latest: readonly Sample[]): boolean {
  const of = (samples: readonly Sample[], name: string) =>
    samples.find(({ channel }) => channel === name)?.value ?? 0;
  return of(baseline, INVOKED) === 0 || (of(latest, INVOKED) > 0 && of(latest, BLOCKED) === 0);
}
