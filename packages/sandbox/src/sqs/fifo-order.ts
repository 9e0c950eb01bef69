import type { Message } from "./queue.ts";

interface Group {
  readonly messages: Set<Message>;
  /** Since when it can be received, in ms: groups that wait longer come first. */
  since: number;
  /** Decides between groups of the same time. */
  turn: number;
}

/** Where a group stands among the others. */
export interface SavedGroup {
  readonly name: string;
  readonly since: number;
  readonly turn: number;
}

/** The message groups of a FIFO queue. */
export interface FifoOrder {
  add(message: Message): void;
  /** The group goes to the end: it can be received again at this time (ms), when nothing else of it is hidden. */
  freeAt(message: Message, at: number): void;
  remove(message: Message, now: number): void;
  clear(): void;
  /** When each group is due, for `restore` to bring back after all messages were added again. */
  save(): readonly SavedGroup[];
  restore(saved: readonly SavedGroup[]): void;
  /**
   * What can be received now: group by group, within a group in the order in which it came and up to the first message that
   * is hidden.
   */
  visible(now: number): Iterable<Message>;
}

function groupName(message: Message): string {
  return message.system["MessageGroupId"] ?? "";
}

export function createFifoOrder(): FifoOrder {
  const groups = new Map<string, Group>();
  let turns = 0;
  const move = (group: Group, since: number): void => {
    turns += 1;
    group.since = since;
    group.turn = turns;
  };
  return {
    add: (message) => {
      const name = groupName(message);
      const known = groups.get(name);
      if (known !== undefined) {
        known.messages.add(message);
        return;
      }
      const group = { messages: new Set([message]), since: 0, turn: 0 };
      move(group, message.sentAt);
      groups.set(name, group);
    },
    freeAt: (message, at) => {
      const group = groups.get(groupName(message));
      if (group !== undefined) move(group, at);
    },
    remove: (message, now) => {
      const group = groups.get(groupName(message));
      if (group === undefined || !group.messages.delete(message)) return;
      if (group.messages.size === 0) groups.delete(groupName(message));
      else if (message.receiveCount > 0) move(group, now);
    },
    clear: () => groups.clear(),
    save: () => [...groups].map(([name, { since, turn }]) => ({ name, since, turn })),
    restore: (saved) => {
      for (const { name, since, turn } of saved) {
        Object.assign(groups.get(name) ?? {}, { since, turn });
        turns = Math.max(turns, turn);
      }
    },
    *visible(now) {
      const inTurn = [...groups.values()].sort((a, b) => a.since - b.since || a.turn - b.turn);
      for (const { messages } of inTurn) {
        // A copy: whoever takes a message may also move it away.
        for (const message of Array.from(messages)) {
          if (message.visibleAt > now) break;
          yield message;
        }
      }
    },
  };
}
