// npm run bench [NAME ...]: times two ways against each other, pair by pair, and holds the ratio against bench/targets.json.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Bench, benches } from "./benches.ts";
import { root } from "./run-command.ts";

interface Target {
  /** The most that the median of the pairs' ratios (ours / reference) may be. */
  readonly ratio: number;
}

const targets: Readonly<Record<string, Target>> = JSON.parse(
  readFileSync(join(root, "bench/targets.json"), "utf8"),
);
const chosen = process.argv.slice(2);
const strangers = [
  ...chosen.filter((name) => !(name in benches)).map((name) => `no such bench: ${name}`),
  ...Object.keys(targets)
    .filter((name) => !(name in benches))
    .map((name) => `bench/targets.json: no such bench: ${name}`),
  ...Object.keys(benches)
    .filter((name) => !(name in targets))
    .map((name) => `bench/targets.json has no target for ${name}`),
];
if (strangers.length > 0) {
  console.error(strangers.join("\n"));
  process.exit(2);
}
for (const [name, bench] of Object.entries(benches)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  const { ours, reference, ratio } = await measure(bench);
  const target = targets[name]?.ratio ?? 0;
  const isMet = ratio <= target;
  const verdict = isMet ? "met" : "MISSED";
  console.log(
    `${name}: ${ours.toFixed(1)} ms against ${reference.toFixed(1)} ms (${bench.against}), ` +
      `ratio ${ratio.toFixed(2)}, target ${target.toFixed(2)} ${verdict} (medians of ${bench.pairs} pairs)`,
  );
  if (!isMet) process.exitCode = 1;
}

/** Both ways in turn, so that what else the machine does hits both; the first pair only warms up. */
async function measure(bench: Bench): Promise<{ ours: number; reference: number; ratio: number }> {
  const pair = await bench.prepare();
  const pairs: { ours: number; reference: number }[] = [];
  try {
    for (let index = -1; index < bench.pairs; index++) {
      const measured = { reference: await time(pair.reference), ours: await time(pair.ours) };
      if (index >= 0) pairs.push(measured);
    }
  } finally {
    await pair.close?.();
  }
  return {
    ours: median(pairs.map(({ ours }) => ours)),
    reference: median(pairs.map(({ reference }) => reference)),
    ratio: median(pairs.map(({ ours, reference }) => ours / reference)),
  };
}

async function time(run: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await run();
  return performance.now() - started;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle) - 1] ?? 0)) / 2;
}
