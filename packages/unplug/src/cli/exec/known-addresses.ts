import { isAlwaysAllowed, parseTarget, type Target } from "@unplug/interceptor";
import { bytesOf } from "./block-targets.ts";

/** An address of a target's name. */
export interface KnownAddress {
  readonly name: string;
  readonly address: string;
}

/** All addresses of a name; rejects when it has none. */
export type LookUp = (name: string) => Promise<readonly string[]>;

/** Node.js asks for two names at a time, and those asked for cannot be called back. */
const AT_A_TIME = 4;

/** The interceptor's table holds 4096, of which the program's own look-ups need some. */
const MOST_ADDRESSES = 2048;

/** Of the 262,144 bytes of a configuration, for the targets and these. */
const MOST_BYTES = 255_000;

/**
 * Resolves the targets that are names, so that the program cannot go round them by knowing an address already.
 *
 * Ends when `over` is aborted, with what is known by then. Names without an address are left out.
 */
export async function knownAddresses(
  targets: readonly Target[],
  lookUp: LookUp,
  over: AbortSignal,
): Promise<readonly KnownAddress[]> {
  const left = [...new Set(targets.filter(({ kind }) => kind === "name").map(({ host }) => host))];
  const known: KnownAddress[] = [];
  const work = async () => {
    for (let name = left.shift(); name !== undefined && !over.aborted; name = left.shift()) {
      const addresses = await lookUp(name).catch(() => []);
      // A zone (fe80::1%eth0) is nothing that the interceptor could compare.
      const plain = addresses.filter((address) => !address.includes("%"));
      for (const address of new Set(plain)) known.push({ name, address });
    }
  };
  const all = Promise.all(Array.from({ length: Math.min(AT_A_TIME, left.length) }, work));
  await Promise.race([all, aborted(over)]);
  // A copy: what comes in later comes too late.
  return fitting(known, MOST_BYTES - bytesOf(targets));
}

function fitting(known: readonly KnownAddress[], bytes: number): readonly KnownAddress[] {
  let left = bytes;
  return known.slice(0, MOST_ADDRESSES).filter(({ name, address }) => {
    left -= "known= ;".length + name.length + address.length;
    return left >= 0;
  });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** The targets' names for which no address is known. */
export function unresolvedNames(
  targets: readonly Target[],
  known: readonly KnownAddress[],
): readonly string[] {
  const resolved = new Set(known.map(({ name }) => name));
  const names = targets.filter(({ kind }) => kind === "name").map(({ host }) => host);
  return [...new Set(names)].filter((name) => !resolved.has(name));
}

/** The names that lead only to addresses which are always let through, as loopback is. */
export function unblockableNames(known: readonly KnownAddress[]): readonly string[] {
  const names = new Set(known.map(({ name }) => name));
  for (const { name, address } of known) if (!isPassed(address)) names.delete(name);
  return [...names];
}

function isPassed(address: string): boolean {
  const parsed = parseTarget(address);
  return "target" in parsed && isAlwaysAllowed(parsed.target);
}
