import { eventFilter } from "./event-filter.ts";
import type { StreamMapping } from "./lambda/stream-mappings.ts";
import { type Poller, type PollerState, pause, runningPoller } from "./running-poller.ts";
import { type BatchPorts, processBatch } from "./stream-batch.ts";
import type { StreamEvent, StreamReader } from "./stream-reader.ts";

/** What pollers of streams need from the cloud. */
export interface StreamPorts extends Pick<BatchPorts, "invoke" | "result" | "now" | "newId"> {
  /** The stream of a mapping; null when it is not there any more. */
  readonly stream: (mapping: StreamMapping) => StreamReader | null;
  readonly discard: BatchPorts["discard"];
  /** A shard was read: how old the last record of the batch is, in ms; null where there was none. */
  readonly age: (mapping: StreamMapping, ageMs: number | null) => void;
  /** A batch could not be invoked; throttles are not told. */
  readonly problem: (mapping: StreamMapping, error: unknown) => void;
}

/** The position that comes next, by shard: what a mapping has read when it is stopped and started again. */
export type Checkpoints = Map<string, number>;

const lookEveryMs = 100;
const afterProblemMs = 1000;

interface State extends PollerState<StreamMapping> {
  readonly ports: StreamPorts;
  readonly checkpoints: Checkpoints;
}

/** Reads the shards of a stream side by side, each in order, and hands the records to one function. */
export function startStreamPoller(
  mapping: StreamMapping,
  checkpoints: Checkpoints,
  ports: StreamPorts,
): Poller<StreamMapping> {
  const state: State = { mapping, ports, checkpoints, stopped: new AbortController() };
  return runningPoller(state, poll);
}

async function poll(state: State): Promise<void> {
  const shards = state.ports.stream(state.mapping)?.shards ?? [];
  await Promise.all(shards.map((shardId) => pollShard(state, shardId)));
}

async function pollShard(state: State, shardId: string): Promise<void> {
  const { signal } = state.stopped;
  while (!signal.aborted) {
    const { mapping, ports } = state;
    try {
      const events = await collect(state, shardId);
      const end = events.at(-1);
      if (!signal.aborted) ports.age(mapping, end === undefined ? null : ports.now() - end.arrivalMs);
      if (end === undefined) {
        await pause(lookEveryMs, signal);
        continue;
      }
      const passes = eventFilter(mapping.filters);
      const wanted = events.filter(({ filtered }) => passes(filtered));
      if (wanted.length === 0 || (await processBatch(mapping, shardId, wanted, batchPorts(state)))) {
        state.checkpoints.set(shardId, end.position + 1);
      }
    } catch (error) {
      ports.problem(mapping, error);
      await pause(afterProblemMs, signal);
    }
  }
}

function batchPorts(state: State): BatchPorts {
  return {
    ...state.ports,
    pause: (ms) => pause(ms, state.stopped.signal),
    stopped: () => state.stopped.signal.aborted,
  };
}

/** The next batch of a shard; it is waited for as long as the batching window is open and the batch not full. */
async function collect(state: State, shardId: string): Promise<readonly StreamEvent[]> {
  const { mapping, ports, checkpoints } = state;
  const reader = ports.stream(mapping);
  if (reader === null) return [];
  const { startsAtMs } = mapping;
  const from = checkpoints.get(shardId) ?? (startsAtMs === null ? 0 : reader.positionAt(startsAtMs));
  checkpoints.set(shardId, from);
  const read = (): readonly StreamEvent[] => reader.read(shardId, from, mapping.batchSize);
  let events = read();
  const closesAt = ports.now() + mapping.windowSeconds * 1000;
  while (events.length > 0 && events.length < mapping.batchSize && !state.stopped.signal.aborted) {
    const left = closesAt - ports.now();
    if (left <= 0) break;
    await pause(Math.min(left, lookEveryMs), state.stopped.signal);
    events = read();
  }
  return state.stopped.signal.aborted ? [] : events;
}
