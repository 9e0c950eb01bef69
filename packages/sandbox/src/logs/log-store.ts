export interface LogEvent {
  /** Grows with each event of the cloud. */
  readonly sequence: number;
  readonly stream: string;
  /** ms since the epoch, as the writer said */
  readonly at: number;
  readonly ingestedAt: number;
  readonly message: string;
}

export interface LogStream {
  readonly name: string;
  readonly createdAt: number;
  firstAt: number | null;
  lastAt: number | null;
  lastIngestedAt: number | null;
}

export interface LogGroup {
  readonly name: string;
  readonly createdAt: number;
  readonly streams: Map<string, LogStream>;
  events: LogEvent[];
  /** Written so far, in characters. */
  bytes: number;
  /** Of the events that are kept, in characters. */
  heldBytes: number;
}

/** A log stream. */
export interface LogPlace {
  readonly region: string;
  readonly group: string;
  readonly stream: string;
}

export interface LogStore {
  /** Writes one line; makes the group and the stream when they are not there. */
  append(place: LogPlace, atMs: number, line: string): void;
  /** False when the group is there already. */
  create(region: string, group: string): boolean;
  find(region: string, group: string): LogGroup | undefined;
  groups(region: string): readonly LogGroup[];
}

const mostEvents = 50_000;
const mostHeldBytes = 67_108_864;
const longestLine = 1_048_576;

/** Drops the oldest tenth of a group that has grown too large, with the streams that end up without an event. */
function trim(group: LogGroup): void {
  while (group.events.length > mostEvents * 1.1 || group.heldBytes > mostHeldBytes) {
    const dropped = Math.ceil(group.events.length / 11);
    group.events = group.events.slice(dropped);
    group.heldBytes = group.events.reduce((sum, { message }) => sum + message.length, 0);
    const streams = new Set(group.events.map(({ stream }) => stream));
    for (const name of group.streams.keys()) if (!streams.has(name)) group.streams.delete(name);
  }
}

/** Keeps the newest events of each group: at least 50000 of them, unless they are longer than 64 MB together. */
export function createLogStore(now: () => number): LogStore {
  const regions = new Map<string, Map<string, LogGroup>>();
  let sequence = 0;
  const groupsOf = (region: string): Map<string, LogGroup> => {
    const groups = regions.get(region) ?? new Map<string, LogGroup>();
    regions.set(region, groups);
    return groups;
  };
  const make = (region: string, name: string): LogGroup => {
    const group: LogGroup = {
      name,
      createdAt: now(),
      streams: new Map(),
      events: [],
      bytes: 0,
      heldBytes: 0,
    };
    groupsOf(region).set(name, group);
    return group;
  };
  return {
    append: ({ region, group: groupName, stream: streamName }, atMs, line) => {
      const group = groupsOf(region).get(groupName) ?? make(region, groupName);
      const ingestedAt = now();
      const stream = group.streams.get(streamName) ?? {
        name: streamName,
        createdAt: ingestedAt,
        firstAt: null,
        lastAt: null,
        lastIngestedAt: null,
      };
      group.streams.set(streamName, stream);
      stream.firstAt ??= atMs;
      stream.lastAt = Math.max(stream.lastAt ?? atMs, atMs);
      stream.lastIngestedAt = ingestedAt;
      sequence += 1;
      const message = line.slice(0, longestLine);
      group.events.push({ sequence, stream: streamName, at: atMs, ingestedAt, message });
      group.bytes += message.length;
      group.heldBytes += message.length;
      trim(group);
    },
    create: (region, name) => {
      if (groupsOf(region).has(name)) return false;
      make(region, name);
      return true;
    },
    find: (region, name) => regions.get(region)?.get(name),
    groups: (region) => [...(regions.get(region)?.values() ?? [])].sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}
