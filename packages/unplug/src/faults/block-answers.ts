import type { Answer, Windows } from "../contract/evidence.ts";
import { median, quantile } from "../contract/statistics.ts";
import type { InvocationReport, InvocationReports } from "./invocation-reports.ts";

export interface BlockedFunction {
  readonly functionName: string;
  readonly logGroup: string;
}

type Said = Omit<Answer, "subject" | "grounds">;

/** What the log says to the questions for which a function is blocked; null: it could not be read. */
export function blockAnswers(
  { functionName, logGroup }: BlockedFunction,
  reports: InvocationReports | null,
  windows: Windows,
): readonly Answer[] {
  const grounds = `log ${logGroup}`;
  if (reports === null) {
    const text = `How ${functionName} fails was not read: its log could not be (logs:FilterLogEvents).`;
    return [{ about: "time-to-failure", subject: functionName, answered: false, text, grounds, numbers: {} }];
  }
  const met = reports.during.filter(({ blocked }) => blocked > 0);
  const least = reports.cut ? "The log is longer than was read, so these are the least: " : "";
  return [
    timeToFailure(functionName, met, reports),
    ...(met.length === 0 ? [] : [billed(functionName, met, reports.before)]),
    ...coldStarts(functionName, reports),
    recovery(functionName, reports, windows),
  ].map((said) => ({ ...said, text: `${least}${said.text}`, subject: functionName, grounds }));
}

function timeToFailure(name: string, met: readonly InvocationReport[], { during }: InvocationReports): Said {
  const about = "time-to-failure";
  if (during.length === 0) {
    const text = `Whether ${name} fails fast or hangs is not known: no invocation of it began and ended while the fault was held. Send it traffic, or hold longer than its timeout.`;
    return { about, answered: false, text, numbers: { invocations: 0 } };
  }
  if (met.length === 0) {
    const text = `Whether ${name} fails fast or hangs is not known: none of its ${during.length} invocations met a blocked connection.`;
    return { about, answered: false, text, numbers: { invocations: during.length } };
  }
  // Initialisation is the update's doing, not the fault's; Lambda does not count it into the duration.
  const times = met.map(({ durationMs }) => durationMs).sort((a, b) => a - b);
  const [p50, p95, max] = [quantile(times, 0.5), quantile(times, 0.95), times.at(-1) ?? 0];
  const timedOut = met.filter((one) => one.timedOut).length;
  const failed = met.filter((one) => !one.timedOut && one.error !== null);
  const fine = met.length - timedOut - failed.length;
  const errors = counted(failed.map(({ error }) => error ?? ""));
  const numbers = {
    invocations: during.length,
    affected: met.length,
    timedOut,
    failed: failed.length,
    withoutError: fine,
    errors,
    p50Ms: p50,
    p95Ms: p95,
    maxMs: max,
  };
  const how =
    timedOut === met.length
      ? `${name} hangs until its timeout`
      : timedOut > 0
        ? `${name} hangs until its timeout in ${timedOut} of ${met.length} invocations`
        : fine === met.length
          ? `${name} ends without an error of Lambda's`
          : `${name} fails without running into its timeout`;
  const ends = [
    ...(timedOut === 0 ? [] : [`${timedOut} timed out`]),
    ...Object.entries(errors).map(([type, n]) => `${n} with ${type}`),
    ...(fine === 0 ? [] : [`${fine} without an error of Lambda's`]),
  ];
  const text = `${how}: of ${during.length} invocations ${met.length} met a blocked connection and took ${ms(p50)} (p50), ${ms(p95)} (p95), ${ms(max)} at most, without their initialisation; they ended: ${ends.join(", ")}.`;
  return { about, answered: true, text, numbers };
}

function billed(name: string, met: readonly InvocationReport[], before: readonly InvocationReport[]): Said {
  const about = "billed-time";
  // What the initialisation costs is told by itself.
  const cost = ({ billedMs, initMs }: InvocationReport) => billedMs - (initMs ?? 0);
  const total = met.reduce((sum, one) => sum + cost(one), 0);
  if (before.length === 0) {
    const text = `What the fault cost in billed time is not known: ${name} was not invoked in the minute before, to compare with; the ${met.length} invocations that met it were billed ${ms(total)}.`;
    return { about, answered: false, text, numbers: { billedMs: total, invocations: met.length } };
  }
  const usual = median(before.map(cost));
  const extra = total - usual * met.length;
  const words =
    extra >= 0 ? `${ms(extra)} more than as many before it` : `${ms(-extra)} less than as many before it`;
  const text = `The ${met.length} invocations that met a blocked connection were billed ${ms(total)}, ${words} (${ms(usual)} each, the median of ${before.length}).`;
  const numbers = { billedMs: total, extraMs: extra, usualMs: usual, invocations: met.length };
  return { about, answered: true, text, numbers };
}

/** Each change of a function makes its environments start anew. */
function coldStarts(name: string, { during, after }: InvocationReports): readonly Said[] {
  const inits = (of: readonly InvocationReport[]) => of.flatMap(({ initMs }) => initMs ?? []);
  const [held, later] = [inits(during), inits(after)];
  if (held.length + later.length === 0) return [];
  const typical = median([...held, ...later]);
  const text = `The update and the restore themselves made ${name} start ${held.length} environments while the fault was held and ${later.length} after it; an initialisation took ${ms(typical)} (median), which no other figure here counts.`;
  const numbers = { during: held.length, after: later.length, initMs: typical };
  return [{ about: "cold-starts", answered: true, text, numbers }];
}

function recovery(
  name: string,
  { after, lastBlockedAt }: InvocationReports,
  { after: window }: Windows,
): Said {
  const about = "recovery";
  const late = lastBlockedAt === null ? null : lastBlockedAt - window.from;
  const seen =
    late === null || late <= 0
      ? "no connect was blocked after the restore was proved"
      : `the last blocked connect was written ${ms(late)} after the restore was proved, by an environment that was still warm`;
  const fine = after.find(({ blocked, timedOut, error }) => blocked === 0 && !timedOut && error === null);
  const numbers = { invocationsAfter: after.length, lastBlockedAt };
  if (fine === undefined) {
    const watched = ms(window.to - window.from);
    const text =
      after.length === 0
        ? `Whether ${name} recovers is not known: it was not invoked in the ${watched} that were watched after the restore; ${seen}.`
        : `${name} had not recovered ${watched} after the restore: none of its ${after.length} invocations since went well; ${seen}.`;
    return { about, answered: after.length > 0, text, numbers };
  }
  const recoveredMs = Math.max(0, (fine.startedAt ?? fine.endedAt) - window.from);
  const text = `${name} recovered without help: its first invocation that went well began ${ms(recoveredMs)} after the restore was proved; ${seen}.`;
  return { about, answered: true, text, numbers: { ...numbers, recoveredMs } };
}

function counted(words: readonly string[]): Record<string, number> {
  const found = new Map<string, number>();
  for (const word of words) found.set(word, (found.get(word) ?? 0) + 1);
  return Object.fromEntries(found);
}

function ms(value: number): string {
  return value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(1)} s`;
}
