import type { FunctionImage } from "../runtime-port.ts";
import type { Environment } from "./environment.ts";

/** One environment of the fleet. */
export interface Member {
  readonly environment: Environment;
  readonly image: FunctionImage;
}

/** All execution environments, and which of them may serve what. */
export interface Fleet {
  /** An idle environment that may serve this image, the one used last first; null when there is none. */
  take(image: FunctionImage): Member | null;
  /** Starts an environment; it is busy until it is given back. */
  add(image: FunctionImage, start: (onEndWhileIdle: () => void) => Promise<Environment>): Promise<Member>;
  /** It is idle again; or ends when its revision has been replaced. */
  giveBack(member: Member): void;
  end(member: Member): Promise<void>;
  /** Makes room: ends the environment that has been idle for the longest time; false when none is idle. */
  endOldestIdle(): boolean;
  endAll(): Promise<void>;
  /** Compares idle environments with what is in force now; null: the function is gone, so they end at once. */
  refresh(revisionOf: (image: FunctionImage) => string | null): void;
  /** Environments that are not ended or about to be. */
  size(): number;
  starting(): number;
}

/** Times in ms; `now` is any steady time. */
export interface FleetOptions {
  readonly now: () => number;
  readonly idleMs: number;
  /** How long idle environments of a replaced revision live on and may serve. */
  readonly overlapMs: () => number;
}

/** The function's ARN without version or alias. */
export function functionOf(image: FunctionImage): string {
  return image.functionArn.split(":").slice(0, 7).join(":");
}

function lineOf(image: FunctionImage): string {
  return `${functionOf(image)}:${image.version}`;
}

interface Slot extends Member {
  timer: NodeJS.Timeout | null;
}

interface Fleeting {
  readonly options: FleetOptions;
  /** Each busy or idle environment. */
  readonly slots: Set<Slot>;
  /** Idle ones, used last at the end. */
  idle: Slot[];
  /** The newest revision of each function version and since when it is known. */
  readonly newest: Map<string, { readonly revision: string; readonly since: number }>;
  readonly ending: Set<Promise<void>>;
  starting: number;
}

export function createFleet(options: FleetOptions): Fleet {
  const fleet: Fleeting = {
    options,
    slots: new Set(),
    idle: [],
    newest: new Map(),
    ending: new Set(),
    starting: 0,
  };
  const slotOf = (member: Member): Slot | null => [...fleet.slots].find((slot) => slot === member) ?? null;
  return {
    take: (image) => take(fleet, image),
    add: (image, start) => add(fleet, image, start),
    giveBack(member) {
      const slot = slotOf(member);
      if (slot !== null) rest(fleet, slot);
    },
    async end(member) {
      const slot = slotOf(member);
      if (slot !== null) await end(fleet, slot);
    },
    endOldestIdle() {
      const oldest = fleet.idle[0];
      if (oldest === undefined) return false;
      void end(fleet, oldest);
      return true;
    },
    async endAll() {
      for (const slot of fleet.slots) void end(fleet, slot);
      while (fleet.ending.size > 0) await Promise.all(fleet.ending);
    },
    refresh(revisionOf) {
      // `idle` is replaced, not changed, when one of them ends: the loop sees all.
      for (const slot of fleet.idle) {
        const revision = revisionOf(slot.image);
        if (revision === null) void end(fleet, slot);
        else adopt(fleet, slot.image, revision);
      }
    },
    size: () => fleet.slots.size,
    starting: () => fleet.starting,
  };
}

/** From now on this revision is the one in force; the overlap of those before it begins. */
function adopt(fleet: Fleeting, image: FunctionImage, revision: string): void {
  const line = lineOf(image);
  if (fleet.newest.get(line)?.revision === revision) return;
  fleet.newest.set(line, { revision, since: fleet.options.now() });
  for (const slot of fleet.idle.filter((each) => lineOf(each.image) === line)) scheduleEnd(fleet, slot);
}

function take(fleet: Fleeting, image: FunctionImage): Slot | null {
  const line = lineOf(image);
  adopt(fleet, image, image.revision);
  const mine = fleet.idle.filter((each) => lineOf(each.image) === line && millisecondsLeft(fleet, each) > 0);
  const slot = mine.at(-1);
  if (slot === undefined) return null;
  leaveIdle(fleet, slot);
  return slot;
}

/** How long an idle environment may still live. */
function millisecondsLeft(fleet: Fleeting, slot: Slot): number {
  const newest = fleet.newest.get(lineOf(slot.image));
  if (newest === undefined || newest.revision === slot.image.revision) return fleet.options.idleMs;
  return Math.min(fleet.options.idleMs, newest.since + fleet.options.overlapMs() - fleet.options.now());
}

function scheduleEnd(fleet: Fleeting, slot: Slot): void {
  if (slot.timer !== null) clearTimeout(slot.timer);
  slot.timer = null;
  const left = millisecondsLeft(fleet, slot);
  if (left <= 0) {
    void end(fleet, slot);
    return;
  }
  slot.timer = setTimeout(() => void end(fleet, slot), left);
  slot.timer.unref();
}

function leaveIdle(fleet: Fleeting, slot: Slot): void {
  fleet.idle = fleet.idle.filter((each) => each !== slot);
  if (slot.timer !== null) clearTimeout(slot.timer);
  slot.timer = null;
}

function rest(fleet: Fleeting, slot: Slot): void {
  fleet.idle.push(slot);
  scheduleEnd(fleet, slot);
}

async function add(
  fleet: Fleeting,
  image: FunctionImage,
  start: (onEndWhileIdle: () => void) => Promise<Environment>,
): Promise<Slot> {
  fleet.starting += 1;
  let slot: Slot | null = null;
  try {
    const environment = await start(() => {
      if (slot !== null) void end(fleet, slot);
    });
    slot = { environment, image, timer: null };
    fleet.slots.add(slot);
    return slot;
  } finally {
    fleet.starting -= 1;
  }
}

function end(fleet: Fleeting, slot: Slot): Promise<void> {
  if (!fleet.slots.delete(slot)) return Promise.resolve();
  leaveIdle(fleet, slot);
  const ended = slot.environment.end().finally(() => fleet.ending.delete(ended));
  fleet.ending.add(ended);
  return ended;
}
