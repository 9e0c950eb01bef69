export const days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Day = (typeof days)[number];

/** A part of some days, in one time zone. */
export interface OpenHours {
  readonly days?: readonly Day[] | undefined;
  /** `HH:MM` */
  readonly from: string;
  /** `HH:MM`, or `24:00`; not after `from`: on the next day. */
  readonly to: string;
  /** As the IANA names it. */
  readonly zone: string;
}

export function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat("en-US", { timeZone: zone }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

const MINUTE = 60_000;
/** A week is always the same week, but for the day on which the clocks change. */
const LONGEST_MS = 8 * 24 * 60 * MINUTE;

/**
 * The first instant from `from` to `to` (which is not a part of it) at which none of `all` is open; null when there is none.
 * All in milliseconds since 1970. Whole minutes are looked at, since hours begin and end with them.
 */
export function firstClosed(all: readonly OpenHours[], from: number, to: number): number | null {
  const open = all.map(opening);
  const end = Math.min(to, from + LONGEST_MS);
  let at = from;
  do {
    const instant = at;
    if (!open.some((isOpen) => isOpen(instant))) return at;
    at = (Math.floor(at / MINUTE) + 1) * MINUTE;
  } while (at < end);
  return null;
}

function opening({ days: on = days, from, to, zone }: OpenHours): (at: number) => boolean {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  const [begin, end] = [minutesOf(from), minutesOf(to)];
  return (at) => {
    const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
    const today = days.findIndex((day) => day === parts["weekday"]?.toLowerCase());
    const minute = Number(parts["hour"]) * 60 + Number(parts["minute"]);
    const isOn = (day: number) => on.some((one) => one === days[(day + 7) % 7]);
    if (begin < end) return isOn(today) && minute >= begin && minute < end;
    return (isOn(today) && minute >= begin) || (isOn(today - 1) && minute < end);
  };
}

function minutesOf(text: string): number {
  const [hour, minute] = text.split(":");
  return Number(hour) * 60 + Number(minute);
}
