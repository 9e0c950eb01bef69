const few = 16;

/** What `work` answers for each item, in their order; no more than 16 are under way, so that a thousand fill no memory. */
export async function fewAtATime<Item, Answer>(
  items: readonly Item[],
  work: (item: Item) => Promise<Answer>,
): Promise<readonly Answer[]> {
  const answers = new Map<number, Answer>();
  const rest = items.entries();
  // They share one iterator: each takes the next item when it is done with its own.
  const worker = async () => {
    for (const [i, item] of rest) answers.set(i, await work(item));
  };
  await Promise.all(Array.from({ length: few }, worker));
  return [...answers].toSorted(([a], [b]) => a - b).map(([, answer]) => answer);
}
