/** What the first message with an id was told. */
export interface SentBefore {
  readonly messageId: string;
  readonly sequenceNumber: string;
}

export interface Remembered extends SentBefore {
  /** ms since the epoch */
  readonly until: number;
}

/** Remembers the deduplication ids of a FIFO queue for five minutes. */
export interface Deduplication {
  find(key: string, now: number): SentBefore | undefined;
  add(key: string, sent: SentBefore, now: number): void;
  /** A purge forgets them all. */
  clear(): void;
}

const rememberedMs = 300_000;

/** `sent` by id, in the order in which they were sent. */
export function createDeduplication(sent: Map<string, Remembered>): Deduplication {
  return {
    find: (key, now) => {
      // In the order in which they were sent, so also in the order in which they end.
      for (const [old, { until }] of sent) {
        if (until > now) break;
        sent.delete(old);
      }
      return sent.get(key);
    },
    add: (key, { messageId, sequenceNumber }, now) => {
      sent.set(key, { messageId, sequenceNumber, until: now + rememberedMs });
    },
    clear: () => sent.clear(),
  };
}
