/** What the first message with an id was told. */
export interface SentBefore {
  readonly messageId: string;
  readonly sequenceNumber: string;
}

/** Remembers the deduplication ids of a FIFO queue for five minutes. */
export interface Deduplication {
  find(key: string, now: number): SentBefore | undefined;
  add(key: string, sent: SentBefore, now: number): void;
  /** A purge forgets them all. */
  clear(): void;
}

const rememberedMs = 300_000;

export function createDeduplication(): Deduplication {
  const sent = new Map<string, SentBefore & { readonly until: number }>();
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
