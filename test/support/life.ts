import { Budget, withBudget } from "../../packages/unplug/src/aws/budget.ts";
import { withRetries } from "../../packages/unplug/src/aws/retries.ts";
import { environmentAccess } from "../../packages/unplug/src/contract/access.ts";
import type { Aws } from "../../packages/unplug/src/contract/aws.ts";
import type { Experiment } from "../../packages/unplug/src/contract/experiment.ts";
import type { Journal, Recorded } from "../../packages/unplug/src/contract/journal.ts";
import { Refusal } from "../../packages/unplug/src/contract/refusal.ts";
import { openEdits } from "../../packages/unplug/src/engine/open-edits.ts";
import type { Parts } from "../../packages/unplug/src/engine/parts.ts";
import { restoreByHand } from "../../packages/unplug/src/engine/restore-by-hand.ts";
import { restoreRun } from "../../packages/unplug/src/engine/restore-run.ts";
import { runExperiment } from "../../packages/unplug/src/engine/run.ts";
import { JournalLost } from "../../packages/unplug/src/engine/run-log.ts";
import { memoryJournal } from "../../packages/unplug/src/journal/memory-journal.ts";
import { CrashPoints, type Point } from "./crash-points.ts";
import { PretendedProcesses } from "./processes.ts";
import { experimentOf, partsOf, type Scenario, snapshot } from "./scenario.ts";
import { staleReads } from "./stale-reads.ts";
import { VirtualClock } from "./virtual-clock.ts";
import { makeWorld, REGION, type World } from "./world.ts";

const RUN = "r-sweep";

/** What became of one run and of the world that it was let loose on. */
export interface Life {
  readonly before: unknown;
  readonly after: unknown;
  /** The world when the run had ended by itself; null when its process had died. */
  readonly atEnd: unknown;
  readonly world: World;
  readonly points: CrashPoints;
  /** Where the restore could have died; empty when there was nothing to restore. */
  readonly restorePoints: CrashPoints;
  readonly events: readonly Recorded[];
}

export interface LifeOptions {
  /** For how long AWS answers reads as before a write; 0: it reads what it has just written. */
  readonly lagMs?: number;
  /** Where the restore dies or meets a mishap; another restore, with nothing in its way, follows it. */
  readonly restorePoint?: Point;
  /** Whoever restores is on another machine, without the run's journal, and takes out what carries our marker. */
  readonly elsewhere?: true;
  /** Breaks the code under test: what a sweep has to find. `died` ends what a dead process held in memory. */
  readonly sabotage?: (parts: Parts, journal: Journal, died: () => boolean) => Parts;
  /** What somebody else does to the world, called with each event once it is durable. */
  readonly onEvent?: (recorded: Recorded, world: World) => void;
  readonly experiment?: (world: World) => Experiment;
  /** What it leaves is not looked at: something was deleted. */
  readonly blind?: true;
}

/** One run in which one thing goes wrong, then what a user would do: `unplug restore`, when something is left. */
export async function live(
  scenario: Scenario,
  point: Point | null,
  options: LifeOptions = {},
): Promise<Life> {
  const clock = new VirtualClock();
  const world = await makeWorld(clock, scenario);
  const look = async (): Promise<unknown> => (options.blind ? null : await lookAt(world, options));
  const before = await look();
  const processes = new PretendedProcesses();
  const journal = disturbed(memoryJournal(processes, clock), scenario, world);
  const { sabotage = (parts: Parts) => parts, onEvent } = options;
  const points = new CrashPoints(point, clock);
  const restorePoints = new CrashPoints(options.restorePoint ?? null, clock);
  const partsWith = (through: CrashPoints | null): Parts => {
    const real = staleReads(world.aws, clock, options.lagMs ?? 0);
    const met: Aws = through === null ? real : through.aws(real);
    // As `aws/connect.ts` puts them together.
    const aws = withRetries(withBudget(met, new Budget(clock, 14)), clock);
    const kept: Journal = through === null ? journal : through.journal(journal);
    const note = onEvent === undefined ? undefined : (recorded: Recorded) => onEvent(recorded, world);
    return sabotage(partsOf(aws, kept, world, note), kept, () => through?.dead === true);
  };
  const work = runExperiment(
    options.experiment?.(world) ?? experimentOf(scenario, world),
    { run: RUN, signal: new AbortController().signal },
    partsWith(points),
  );
  // A journal that cannot take even the first event: nothing was begun.
  await clock.run(
    work.catch((error: unknown) => {
      if (!(error instanceof JournalLost)) throw error;
    }),
    () => points.dead,
  );
  // A proof may be a reading from before an update that changes nothing had ended.
  if (!points.dead) await clock.pass(2 * (options.lagMs ?? 0));
  const atEnd = points.dead ? null : await look();
  processes.kill();
  const putBack = (through: CrashPoints | null): Promise<unknown> => {
    const parts = partsWith(through);
    if (!options.elsewhere) return restoreRun(RUN, parts);
    const empty = memoryJournal(processes, clock);
    return restoreMarked({ ...parts, journal: through === null ? empty : through.journal(empty) });
  };
  if (options.elsewhere || (await journal.runs()).some(({ closed }) => !closed)) {
    await clock.run(putBack(restorePoints), () => restorePoints.dead);
  }
  // A restore that died, or could not say that it was done, is done again; one that lived needs no other.
  if (restorePoints.dead || restorePoints.unwritable) {
    processes.kill();
    await clock.run(putBack(null));
  }
  // Whatever was on its way has landed by then.
  await clock.pass(120_000);
  const events = await journal.read(RUN);
  const after = await look();
  return { before, after, atEnd, world, points, restorePoints, events };
}

/** A journal in which nothing comes between the start of a hold and what somebody else does then. */
function disturbed(inner: Journal, { inHold }: Scenario, world: World): Journal {
  if (inHold === undefined) return inner;
  return {
    take: (run, claims) => inner.take(run, claims),
    read: (run, after) => inner.read(run, after),
    runs: () => inner.runs(),
    append: async (run, at, events) => {
      await inner.append(run, at, events);
      if (events.some(({ type }) => type === "hold.started")) await inHold(world);
    },
  };
}

/** `unplug restore --function orders --region … --yes`, which refuses where nothing carries our marker. */
async function restoreMarked(parts: Parts): Promise<void> {
  const access = environmentAccess(REGION);
  const signal = new AbortController().signal;
  const asked = { run: "by-hand", functionName: "orders", access, ids: [], force: true, signal };
  await restoreByHand(asked, parts).catch((error: unknown) => {
    if (!(error instanceof Refusal) || !error.message.includes("carries Unplug's marker")) throw error;
  });
}

/** What is wrong with a life, for people; empty when the world is as it was and nothing is open. */
function brokenBy(
  { before, after, atEnd, events }: Life,
  name: string,
  elsewhere = false,
): readonly string[] {
  // The run's own journal never learns of a restore elsewhere.
  const left = elsewhere ? 0 : openEdits(events).length;
  const was = JSON.stringify(before);
  return [
    ...(was === JSON.stringify(after) ? [] : [`${name}: the world differs`]),
    ...(atEnd === null || was === JSON.stringify(atEnd) ? [] : [`${name}: the run lived and left something`]),
    ...(left === 0 ? [] : [`${name}: ${left} edits are open`]),
  ];
}

/** Every mishap at every point of a run. */
function allPoints({ seen }: CrashPoints): readonly Point[] {
  return seen.flatMap((mishaps, index) => mishaps.map((mishap) => ({ index, mishap })));
}

/** A run that lives restores by itself; a death before a point is the one after the point before it. */
function deaths(points: CrashPoints): readonly Point[] {
  return allPoints(points).filter(({ mishap }) => mishap === "after");
}

/** For people: what went wrong, where. */
function pointText({ index, mishap }: Point, { labels }: CrashPoints): string {
  return `${mishap} at ${index} (${labels[index]})`;
}

export interface Sweep {
  readonly lives: number;
  readonly broken: readonly string[];
}

export interface SweepOptions extends LifeOptions {
  /** What to live at a point; default: a run in which the point's mishap happens. */
  readonly through?: (point: Point) => Promise<Life>;
  /** Ends the sweep early, at what it was looking for. */
  readonly enough?: (broken: string) => boolean;
}

/** As many lives as there are points and mishaps. */
export async function sweep(
  scenario: Scenario,
  points: CrashPoints,
  options: SweepOptions = {},
): Promise<Sweep> {
  const { through = (point: Point) => live(scenario, point, options), enough = () => false } = options;
  const broken: string[] = [];
  let lives = 0;
  for (const point of options.elsewhere ? deaths(points) : allPoints(points)) {
    lives += 1;
    const found = brokenBy(await through(point), pointText(point, points), options.elsewhere);
    broken.push(...found);
    if (found.some(enough)) break;
  }
  return { lives, broken };
}

/** Whoever restores elsewhere knows only of an image that a function has: one that is in none carries no marker. */
async function lookAt(world: World, { elsewhere = false }: { readonly elsewhere?: boolean }) {
  return await snapshot(world, { tags: !elsewhere }).catch(String);
}
