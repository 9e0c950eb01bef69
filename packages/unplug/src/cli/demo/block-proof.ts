import { isDeepStrictEqual } from "node:util";
import type { Window } from "../../contract/evidence.ts";
import { clockText, durationText } from "../../report/clock-text.ts";
import { table } from "../../report/wrap.ts";
import type { Checkout } from "./customers.ts";
import type { PlayedFault } from "./stage.ts";
import type { Claim } from "./told.ts";

/** One fault of the story. */
export interface Act extends PlayedFault {
  readonly behavior: "refuse" | "hang";
  /** When the command was given. */
  readonly startedAt: number;
}

/** The shop's own books; nothing in them rests on what Unplug says but the instants of the acts. */
export interface Books {
  /** The story's two, one after the other. */
  readonly acts: readonly [refuse: Act, hang: Act];
  readonly checkouts: readonly Checkout[];
  /** The orders that the database took. */
  readonly taken: readonly string[];
  /** By the function's log; milliseconds since 1970. */
  readonly blockedAt: readonly number[];
  /** Of the function, before the first act and after each. */
  readonly configurations: readonly Readonly<Record<string, unknown>>[];
}

interface Phase {
  readonly title: string;
  readonly checkouts: readonly Checkout[];
}

/** The checkouts by when they began; those that began while a fault went in or out are apart. */
function phasesOf({ acts: [refuse, hang], checkouts }: Books) {
  const begun = ({ from, to }: Window) => checkouts.filter(({ began }) => began >= from && began < to);
  const end = Number.POSITIVE_INFINITY;
  const phases = {
    healthy: begun({ from: 0, to: refuse.startedAt }),
    refuse: begun(refuse.window),
    between: begun({ from: refuse.restoredAt, to: hang.startedAt }),
    hang: begun(hang.window),
    after: begun({ from: hang.restoredAt, to: end }),
  };
  const settled = new Set(Object.values(phases).flat());
  return { ...phases, moving: checkouts.filter((checkout) => !settled.has(checkout)) };
}

/** A line for each phase of the story: how many checkouts, how they ended, and how long their customers waited. */
export function bookTable(books: Books): readonly string[] {
  const { healthy, refuse, between, hang, after, moving } = phasesOf(books);
  const phases: readonly Phase[] = [
    { title: "healthy", checkouts: healthy },
    { title: "unplugged, refuse", checkouts: refuse },
    { title: "plugged in again", checkouts: between },
    { title: "unplugged, hang", checkouts: hang },
    { title: "plugged in again", checkouts: after },
    { title: "going in or out", checkouts: moving },
  ];
  const head = ["checkouts begun", "all", "ok", "failed", "timed out", "p50", "max"];
  const rows = phases.map(({ title, checkouts }) => {
    const count = (outcome: Checkout["outcome"]) =>
      String(checkouts.filter((each) => each.outcome === outcome).length);
    const { p50, max } = waits(checkouts);
    const numbers = [String(checkouts.length), count("ok"), count("failed"), count("timed out")];
    return [title, ...numbers, p50, max];
  });
  const wide = head.map((cell, i) =>
    Math.max(...[cell, ...rows.map((row) => row[i] ?? "")].map(({ length }) => length)),
  );
  return table(
    [head, ...rows].map((row) => row.map((cell, i) => (i === 0 ? cell : cell.padStart(wide[i] ?? 0)))),
  );
}

/** What the books say of the fault. */
export function blockClaims(books: Books): readonly Claim[] {
  const { healthy, refuse, between, hang, after } = phasesOf(books);
  const [first, second] = books.acts;
  return [
    wentThrough("Before,", healthy),
    failedFast(refuse),
    cameBack(first, second.startedAt, books, between),
    timedOut(hang),
    cameBack(second, Number.POSITIVE_INFINITY, books, after),
    database(books, [...refuse, ...hang]),
    unchanged(books),
  ];
}

function wentThrough(when: string, checkouts: readonly Checkout[]): Claim {
  const ok = checkouts.filter(({ outcome }) => outcome === "ok");
  const { p50, max } = waits(checkouts);
  const failure = checkouts.find(({ outcome }) => outcome !== "ok");
  return {
    holds: ok.length > 0 && failure === undefined,
    text:
      failure === undefined
        ? `${when} all ${ok.length} checkouts went through: p50 ${p50}, ${max} at most.`
        : `${when} ${ok.length} of ${checkouts.length} checkouts went through: ${failure.error}`,
  };
}

function failedFast(checkouts: readonly Checkout[]): Claim {
  const failed = checkouts.filter(({ outcome }) => outcome === "failed");
  const { p50, max } = waits(failed);
  return {
    holds: failed.length > 0 && failed.length === checkouts.length,
    text: `refuse: ${failed.length} of ${checkouts.length} checkouts failed fast, p50 ${p50}, ${max} at most, with a clear error: "${failed.at(-1)?.error ?? "none"}".`,
  };
}

function timedOut(checkouts: readonly Checkout[]): Claim {
  const ended = checkouts.filter(({ outcome }) => outcome === "timed out");
  const { p50, max } = waits(ended);
  const words = /Task timed out after [\d.]+ seconds/.exec(ended.at(-1)?.error ?? "")?.[0] ?? "none";
  return {
    holds: ended.length > 0 && ended.length === checkouts.length,
    text: `hang: ${ended.length} of ${checkouts.length} checkouts hung until the function's timeout, p50 ${p50}, ${max} at most: "${words}".`,
  };
}

/** When the function's log last tells of a blocked connect, and that all went well from then on. */
function cameBack(
  { behavior, startedAt, window, restoredAt }: Act,
  until: number,
  books: Books,
  after: readonly Checkout[],
): Claim {
  const blocked = books.blockedAt.filter((at) => at >= startedAt && at < until);
  const last = blocked.at(-1);
  const { holds, text } = wentThrough("From then on", after);
  if (last === undefined)
    return { holds: false, text: `${behavior}: the function's log tells of no blocked connect.` };
  const side = last <= restoredAt ? "before" : "after";
  return {
    holds: holds && last >= window.from,
    text: `${behavior}: the last of ${blocked.length} connects was blocked at ${clockText(last)} UTC, ${durationText(Math.abs(restoredAt - last))} ${side} the restore was proved. ${text}`,
  };
}

function database({ checkouts, taken }: Books, unplugged: readonly Checkout[]): Claim {
  const times = new Map<string, number>();
  for (const order of taken) times.set(order, (times.get(order) ?? 0) + 1);
  const reached = unplugged.filter(({ order }) => times.has(order)).length;
  const ok = checkouts.filter(({ outcome }) => outcome === "ok");
  const once = ok.filter(({ order }) => times.get(order) === 1).length;
  return {
    holds: ok.length > 0 && reached === 0 && once === ok.length,
    text: `The database has ${once} of the ${ok.length} orders that went through, each once, and ${reached} of the ${unplugged.length} that were begun while it was unplugged.`,
  };
}

function unchanged({ configurations }: Books): Claim {
  const [before, ...after] = configurations;
  const same = after.filter((each) => isDeepStrictEqual(each, before)).length;
  return {
    holds: before !== undefined && after.length > 0 && same === after.length,
    text: `After ${same} of ${after.length} faults the function's whole configuration was the same as before them, its code too: CodeSha256 ${String(before?.["CodeSha256"])}.`,
  };
}

/** What half of the customers waited at most, and the longest that anyone did. */
function waits(checkouts: readonly Checkout[]): { readonly p50: string; readonly max: string } {
  const took = checkouts.map(({ began, ended }) => ended - began).toSorted((a, b) => a - b);
  const text = (ms: number | undefined) => (ms === undefined ? "-" : durationText(ms));
  return { p50: text(took[Math.ceil(took.length / 2) - 1]), max: text(took.at(-1)) };
}
