import { readLine } from "../carriers/interceptor.ts";
import { isMissing } from "../contract/aws.ts";
import type { Window, Windows } from "../contract/evidence.ts";
import type { Io } from "../contract/io.ts";

/** A stretch that is busier than this is read no further. */
const MAX_PAGES = 20;
/** How far before the fault ordinary invocations are looked for. */
const BASELINE_MS = 60_000;

/** What a function's log says of one invocation. Milliseconds. */
export interface InvocationReport {
  readonly requestId: string;
  /** Since 1970, as all instants here: when its report was written. */
  readonly endedAt: number;
  /** Null where its start was not read. */
  readonly startedAt: number | null;
  readonly durationMs: number;
  readonly billedMs: number;
  /** Null: its environment was warm. */
  readonly initMs: number | null;
  readonly timedOut: boolean;
  /** What it said of its error; null: nothing that is known for one. */
  readonly error: string | null;
  /** Connects that were blocked in it and written; there may have been more. */
  readonly blocked: number;
}

export interface InvocationReports {
  readonly before: readonly InvocationReport[];
  /** Begun while the fault was held. */
  readonly during: readonly InvocationReport[];
  /** Begun after the last restore was proved. */
  readonly after: readonly InvocationReport[];
  /** The last blocked connect that was written; null: none was. */
  readonly lastBlockedAt: number | null;
  /** The log is longer than is read. */
  readonly cut: boolean;
}

/** Reads the reports of invocations around a fault. Throws AwsError; a log that was never begun has none. */
export async function readInvocationReports(
  logGroupName: string,
  windows: Windows,
  io: Io,
): Promise<InvocationReports> {
  const from = windows.faults[0]?.from ?? windows.baseline.to;
  const heldTo = windows.faults.at(-1)?.to ?? from;
  const stretches: readonly Window[] = [
    { from: from - BASELINE_MS, to: from - 1 },
    { from, to: Math.max(heldTo, windows.after.from) },
    { from: Math.max(heldTo, windows.after.from) + 1, to: windows.after.to },
  ];
  const read = await Promise.all(stretches.map((stretch) => readStretch(logGroupName, stretch, io)));
  // An invocation may begin in one and end in the next.
  const { reports, lastBlockedAt } = parseLog(read.flatMap(({ lines }) => lines));
  const begun = ({ startedAt, endedAt, durationMs }: InvocationReport) => startedAt ?? endedAt - durationMs;
  const isHeld = (at: number) => windows.faults.some((fault) => at >= fault.from && at < fault.to);
  return {
    before: reports.filter((report) => begun(report) < from),
    during: reports.filter((report) => isHeld(begun(report))),
    after: reports.filter((report) => begun(report) >= windows.after.from),
    lastBlockedAt,
    cut: read.some(({ cut }) => cut),
  };
}

export interface LogLine {
  readonly stream: string;
  readonly at: number;
  readonly text: string;
}

async function readStretch(
  logGroupName: string,
  { from, to }: Window,
  io: Io,
): Promise<{ lines: readonly LogLine[]; cut: boolean }> {
  const lines: LogLine[] = [];
  let nextToken: string | undefined;
  let page = 0;
  do {
    const answer = await io.aws
      .call(
        "logs:FilterLogEvents",
        {
          logGroupName,
          startTime: from,
          endTime: to,
          filterPattern:
            '?"START RequestId" ?"REPORT RequestId" ?"platform.start" ?"platform.report" ?"unplug: " ?"Task timed out" ?errorType ?"[ERROR]"',
          ...(nextToken === undefined ? {} : { nextToken }),
        },
        io.signal,
      )
      .catch((error: unknown) => {
        // AWS makes the group with the first line: it has never been invoked.
        if (isMissing(error)) return { events: [] };
        throw error;
      });
    for (const { message = "", timestamp = 0, logStreamName = "" } of answer.events ?? [])
      lines.push({ stream: logStreamName, at: timestamp, text: message });
    nextToken = "nextToken" in answer ? answer.nextToken : undefined;
    page += 1;
  } while (nextToken !== undefined && page < MAX_PAGES);
  return { lines, cut: nextToken !== undefined };
}

/** What an environment has said since the last report. */
interface Going {
  startedAt: number | null;
  timedOut: boolean;
  error: string | null;
  blocked: number;
}

interface Environment {
  /** Null while it is idle, or nothing of it was read. */
  going: Going | null;
  /** Its last report; null where none was read, or another invocation has begun since. */
  ended: { -readonly [K in keyof InvocationReport]: InvocationReport[K] } | null;
  isNew: boolean;
}

/** An environment serves one invocation at a time: what lies between a start and its report belongs to it. */
export function parseLog(lines: readonly LogLine[]): {
  reports: readonly InvocationReport[];
  lastBlockedAt: number | null;
} {
  const environments = new Map<string, Environment>();
  const reports: InvocationReport[] = [];
  let lastBlockedAt: number | null = null;
  for (const { stream, at, text } of lines) {
    const environment = environments.get(stream) ?? { going: null, ended: null, isNew: true };
    environments.set(stream, environment);
    const isBlocked = readLine(text)?.kind === "blocked";
    if (isBlocked) lastBlockedAt = Math.max(lastBlockedAt ?? 0, at);
    const figures = reportOf(text);
    if (!isBlocked && isStart(text)) begin(environment, at);
    else if (isBlocked || figures === null) note(environment, at, isBlocked ? null : text);
    else reports.push(end(environment, at, figures));
  }
  return { reports, lastBlockedAt };
}

function isStart(text: string): boolean {
  return /START RequestId|"platform\.start"/.test(text);
}

/** What was blocked while an environment came up belongs to the invocation that it came up for; whatever else was left is nobody's. */
function begin(environment: Environment, at: number): void {
  const blocked = environment.isNew ? (environment.going?.blocked ?? 0) : 0;
  environment.going = { startedAt: at, timedOut: false, error: null, blocked };
  environment.ended = null;
  environment.isNew = false;
}

/** `text` null: a connect was blocked. */
function note(environment: Environment, at: number, text: string | null): void {
  const { ended } = environment;
  // Lines of the same millisecond come in any order.
  const of = ended !== null && ended.endedAt === at ? ended : (environment.going ??= idle());
  if (text === null) of.blocked += 1;
  else if (text.includes("Task timed out")) of.timedOut = true;
  else of.error ??= errorOf(text);
}

function end(environment: Environment, at: number, { timedOut, error, ...rest }: Figures): InvocationReport {
  const now = environment.going ?? idle();
  const report = {
    ...rest,
    endedAt: at,
    startedAt: now.startedAt,
    timedOut: now.timedOut || timedOut,
    error: now.error ?? error,
    blocked: now.blocked,
  };
  environment.going = null;
  environment.ended = report;
  environment.isNew = false;
  return report;
}

function idle(): Going {
  return { startedAt: null, timedOut: false, error: null, blocked: 0 };
}

type Figures = Pick<
  InvocationReport,
  "requestId" | "durationMs" | "billedMs" | "initMs" | "timedOut" | "error"
>;

/** Of a report in plain text or in JSON; null where it is none. Source: Lambda's REPORT lines and its Telemetry events. */
function reportOf(text: string): Figures | null {
  const plain = /REPORT RequestId: (\S+)/.exec(text);
  if (plain !== null) {
    const figure = (name: string) =>
      Number(new RegExp(`(?:^|\\t)${name}: ([\\d.]+) ms`).exec(text)?.[1] ?? Number.NaN);
    const init = figure("Init Duration");
    return {
      requestId: plain[1] ?? "",
      durationMs: figure("Duration"),
      billedMs: figure("Billed Duration"),
      initMs: Number.isNaN(init) ? null : init,
      timedOut: /\tStatus: timeout/.test(text),
      error: /\tError Type: (\S+)/.exec(text)?.[1] ?? null,
    };
  }
  return text.includes('"platform.report"') ? jsonReport(text) : null;
}

function jsonReport(text: string): Figures | null {
  try {
    const { record } = JSON.parse(text);
    const { requestId, metrics, status, errorType } = Object(record);
    const { durationMs, billedDurationMs, initDurationMs } = Object(metrics);
    if (typeof requestId !== "string" || typeof durationMs !== "number") return null;
    return {
      requestId,
      durationMs,
      billedMs: Number(billedDurationMs ?? durationMs),
      initMs: typeof initDurationMs === "number" ? initDurationMs : null,
      timedOut: status === "timeout",
      error: typeof errorType === "string" ? errorType : null,
    };
  } catch {
    return null;
  }
}

/** How the runtimes name what a handler threw. */
function errorOf(text: string): string | null {
  return /"errorType":\s*"([^"]+)"/.exec(text)?.[1] ?? /\[ERROR\] ([\w.]+):/.exec(text)?.[1] ?? null;
}
