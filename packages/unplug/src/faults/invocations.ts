import type { Evidence, Window, Windows } from "../contract/evidence.ts";
import type { Io } from "../contract/io.ts";

/** A stretch in which a function starts very often is read this far and no further. */
const MAX_PAGES = 20;
/** A search of a large log may give many pages with nothing on them; only a defect gives so many. */
const MAX_EMPTY_PAGES = 1_000;
/** How far before the fault the function's ordinary rhythm is looked for. */
const BASELINE_MS = 300_000;
/** This much of it is read with the fault itself, so that what came last before is known however busy it was. */
const MARGIN_MS = 10_000;
/** Fewer invocations than this in the baseline say nothing about a pause. */
const LEAST_TRAFFIC = 3;
/** A pause is real when it is so much longer than the gap that nine of ten are shorter than. */
const STANDS_OUT = 3;
/** How long after a restore AWS may need before the first invocation is missed. */
const PATIENCE_MS = 10_000;

export interface InvocationQuestion {
  readonly functionName: string;
  /** Everything that invokes the function was unplugged, as far as is known. */
  readonly wholly: boolean;
  /** A backlog waits: an invocation must follow. */
  readonly backlog: boolean;
}

/** When the function was invoked, by its log, in milliseconds since 1970. */
export interface InvocationLog {
  /** In order. */
  readonly times: readonly number[];
  /** Too many entries to be read: what was not counted here says nothing. */
  readonly unread: readonly Window[];
}

/** Null when the log cannot be read. The fault's own time is read by itself: it is quiet where the time around it is not. */
export async function readInvocations(
  functionName: string,
  windows: Windows,
  io: Io,
): Promise<InvocationLog | null> {
  const [from, to] = boundsOf(windows);
  const stretches: readonly Window[] = [
    { from: from - BASELINE_MS, to: from - MARGIN_MS },
    { from: from - MARGIN_MS, to },
    { from: to, to: windows.after.to + 1 },
  ];
  try {
    const logs = await Promise.all(stretches.map((stretch) => readStretch(functionName, stretch, io)));
    return {
      times: logs.flatMap(({ times }) => times).sort((a, b) => a - b),
      unread: logs.flatMap(({ unread }) => unread),
    };
  } catch {
    return null;
  }
}

/** From the first confirmation to the last restore. */
function boundsOf({ baseline, faults }: Windows): readonly [from: number, to: number] {
  const from = faults[0]?.from ?? baseline.to;
  return [from, faults.at(-1)?.to ?? from];
}

/** Page by page, from its start up to, but without, its end. Source: FilterLogEvents sorts by time; both its ends count. */
async function readStretch(functionName: string, { from, to }: Window, io: Io): Promise<InvocationLog> {
  const times: number[] = [];
  let [full, empty] = [0, 0];
  let nextToken: string | undefined;
  do {
    const answer = await io.aws.call(
      "logs:FilterLogEvents",
      {
        logGroupName: `/aws/lambda/${functionName}`,
        startTime: from,
        endTime: to - 1,
        // Plain text and JSON logging.
        filterPattern: '?"START RequestId" ?"platform.start"',
        ...(nextToken === undefined ? {} : { nextToken }),
      },
      io.signal,
    );
    const found = (answer.events ?? []).flatMap(({ timestamp }) => timestamp ?? []);
    times.push(...found);
    if (found.length > 0) full += 1;
    else empty += 1;
    nextToken = answer.nextToken;
  } while (nextToken !== undefined && full < MAX_PAGES && empty < MAX_EMPTY_PAGES);
  if (nextToken === undefined) return { times, unread: [] };
  return { times, unread: [{ from: times.reduce((a, b) => Math.max(a, b), from), to }] };
}

/** What the times of the invocations say: they paused, or they did not, or there were none to pause. */
export function judgeInvocations(
  log: InvocationLog | null,
  windows: Windows,
  question: InvocationQuestion,
): Evidence {
  const evidence = { channel: "invocations", subject: question.functionName };
  if (log === null) {
    const text = `The log of ${question.functionName} could not be read (logs:FilterLogEvents), so invocations were not counted.`;
    return { ...evidence, verdict: "unreadable", text, numbers: {} };
  }
  const { times, unread } = log;
  const [from, to] = boundsOf(windows);
  const before = times.filter((at) => at < from);
  const after = times.filter((at) => at >= to);
  const pause = longestPause(times, from, to);
  const numbers = {
    before: before.length,
    during: times.filter((at) => at >= from && at < to).length,
    after: after.length,
    pauseMs: pause.ms,
  };
  if (unread.some((stretch) => stretch.from < to && stretch.to > from)) {
    const text = `The log of ${question.functionName} has too many entries to count while the fault was in (more than ${MAX_PAGES} pages), so no pause was looked for.`;
    return { ...evidence, verdict: "unreadable", text, numbers };
  }
  if (before.length < LEAST_TRAFFIC) {
    const text = `${question.functionName} was invoked ${before.length} time${before.length === 1 ? "" : "s"} in the ${BASELINE_MS / 60_000} minutes before: too little traffic to see a pause.`;
    return { ...evidence, verdict: "no-traffic", text, numbers };
  }
  const usual = usualGap(before, unread);
  if (pause.ms > usual * STANDS_OUT) {
    const text = `${question.functionName} was not invoked for ${seconds(pause.ms)} s, from ${startOf(pause.from - from)}; nine of ten gaps before were of ${seconds(usual)} s at most.${silence(after, windows, question)}`;
    return { ...evidence, verdict: "seen", text, numbers };
  }
  if (numbers.during === 0) {
    const text = `${question.functionName} was not invoked while the fault was in, but its gaps before were as long (${seconds(usual)} s): too little traffic to tell.`;
    return { ...evidence, verdict: "no-traffic", text, numbers };
  }
  if (!question.wholly) {
    const text = `${question.functionName} went on being invoked; it has other sources, so this says nothing about the unplugged ones.`;
    return { ...evidence, verdict: "unreadable", text, numbers };
  }
  const text = `${question.functionName} went on being invoked (longest gap ${seconds(pause.ms)} s; nine of ten before were of ${seconds(usual)} s at most): polling never paused. AWS may go on polling for up to 90 s after Disabled: hold longer.`;
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

/** The gap that nine of ten are not longer than: one long one may be an earlier fault. */
function usualGap(times: readonly number[], unread: readonly Window[]): number {
  const gaps = times.slice(1).map((at, i) => ({ from: times[i] ?? at, to: at }));
  const read = gaps.filter((gap) => !unread.some(({ from, to }) => from < gap.to && to > gap.from));
  const sorted = read.map(({ from, to }) => to - from).sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.9) - 1] ?? 0;
}

/** AWS stops polling while it is still Disabling, or goes on for a while after Disabled. */
function startOf(ms: number): string {
  return ms < 0 ? `${seconds(-ms)} s before it was confirmed` : `${seconds(ms)} s after it was confirmed`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}
