import type { Window } from "../../contract/evidence.ts";
import { clockText, durationText } from "../../report/clock-text.ts";
import type { Depth } from "./depth-recorder.ts";
import type { Handled } from "./shop.ts";
import type { Claim } from "./told.ts";

export interface Counted {
  /** Ids that the queue has taken. */
  readonly placed: readonly string[];
  /** From the function's log, in order of time. */
  readonly handled: readonly Handled[];
  readonly depths: readonly Depth[];
  readonly dead: number;
  /** When the mapping was read as Disabled, until it was told to deliver again. */
  readonly fault: Window;
  /** When it was read as Enabled again. */
  readonly restoredAt: number;
  readonly perSecond: number;
}

/** A batch that was handed over before may end within this, in an environment that starts for it; Lambda never takes one back. */
const UNDER_WAY_MS = 4_000;
/** So long before it is read as Disabled a mapping may hand over less. */
const GOING_IN_MS = 2_000;

/** What the shop's own books say of the fault; nothing here rests on what Unplug says but the window's two instants. */
export function claims(counted: Counted): readonly Claim[] {
  return [stopped(counted), backlog(counted), drained(counted), lost(counted), twice(counted)];
}

function stopped({ handled, fault, perSecond }: Counted): Claim {
  const before = handled.findLast(({ at }) => at <= fault.from + UNDER_WAY_MS);
  const after = handled.find(({ at }) => at > fault.from + UNDER_WAY_MS);
  if (before === undefined || after === undefined) {
    return { holds: false, text: "Delivery cannot be judged: there was none on one side of the fault." };
  }
  const pause = after.at - before.at;
  const due = Math.round((pause / 1000) * perSecond);
  return {
    holds: after.at >= fault.to,
    text: `Delivery stopped: nothing was handled from ${clockText(before.at)} to ${clockText(after.at)} UTC (${durationText(pause)}), while ${due} orders were placed.`,
  };
}

function backlog({ depths, fault, perSecond }: Counted): Claim {
  const most = (points: readonly Depth[]) => Math.max(0, ...points.map(([, waiting]) => waiting));
  const before = most(depths.filter(([at]) => at < fault.from - GOING_IN_MS));
  const peak = most(depths.filter(([at]) => at >= fault.from));
  // Half of what was placed meanwhile would be enough to show it.
  const expected = (perSecond * (fault.to - fault.from)) / 2000;
  return { holds: peak - before >= expected, text: `The backlog grew from ${before} to ${peak} orders.` };
}

function drained({ depths, fault, restoredAt }: Counted): Claim {
  const before = Math.max(0, ...depths.filter(([at]) => at < fault.from - GOING_IN_MS).map(([, n]) => n));
  const back = depths.find(([at, waiting]) => at >= fault.to && waiting <= before);
  if (back === undefined) return { holds: false, text: "The backlog was not drained while it was watched." };
  const took = Math.max(0, back[0] - restoredAt);
  return { holds: true, text: `It was drained ${durationText(took)} after the mapping was enabled again.` };
}

function lost({ placed, handled, dead }: Counted): Claim {
  const seen = new Set(handled.map(({ order }) => order));
  const missing = placed.filter((order) => !seen.has(order));
  const some = missing.length === 0 ? "" : `: ${missing.slice(0, 5).join(", ")}`;
  return {
    holds: placed.length > 0 && missing.length === 0 && dead === 0,
    text: `${missing.length === 0 ? "None" : String(missing.length)} of ${placed.length} orders ${missing.length <= 1 ? "was" : "were"} lost${some}${dead === 0 ? "" : `, ${dead} in the dead-letter queue`}.`,
  };
}

/** A queue may deliver twice; that is for the function to bear, so that it is told and no failure. */
function twice({ handled }: Counted): Claim {
  const count = handled.length - new Set(handled.map(({ order }) => order)).size;
  return { holds: true, text: `${count} ${count === 1 ? "was" : "were"} handled more than once.` };
}
