import { firstClosed, type OpenHours } from "./hours.ts";
import type { RuleFile } from "./rules.ts";
import { told } from "./told.ts";

/** For a run that would begin now and goes as expected. */
export function runTimeProblems(file: RuleFile, now: number, lengthMs: number): readonly string[] {
  return problems(file, { from: now, to: now + lengthMs }, "the run would go on");
}

/** For a fault that would be injected now. */
export function holdProblems(file: RuleFile, now: number, holdMs: number): readonly string[] {
  return problems(file, { from: now, to: now + holdMs }, "the fault would be in");
}

function problems(
  file: RuleFile,
  { from, to }: { readonly from: number; readonly to: number },
  what: string,
): readonly string[] {
  const { hours } = file.rules.allow;
  if (hours === undefined) return [];
  const closed = firstClosed(hours, from, to);
  if (closed === null) return [];
  const allowed = hours.map(hoursText).join("; ");
  const found = closed === from ? `it is ${localText(closed, hours[0]?.zone ?? "UTC")}` : what;
  const until = closed === from ? "" : ` at ${localText(closed, hours[0]?.zone ?? "UTC")}`;
  return [told(file, ["allow", "hours"], `${found}${until}; permitted is ${allowed}`)];
}

function hoursText({ days, from, to, zone }: OpenHours): string {
  return `${days === undefined ? "" : `${days.join(", ")} `}${from} to ${to} ${zone}`;
}

function localText(at: number, timeZone: string): string {
  const text = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    weekday: "short",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).formatToParts(at);
  const part = (type: string) => text.find((one) => one.type === type)?.value ?? "";
  return `${part("weekday")} ${part("year")}-${part("month")}-${part("day")} ${part("hour")}:${part("minute")} ${timeZone}`;
}
