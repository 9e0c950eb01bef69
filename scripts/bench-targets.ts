import { parseTarget, type Target, writeConfiguration } from "../packages/interceptor/src/index.ts";

/** What the interceptor is told in a bench. */
export interface Blocked {
  readonly targets: readonly string[];
  readonly known: readonly { readonly name: string; readonly address: string }[];
}

/** As a user would have it. */
export const fewTargets: Blocked = {
  targets: ["db.internal:5432", "*.example.com", "10.0.0.0/16"],
  known: [],
};

const ranges = [
  ...[8, 12, 16, 20, 24, 28].map((bits) => (i: number) => `${16 + (i % 64)}.${(i * 16) % 256}.0.0/${bits}`),
  ...[32, 48, 56, 64].map((bits) => (i: number) => `2a00:${i.toString(16)}::/${bits}`),
];

/** 200 each of names, suffixes, IPv4 addresses, IPv6 addresses and ranges of ten lengths; and 1,000 addresses of the names. */
export const manyTargets: Blocked = {
  targets: Array.from({ length: 200 }, (_, i) => [
    `h${i}.internal`,
    `*.s${i}.example.com`,
    `172.16.0.${i}`,
    `2001:db8::${(i + 1).toString(16)}`,
    ranges[i % ranges.length]?.(i) ?? "",
  ]).flat(),
  known: Array.from({ length: 1000 }, (_, i) => ({
    name: `h${i % 200}.internal`,
    address: `10.77.${Math.floor(i / 250)}.${(i % 250) + 1}`,
  })),
};

/** Ranges of each length that an IPv4 network may well have. */
export const manyLengths: Blocked = {
  targets: Array.from({ length: 25 }, (_, i) => `${16 + i}.0.0.0/${i + 8}`),
  known: [],
};

export function configurationOf({ targets, known }: Blocked, tallyPath: string | null): string {
  return writeConfiguration(
    {
      behavior: "refuse",
      timeoutMs: 3000,
      percentage: 100,
      seed: 0n,
      fromSeconds: null,
      untilSeconds: null,
      run: null,
      ifSet: null,
      unless: null,
      tallyPath,
      targets: targets.map(targetOf),
      known,
      exempt: [],
    },
    ";",
  );
}

/** Host bits are dropped from a range. */
function targetOf(text: string): Target {
  const parsed = parseTarget(text);
  if ("target" in parsed) return parsed.target;
  throw new Error(`${text}: ${parsed.problem}`);
}
