import type { Evidence, Windows } from "../contract/evidence.ts";
import type { Io } from "../contract/io.ts";

/** A function whose log starts many invocations a second is read this far and no further. */
const MAX_PAGES = 20;
/** How far before the fault the function's ordinary rhythm is looked for. */
const BASELINE_MS = 300_000;
/** Fewer invocations than this in the baseline say nothing about a pause. */
const LEAST_TRAFFIC = 3;
/** A pause is real when it is so much longer than the longest ordinary one. */
const STANDS_OUT = 2;
/** How long after a restore AWS may need before the first invocation is missed. */
const PATIENCE_MS = 10_000;

export interface InvocationQuestion {
  readonly functionName: string;
  /** Everything that invokes the function was unplugged, as far as is known. */
  readonly wholly: boolean;
  /** A backlog waits: an invocation must follow. */
  readonly backlog: boolean;
}

/** When the function was invoked, by its log, in milliseconds since 1970; null when the log cannot be read. */
export async function invocationTimes(
  functionName: string,
  windows: Windows,
  io: Io,
): Promise<readonly number[] | null> {
  const times: number[] = [];
  const startTime = (windows.faults[0]?.from ?? windows.baseline.from) - BASELINE_MS;
  let nextToken: string | undefined;
  try {
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const answer = await io.aws.call(
        "logs:FilterLogEvents",
        {
          logGroupName: `/aws/lambda/${functionName}`,
          startTime,
          endTime: windows.after.to,
          // Plain text and JSON logging.
          filterPattern: '?"START RequestId" ?"platform.start"',
          ...(nextToken === undefined ? {} : { nextToken }),
        },
        io.signal,
      );
      times.push(
        ...(answer.events ?? []).flatMap(({ timestamp }) => (timestamp === undefined ? [] : [timestamp])),
      );
      nextToken = answer.nextToken;
      if (nextToken === undefined) break;
    }
  } catch {
    return null;
  }
  return times.sort((a, b) => a - b);
}

/** What the times of the invocations say: they paused, or they did not, or there were none to pause. */
export function judgeInvocations(
  times: readonly number[] | null,
  windows: Windows,
  question: InvocationQuestion,
): Evidence {
  const evidence = { channel: "invocations", subject: question.functionName };
  if (times === null) {
    const text = `The log of ${question.functionName} could not be read (logs:FilterLogEvents), so invocations were not counted.`;
    return { ...evidence, verdict: "unreadable", text, numbers: {} };
  }
  const [from, to] = [windows.faults[0]?.from ?? 0, windows.faults.at(-1)?.to ?? 0];
  const before = times.filter((at) => at < from);
  const after = times.filter((at) => at >= to);
  const pause = longestPause(times, from, to);
  const numbers = {
    before: before.length,
    during: times.filter((at) => at >= from && at < to).length,
    after: after.length,
    pauseMs: pause.ms,
  };
  if (before.length < LEAST_TRAFFIC) {
    const text = `${question.functionName} was invoked ${before.length} times in the ${BASELINE_MS / 60_000} minutes before: too little traffic to see a pause.`;
    return { ...evidence, verdict: "no-traffic", text, numbers };
  }
  const usual = longestGap(before);
  if (pause.ms > usual * STANDS_OUT) {
    const text = `${question.functionName} was not invoked for ${seconds(pause.ms)} s, from ${startOf(pause.from - from)}; the longest gap before was ${seconds(usual)} s.${silence(after, windows, question)}`;
    return { ...evidence, verdict: "seen", text, numbers };
  }
  if (!question.wholly) {
    const text = `${question.functionName} went on being invoked; it has other sources, so this says nothing about the unplugged ones.`;
    return { ...evidence, verdict: "unreadable", text, numbers };
  }
  const text = `${question.functionName} went on being invoked (longest gap ${seconds(pause.ms)} s, ${seconds(usual)} s before): polling never paused. AWS may go on polling for up to 90 s after Disabled: hold longer.`;
  return { ...evidence, verdict: "absent", text, numbers };
}

/** "Enabled but no invocations", with its cause and its remedy; empty when there is nothing to say. */
function silence(
  after: readonly number[],
  windows: Windows,
  { functionName, backlog }: InvocationQuestion,
): string {
  if (after.length > 0 || windows.after.to - windows.after.from < PATIENCE_MS) return "";
  const waited = seconds(windows.after.to - windows.after.from);
  return backlog
    ? ` Its mapping is Enabled again, but there was no invocation in the ${waited} s since, although a backlog waits. AWS may still be starting its pollers: look at the mapping's State again in a minute, then at the function's concurrency and permissions.`
    : ` Its mapping is Enabled again and ${functionName} was not invoked in the ${waited} s since: check that the source delivers (queue not empty, stream has records, topic has unconsumed offsets).`;
}

/** The longest stretch without invocation that reaches into the fault. */
function longestPause(times: readonly number[], from: number, to: number): { from: number; ms: number } {
  const inside = times.filter((at) => at > from && at < to);
  const edges = [
    times.filter((at) => at <= from).at(-1) ?? from,
    ...inside,
    times.find((at) => at >= to) ?? to,
  ];
  let found = { from, ms: 0 };
  for (const [i, at] of edges.entries()) {
    const next = edges[i + 1];
    if (next !== undefined && next - at > found.ms) found = { from: at, ms: next - at };
  }
  return found;
}

function longestGap(times: readonly number[]): number {
  return Math.max(0, ...times.slice(1).map((at, i) => at - (times[i] ?? at)));
}

/** AWS stops polling while it is still Disabling, or goes on for a while after Disabled. */
function startOf(ms: number): string {
  return ms < 0 ? `${seconds(-ms)} s before it was confirmed` : `${seconds(ms)} s after it was confirmed`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}
