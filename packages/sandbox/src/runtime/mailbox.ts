/** A queue with one reader. */
export interface Mailbox<T> {
  put(item: T): void;
  /** The oldest item; waits for it at most `ms` milliseconds (null: for ever) and is then null. */
  take(ms: number | null): Promise<T | null>;
  clear(): void;
}

export function createMailbox<T>(): Mailbox<T> {
  const items: T[] = [];
  let wake: (() => void) | null = null;
  return {
    put(item) {
      items.push(item);
      wake?.();
    },
    async take(ms) {
      if (items.length === 0) {
        await new Promise<void>((resolve) => {
          const timer = ms === null ? null : setTimeout(resolve, ms);
          wake = () => {
            if (timer !== null) clearTimeout(timer);
            resolve();
          };
        });
        wake = null;
      }
      return items.shift() ?? null;
    },
    clear: () => {
      items.length = 0;
    },
  };
}
