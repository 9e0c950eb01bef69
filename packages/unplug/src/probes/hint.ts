import type { ProbeIo } from "../contract/probe.ts";

/** Of the timeout: what only explains an answer must leave the answer its time. */
const MOST_SHARE = 1 / 3;

/**
 * What makes an answer clearer and may be left out: empty when it fails, or takes more than a third of the timeout, or more
 * than half of what is left of it.
 *
 * `began`: when the check did, in milliseconds since 1970. `ask` is given up by its signal, and left behind if it does not heed it.
 */
export async function hint(
  { clock, signal, timeoutMs }: Pick<ProbeIo, "clock" | "signal" | "timeoutMs">,
  began: number,
  ask: (signal: AbortSignal) => Promise<string>,
): Promise<string> {
  const left = Math.max(0, began + timeoutMs - clock.now());
  const [done, late] = [new AbortController(), new AbortController()];
  const answer = ask(AbortSignal.any([signal, late.signal])).catch(() => "");
  const wait = clock.sleep(
    Math.min(timeoutMs * MOST_SHARE, left / 2),
    AbortSignal.any([signal, done.signal]),
  );
  try {
    return await Promise.race([answer, wait.then(() => "")]);
  } finally {
    done.abort();
    late.abort();
  }
}
