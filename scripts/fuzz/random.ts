/** Numbers that depend on the seed alone. */
export interface Random {
  /** 0 to `limit` - 1. */
  below(limit: number): number;
  /** True once in so many times. */
  once(of: number): boolean;
  pick<T>(all: readonly [T, ...T[]]): T;
}

/** Source: mulberry32; good enough to choose what is broken. */
export function randomOf(seed: string): Random {
  let state = hashOf(seed);
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const below = (limit: number) => next() % Math.max(1, limit);
  return {
    below,
    once: (of) => below(of) === 0,
    pick: (all) => all[below(all.length)] ?? all[0],
  };
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash;
}
