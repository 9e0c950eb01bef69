import {
  type Action,
  type Aws,
  AwsError,
  type InputOf,
  type OutputOf,
} from "../../packages/unplug/src/contract/aws.ts";
import type { Event, EventOf, EventType } from "../../packages/unplug/src/contract/events.ts";
import type { Journal, Recorded } from "../../packages/unplug/src/contract/journal.ts";
import type { Parts } from "../../packages/unplug/src/engine/parts.ts";
import { restoreRun } from "../../packages/unplug/src/engine/restore-run.ts";
import { type RunOptions, runExperiment } from "../../packages/unplug/src/engine/run.ts";
import { memoryJournal } from "../../packages/unplug/src/journal/memory-journal.ts";
import { PretendedProcesses } from "./processes.ts";
import { experiment, partsOf, type StepScenario } from "./scenario.ts";
import { VirtualClock } from "./virtual-clock.ts";
import { makeWorld, REGION, type World, type WorldOptions } from "./world.ts";

export interface StagedCall {
  readonly action: Action;
  readonly input: Readonly<Record<string, unknown>>;
  readonly at: number;
}

/** What a test makes happen around each call; `latency` in ms, waited for after the work was done. */
export interface Hooks {
  before?: (call: StagedCall) => void | Promise<void>;
  latency?: (call: StagedCall) => number;
  onEvent?: (event: Event, recorded: Recorded) => void;
  journal?: (inner: Journal) => Journal;
}

/** A world, a journal and processes in which runs are played through on a virtual clock. */
export class Stage {
  readonly world: World;
  readonly clock: VirtualClock;
  readonly journal: Journal;
  readonly processes = new PretendedProcesses();
  readonly calls: StagedCall[] = [];
  readonly controller = new AbortController();
  readonly hooks: Hooks;

  private constructor(world: World, clock: VirtualClock, hooks: Hooks) {
    this.world = world;
    this.clock = clock;
    this.hooks = hooks;
    this.journal = memoryJournal(this.processes, clock);
  }

  static async of(hooks: Hooks = {}, options: WorldOptions = { mappings: 2 }): Promise<Stage> {
    const clock = new VirtualClock();
    return new Stage(await makeWorld(clock, options), clock, hooks);
  }

  get aws(): Aws {
    return { call: (action, input, signal) => this.#call(action, input, signal) };
  }

  get parts(): Parts {
    const journal = this.hooks.journal?.(this.journal) ?? this.journal;
    return partsOf(this.aws, journal, this.world, (recorded) =>
      this.hooks.onEvent?.(recorded.event, recorded),
    );
  }

  /** One whole run. */
  async run(
    steps: StepScenario | readonly StepScenario[],
    options: Partial<RunOptions> & { parts?: Parts } = {},
  ): Promise<readonly Recorded[]> {
    const given = { run: "r-1", signal: this.controller.signal, ...options };
    const all = "fault" in steps ? [steps] : steps;
    return this.#finish(runExperiment(experiment(...all), given, options.parts ?? this.parts));
  }

  async restore(run = "r-1", parts = this.parts): Promise<readonly Recorded[]> {
    return this.#finish(restoreRun(run, parts));
  }

  /** Something that AWS does for somebody else. */
  cloud(action: string, input: Readonly<Record<string, unknown>>): Promise<unknown> {
    return this.world.cloud.call(action, input, { region: REGION });
  }

  writes(action: Action): readonly StagedCall[] {
    return this.calls.filter((call) => call.action === action);
  }

  async #finish<T>(work: Promise<T>): Promise<T> {
    await this.clock.run(work);
    return work;
  }

  async #call<A extends Action>(action: A, input: InputOf<A>, signal?: AbortSignal): Promise<OutputOf<A>> {
    if (signal?.aborted)
      throw new AwsError(action, {
        code: "Aborted",
        status: null,
        outcome: "unsent",
        message: "the run is ending",
      });
    const call: StagedCall = { action, input: { ...input }, at: this.clock.now() };
    this.calls.push(call);
    await this.hooks.before?.(call);
    const answer = await this.world.aws.call(action, input);
    await this.clock.sleep(this.hooks.latency?.(call) ?? 0);
    return answer;
  }
}

export function eventsOf<T extends EventType>(events: readonly Recorded[], type: T): readonly EventOf<T>[] {
  return events.flatMap(({ event }) => (isOf(event, type) ? [event] : []));
}

/** When each event of a type was written. */
export function timesOf(events: readonly Recorded[], type: EventType): readonly number[] {
  return events.flatMap(({ at, event }) => (event.type === type ? [at] : []));
}

export function typesOf(events: readonly Recorded[]): readonly EventType[] {
  return events.map(({ event }) => event.type);
}

function isOf<T extends EventType>(event: Event, type: T): event is EventOf<T> {
  return event.type === type;
}

/** The toggle of every mapping of the world's function, 30 s long. */
export function toggleStep(more: StepScenario["tunables"] = {}): StepScenario {
  const common = {
    FUNCTION_NAME: "orders",
    REGION,
    EVENT_UUIDS: "all",
    TOTAL_CHAOS_DURATION: 30,
    DRAIN_TIMEOUT: 0,
  };
  return { fault: "lambda-toggle-event-mapping-state", tunables: { ...common, ...more } };
}

export function memoryStep(more: StepScenario["tunables"] = {}): StepScenario {
  const common = { FUNCTION_NAME: "orders", REGION, MEMORY_IN_MEGABYTES: 256, TOTAL_CHAOS_DURATION: 30 };
  return { fault: "lambda-update-function-memory", tunables: { ...common, ...more } };
}
