import type { Connection } from "../contract/connection.ts";
import type { Edit, Made } from "../contract/edit.ts";
import type { Event } from "../contract/events.ts";
import type { AnyFault, Target } from "../contract/fault.ts";
import type { Io } from "../contract/io.ts";
import { equalJson, type Json } from "../contract/json.ts";
import { type Ref, refKey } from "../contract/place.ts";
import { openEdits } from "../engine/open-edits.ts";
import { type ResourceTable, readAll, resourceFor, resourceTable, withStates } from "../engine/readings.ts";
import { restore } from "../engine/restore.ts";
import { RunLog } from "../engine/run-log.ts";
import { accessOf, parseTunables } from "../engine/tunables.ts";
import { declaredBy, onlyDeclared } from "./declared-aws.ts";
import { hold, type LawWorld, show } from "./law-world.ts";

const RUN = "law";
const HOLD_MS = 30_000;
const TIMEOUT_MS = 300_000;

/** How the last edit of a prefix went: answered, made without an answer, or never made and without an answer. */
export type LastAnswer = "made" | "lost" | "never-made";

/** One fault's example in a fresh world, edit by edit, and the way back. */
export class Trial {
  readonly fault: AnyFault;
  readonly world: LawWorld;
  readonly targets: readonly Target[];
  readonly own: Record<string, unknown>;
  readonly connection: Connection;
  /** What was called that may not be. */
  readonly offences: string[];
  readonly #table: ResourceTable;
  readonly #log: RunLog;
  readonly #io: Io;
  /** The key of the target that each edit was pulled for. */
  readonly #owners = new WeakMap<Edit, string>();
  #edits = 0;

  private constructor(
    fault: AnyFault,
    world: LawWorld,
    found: Pick<Trial, "targets" | "own" | "connection" | "offences">,
  ) {
    this.fault = fault;
    this.world = world;
    this.targets = found.targets;
    this.own = found.own;
    this.connection = found.connection;
    this.offences = found.offences;
    this.#table = resourceTable(world.parts.resources);
    this.#log = new RunLog(RUN, world.parts);
    const aws = onlyDeclared(found.connection.aws, declaredBy(fault, world.parts.resources), {
      writes: true,
      offences: found.offences,
    });
    this.#io = ioWith(aws, found.connection, world);
  }

  /** Finds the targets of the example, by reads only. */
  static async of(fault: AnyFault, world: LawWorld): Promise<Trial> {
    const example = { ...fault.example, REGION: world.region };
    const values = Object.entries(example).map(([name, value]) => ({
      name,
      value: value as string | number | boolean,
      source: "argument" as const,
    }));
    const { own, common } = parseTunables(fault, values);
    await world.parts.journal.take(RUN, []);
    const connection = await world.parts.connect(accessOf(common), RUN, new AbortController().signal);
    const offences: string[] = [];
    const declared = declaredBy(fault, world.parts.resources);
    const io = ioWith(onlyDeclared(connection.aws, declared, { writes: false, offences }), connection, world);
    const { targets: found } = await world.settle(fault.targets(own, io, { holdMs: HOLD_MS }));
    const targets = await withStates(found, resourceTable(world.parts.resources), io);
    return new Trial(fault, world, { targets, own, connection, offences });
  }

  get events(): readonly Event[] {
    return this.#log.events.map(({ event }) => event);
  }

  /** All edits of all targets in the order of a run: the first of each target, then the second of each. */
  async plannedEdits(): Promise<readonly Edit[]> {
    const lanes = await Promise.all(this.targets.map((target) => this.#collect(target)));
    const depth = Math.max(0, ...lanes.map((lane) => lane.length));
    return Array.from({ length: depth }, (_, i) => lanes.flatMap((lane) => lane.slice(i, i + 1))).flat();
  }

  #changes(target: Target): ReturnType<AnyFault["change"]> {
    const until = this.world.parts.clock.now() + 3_600_000;
    return this.fault.change(target, this.own, { run: RUN, until });
  }

  async #collect(target: Target): Promise<readonly Edit[]> {
    const changes = this.#changes(target);
    const edits: Edit[] = [];
    let made: Made | null = null;
    for (let next = await changes.next(null); next.done !== true; next = await changes.next(made)) {
      edits.push(next.value);
      this.#owners.set(next.value, refKey(target.ref));
      made = { id: next.value.ref.id, revision: null };
    }
    return edits;
  }

  /**
   * Pulls so many edits in the order of a run and makes each with the answers of those before it, the last as `last` says;
   * gives them when AWS has settled.
   */
  async make(count: number, last: LastAnswer): Promise<readonly Edit[]> {
    const lanes = this.targets.map((target) => ({
      key: refKey(target.ref),
      changes: this.#changes(target),
      made: null as Made | null,
    }));
    const edits: Edit[] = [];
    for (let open = lanes; open.length > 0; ) {
      const going: typeof lanes = [];
      for (const lane of open) {
        if (edits.length === count) return edits;
        const next = await lane.changes.next(lane.made);
        if (next.done === true) continue;
        edits.push(next.value);
        this.#owners.set(next.value, lane.key);
        lane.made = await this.#makeOne(next.value, edits.length === count ? last : "made");
        going.push(lane);
      }
      open = going;
    }
    return edits;
  }

  async #makeOne(value: Edit, answer: LastAnswer): Promise<Made | null> {
    const edit = ++this.#edits;
    const target = this.targetOf(value);
    const intent = { type: "edit.intended", edit, step: RUN, iteration: 1, target, value } as const;
    await this.#log.note({ ...intent, arms: value.arms === true });
    if (answer === "never-made") return null;
    const resource = resourceFor(this.#table, value.ref.kind);
    const [seen] = await readAll([value.ref], this.#table, this.#io);
    if (seen?.found !== true) throw new Error(`${value.ref.kind} ${value.ref.id} is not there.`);
    hold(
      "an edit's `before` is what is there",
      equalJson(seen.state, value.before),
      () => `${value.ref.kind} is ${show(seen.state)}, \`before\` says ${show(value.before)}`,
    );
    const made = await resource.write(value.ref, value.after, seen, this.#io);
    if (answer === "made") await this.#log.note({ type: "edit.made", edit, made });
    await this.settled([value.ref]);
    return made;
  }

  targetOf(edit: Edit): string {
    return this.#owners.get(edit) ?? refKey(edit.ref);
  }

  /** Whatever this run may have left, out again, by the engine's own restore. */
  async restore(): Promise<void> {
    await this.#restore(openEdits(this.#log.events));
  }

  /** Once more, from the whole journal, as if it had not been restored. */
  async restoreAgain(): Promise<void> {
    const made = this.#log.events.filter(({ event }) => event.type.startsWith("edit."));
    await this.#restore(openEdits(made));
  }

  async #restore(open: ReturnType<typeof openEdits>): Promise<void> {
    const { clock } = this.world.parts;
    await this.world.settle(
      restore(open, {
        log: this.#log,
        table: this.#table,
        clock,
        ioFor: () => Promise.resolve(this.#io),
        timeoutMs: TIMEOUT_MS,
      }),
    );
  }

  async stateOf(ref: Ref): Promise<Json | null | undefined> {
    const [seen] = await readAll([ref], this.#table, this.#io);
    return seen?.found === true ? seen.state : undefined;
  }

  /** Waits until AWS has done what it accepted. */
  async settled(refs: readonly Ref[]): Promise<void> {
    for (;;) {
      const seen = await readAll(refs, this.#table, this.#io);
      if (seen.every((one) => !one.found || one.settled)) return;
      await this.world.settle(this.world.parts.clock.sleep(500));
    }
  }
}

function ioWith(aws: Io["aws"], { place }: Connection, world: LawWorld): Io {
  return { aws, place, clock: world.parts.clock, salt: RUN, signal: new AbortController().signal };
}
