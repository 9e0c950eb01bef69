import { actionFacts } from "../../packages/unplug/src/contract/actions.ts";
import type { Action, Aws, InputOf, OutputOf } from "../../packages/unplug/src/contract/aws.ts";
import type { Clock } from "../../packages/unplug/src/contract/clock.ts";

/** An AWS that answers reads as of `lagMs` ago, as far as the same was read before. */
export function staleReads(inner: Aws, clock: Clock, lagMs: number): Aws {
  /** The reads that were made, so that they can be made again just before each write. */
  const reads = new Map<string, () => Promise<unknown>>();
  const writes: { readonly at: number; readonly before: ReadonlyMap<string, unknown> }[] = [];
  return {
    async call<A extends Action>(action: A, input: InputOf<A>, signal?: AbortSignal): Promise<OutputOf<A>> {
      if (lagMs === 0) return inner.call(action, input, signal);
      if (actionFacts[action].write) {
        const at = clock.now();
        const before = new Map<string, unknown>();
        for (const [key, again] of reads) before.set(key, await again().catch(() => undefined));
        writes.push({ at, before });
        return inner.call(action, input, signal);
      }
      const key = `${action} ${JSON.stringify(input)}`;
      const pending = writes.find(({ at }) => at > clock.now() - lagMs);
      const known = pending?.before.get(key);
      if (known !== undefined) return known as OutputOf<A>;
      const answer = await inner.call(action, input, signal);
      reads.set(key, () => inner.call(action, input));
      return answer;
    },
  };
}
