// fuzz.ts [SECONDS [SEED [NAME...]]]: hands every parser of what others made inputs that are made up: the interceptor's two in C from
// a committed corpus on, coverage-guided and with sanitizers, SECONDS each at the same time; then those in TypeScript, each in a
// process of its own, in SECONDS all together. With names, those alone. An input that breaks something is kept.
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { fuzzNative, nativeParsers } from "./fuzz/native.ts";
import { targets } from "./fuzz/targets.ts";
import { fuzzWatched, usualLimits } from "./fuzz/watched.ts";
import { root } from "./run-command.ts";
import { countsLine } from "./test-counts.ts";

/** At the same time: as many as the smallest machine has processors. */
const LANES = 2;
const kept = join(root, "node_modules/.cache/unplug-fuzz");
const [limit = "60", seed = String(1 + randomBytes(4).readUInt32LE()), ...names] = process.argv.slice(2);
const isWanted = (name: string) => names.length === 0 || names.includes(name);
const counts = { passed: 0, failed: 0, skipped: 0 };

const native = nativeParsers.filter(isWanted);
if (native.length > 0) {
  const found = await fuzzNative(native, { seconds: limit, seed, kept });
  if (found === null) counts[process.env["CI"] === "true" ? "failed" : "skipped"] += native.length;
  for (const wrong of found ?? []) {
    if (wrong !== "") console.log(wrong);
    counts[wrong === "" ? "passed" : "failed"]++;
  }
}
const wanted = targets.map(({ name }) => name).filter(isWanted);
const ms = Math.round((Number(limit) * 1000 * LANES) / wanted.length);
const next = wanted.values();
await Promise.all(Array.from({ length: LANES }, () => fuzzLane()));
console.log(countsLine(counts));
process.exitCode = counts.failed > 0 ? 1 : 0;

async function fuzzLane(): Promise<void> {
  for (const name of next) {
    const { told, problem } = await fuzzWatched(join(import.meta.dirname, "fuzz/targets.ts"), name, {
      ...usualLimits,
      seed,
      ms,
      kept,
    });
    const { runs, accepted, slowestMs } = told;
    console.log(`${name}: seed ${seed}, ${runs} runs, ${accepted} accepted, at most ${slowestMs} ms of CPU`);
    if (problem !== null) console.log(problem);
    counts[problem === null ? "passed" : "failed"]++;
  }
}
