import type { Tally } from "@unplug/interceptor";
import { durationText } from "../../report/clock-text.ts";
import type { ExecOptions } from "./exec-options.ts";

/** What was blocked, as it was settled for one command. */
export interface Blocking extends Omit<ExecOptions, "seed"> {
  readonly seed: bigint;
  /** Unix time in seconds before which everything passes; null is at once. */
  readonly fromSeconds: number | null;
  /** Unix time in seconds from which on everything passes; null is never. */
  readonly untilSeconds: number | null;
}

/** How many targets a line names. */
const NAMED = 5;

const EVERYTHING = "all outbound TCP but loopback";

/** The line before the program starts. */
export function openingLine(blocking: Blocking): string {
  const how = {
    refuse: "connects are refused",
    timeout: `connects time out after ${durationText(blocking.timeoutMs)}`,
    hang: "connects hang",
  }[blocking.behavior];
  const { percentage, seed, afterMs, forMs } = blocking;
  const share = percentage === 100 ? "" : `, ${percentage}% of them (--seed ${seed})`;
  const start = afterMs === 0 ? "" : `, beginning in ${durationText(afterMs)}`;
  const time = forMs === null ? "" : `, for ${durationText(forMs)}`;
  return `unplug: blocking ${subjectText(blocking)}: ${how}${share}${start}${time}`;
}

/** Of the names that are only known when the program asks for them, before it starts. */
export function unresolvedLines(names: readonly string[]): readonly string[] {
  if (names.length === 0) return [];
  const their = names.length === 1 ? "its" : "their";
  return [
    `unplug: ${listed(names, "other name")} could not be resolved: only the program's own look-ups can tell ${their} addresses`,
  ];
}

/** The lines after it has ended; `now` is Unix time in seconds. */
export function closingLines(blocking: Blocking, tally: Tally | null, now: number): readonly string[] {
  if (tally === null)
    return ["unplug: what was blocked is not known: the file of its counts is gone or damaged"];
  if (blocking.fromSeconds !== null && now < blocking.fromSeconds) {
    return [
      `unplug: blocked nothing: it ended before the blocking began, after ${durationText(blocking.afterMs)} (--after)`,
    ];
  }
  const over = blocking.untilSeconds !== null && now >= blocking.untilSeconds;
  return [...countLines(blocking, tally), ...(over ? endedLines(blocking, tally) : inertLines(tally))];
}

function countLines(blocking: Blocking, tally: Tally): readonly string[] {
  if (tally.armed === 0) {
    if (tally.inert > 0) return [];
    return [
      "unplug: none of its processes was seen to make a connect or a look-up, so nothing was blocked (Go and static programs that others start, and ones started with a cleaned environment, are not seen)",
    ];
  }
  const { percentage, seed } = blocking;
  const spared =
    percentage === 100
      ? ""
      : `; ${tally.spared} more let through by --percentage ${percentage} (--seed ${seed})`;
  return [
    `unplug: blocked ${blockedText(blocking, tally)}${spared}; ${counted(tally.other, "other connect")} passed`,
  ];
}

function blockedText(blocking: Blocking, { blocked, byTarget }: Tally): string {
  const { targets } = blocking;
  if (blocked === 0) return targets.length === 0 ? "no connect" : `no connect to ${subjectText(blocking)}`;
  if (targets.length === 0) return `${counted(blocked, "connect")} (${EVERYTHING})`;
  const hit = targets
    .map(({ text }, index) => ({ text, count: byTarget[index] ?? 0 }))
    .filter(({ count }) => count > 0)
    .toSorted((a, b) => b.count - a.count);
  const rest = hit.slice(NAMED).reduce((sum, { count }) => sum + count, 0);
  const named = hit
    .slice(0, NAMED)
    .map(({ text, count }, index) => `${index === 0 ? counted(count, "connect") : count} to ${text}`);
  const more = rest === 0 ? [] : [`${rest} to ${counted(hit.length - NAMED, "other target")}`];
  return [...named, ...more].join(", ");
}

function inertLines({ inert }: Tally): readonly string[] {
  if (inert === 0) return [];
  const those = inert === 1 ? "1 process was" : `${inert} processes were`;
  return [`unplug: ${those} not blocked: the line "unplug: inert" above says why`];
}

/** What starts when the time is over arms itself no more, which is as it should be. */
function endedLines({ forMs }: Blocking, { inert }: Tally): readonly string[] {
  const those = inert === 1 ? "1 process" : `${inert} processes`;
  const later = inert === 0 ? "" : `, as did ${those} that started later`;
  return [
    `unplug: the blocking ended after ${durationText(forMs ?? 0)} (--for); what came later passed${later}`,
  ];
}

function subjectText({ targets }: Blocking): string {
  if (targets.length === 0) return EVERYTHING;
  return listed(
    targets.map(({ text }) => text),
    "other target",
  );
}

function listed(texts: readonly string[], noun: string): string {
  const more = texts.length > NAMED ? ` and ${counted(texts.length - NAMED, noun)}` : "";
  return `${texts.slice(0, NAMED).join(", ")}${more}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
