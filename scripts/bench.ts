// npm run bench [NAME ...]: measures, and holds every figure against the most that bench/targets.json lets it be.
import { readFileSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { join } from "node:path";
import { benches, onDemand } from "./benches.ts";
import type { Measured } from "./measured.ts";
import { root } from "./run-command.ts";

/** By bench and figure: the most that the figure may be. */
const targets: Readonly<Record<string, Readonly<Record<string, number>>>> = JSON.parse(
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
    .map((name) => `bench/targets.json has no targets for ${name}`),
];
if (strangers.length > 0) {
  console.error(strangers.join("\n"));
  process.exit(2);
}
const load = `${loadavg()[0]?.toFixed(1)} on ${availableParallelism()} processors`;
console.log(`load: ${load}; what else runs here makes nanoseconds longer`);
for (const [name, run] of Object.entries(benches)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  if (chosen.length === 0 && onDemand.has(name)) {
    console.log(`left out, since it takes minutes: npm run bench -- "${name}"`);
    continue;
  }
  console.log(`${name}:`);
  const measured = await run();
  for (const line of measured.says) console.log(`  ${line}`);
  for (const line of held(measured, targets[name] ?? {})) console.log(`  ${line}`);
}

/** A line for each figure and for each target; one that is not met, or that only one side knows, fails the whole. */
function held({ figures }: Measured, most: Readonly<Record<string, number>>): string[] {
  const names = new Set([...Object.keys(most), ...Object.keys(figures)]);
  return [...names].map((name) => {
    const figure = figures[name];
    const target = most[name];
    if (typeof figure === "string") return `not measured: ${name}: ${figure}`;
    const isMet = figure !== undefined && target !== undefined && figure <= target;
    if (!isMet) process.exitCode = 1;
    if (figure === undefined) return `MISSED ${name}: no such figure`;
    if (target === undefined) return `MISSED ${name}: no target in bench/targets.json`;
    return `${isMet ? "met" : "MISSED"} ${name}: ${short(figure)}, at most ${short(target)}`;
  });
}

function short(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: value < 10 ? 2 : 1 });
}
