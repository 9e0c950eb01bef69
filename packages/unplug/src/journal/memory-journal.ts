import type { Event } from "../contract/events.ts";
import type { Conflict, Journal, Recorded, RunHead } from "../contract/journal.ts";
import type { Locks } from "./os-locks.ts";

interface Run {
  readonly startedAt: number;
  readonly claims: Set<string>;
  readonly rows: Recorded[];
  closed: boolean;
}

/** A journal that lives as long as its process: for trying runs out in memory, thousands of them. */
export function memoryJournal(locks: Locks, clock: { now(): number }): Journal {
  const all = new Map<string, Run>();
  let sequence = 0;
  return {
    async take(run, claims): Promise<Conflict | null> {
      if (!locks.take(run)) return { run, alive: true, claim: null };
      for (const claim of claims) {
        for (const [other, { closed, claims: theirs }] of all)
          if (other !== run && !closed && theirs.has(claim))
            return { run: other, alive: locks.isHeld(other), claim };
      }
      const mine = all.get(run) ?? { startedAt: clock.now(), claims: new Set(), rows: [], closed: false };
      for (const claim of claims) mine.claims.add(claim);
      all.set(run, mine);
      return null;
    },

    async append(run, at, events) {
      const mine = all.get(run);
      if (mine === undefined) throw new Error(`There is no run ${run}: it was not taken.`);
      const ended = events.some(({ type }) => type === "run.finished" || type === "run.closed");
      for (const event of events) mine.rows.push({ sequence: ++sequence, at, event: throughJson(event) });
      if (events.some(({ type }) => type === "run.closed")) mine.closed = true;
      if (ended) locks.release(run);
    },

    async read(run, after = 0): Promise<readonly Recorded[]> {
      const rows = all.get(run)?.rows ?? [];
      if ((rows.at(-1)?.sequence ?? 0) <= after) return [];
      return rows.filter((row) => row.sequence > after);
    },

    async runs(): Promise<readonly RunHead[]> {
      return [...all]
        .map(([run, { startedAt, closed }]) => ({
          run,
          startedAt,
          closed,
          alive: !closed && locks.isHeld(run),
        }))
        .sort((a, b) => b.startedAt - a.startedAt || (a.run < b.run ? 1 : -1));
    },
  };
}

/** What does not survive JSON does not survive here either. */
function throughJson(event: Event): Event {
  const copy: Event = JSON.parse(JSON.stringify(event));
  return copy;
}
