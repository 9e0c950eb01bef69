// child.ts TARGETS NAME SEED MS STATE CPU_MS: reads inputs one after the other, and writes each into the file STATE before it does.
// Ends with a line of JSON, Told.
import { ftruncateSync, openSync, writeSync } from "node:fs";
import { resolve } from "node:path";
import { mutated } from "./mutated.ts";
import type { FuzzTarget } from "./target.ts";

/** How it went. */
export interface Told {
  readonly runs: number;
  /** Of them, what was read without a complaint. */
  readonly accepted: number;
  /** Of CPU, for the slowest input. */
  readonly slowestMs: number;
  /** What is wrong with the last of the inputs; null: nothing. */
  readonly problem: string | null;
}

/** So many are made, however slow the machine is. */
const LEAST = 10;

const [from = "", name = "", seed = "", ms = "", state = "", cpuMs = ""] = process.argv.slice(2);
const { targets }: { readonly targets: readonly FuzzTarget[] } = await import(resolve(from));
const target = targets.find((one) => one.name === name);
if (target === undefined) throw new Error(`There is no target ${name} in ${from}.`);
const told = await fuzz(target);
process.stdout.write(`${JSON.stringify(told)}\n`);
// What it left open is no matter of ours.
process.exit(0);

async function fuzz(target: FuzzTarget): Promise<Told> {
  const samples = await target.samples();
  if (samples.length === 0) throw new Error(`${name} has no samples.`);
  const keep = keeper(state);
  const counts = { runs: 0, accepted: 0, slowestMs: 0 };
  const end = performance.now() + Number(ms);
  for (let run = 0; run < samples.length + LEAST || performance.now() < end; run += 1) {
    // First as they are: a sample that is refused tests nothing.
    const isSample = run < samples.length;
    const sample = Buffer.from(samples[run] ?? []);
    const made = isSample ? sample : mutated(samples, `${seed}/${name}/${run}`, target);
    const input = isSample || run % 2 === 0 ? made : (target.mend?.(made) ?? made);
    keep(run, input);
    const begun = process.cpuUsage();
    const found = await problemOf(target, input, isSample);
    const { user, system } = process.cpuUsage(begun);
    const spentMs = Math.round((user + system) / 1000);
    counts.runs += 1;
    counts.slowestMs = Math.max(counts.slowestMs, spentMs);
    if (found === null) counts.accepted += 1;
    const problem = spentMs > Number(cpuMs) ? `it took ${spentMs} ms of CPU` : found;
    if (problem !== null && problem !== "") return { ...counts, problem };
  }
  return { ...counts, problem: null };
}

/** The number of the run in eight bytes, and the input behind it. */
function keeper(path: string): (run: number, input: Buffer) => void {
  const file = openSync(path, "w");
  const number = Buffer.alloc(8);
  let longest = 0;
  return (run, input) => {
    if (input.length < longest) ftruncateSync(file, 8 + input.length);
    longest = input.length;
    writeSync(file, input, 0, input.length, 8);
    number.writeDoubleLE(run);
    writeSync(file, number, 0, 8, 0);
  };
}

/** Null: accepted; empty: refused as it says; else what is wrong. */
async function problemOf(target: FuzzTarget, input: Buffer, isSample: boolean): Promise<string | null> {
  try {
    await target.read(input);
    return null;
  } catch (error) {
    if (target.refuses?.(error) !== true)
      return error instanceof Error ? (error.stack ?? error.message) : String(error);
    return isSample ? `a sample is refused: ${String(error)}` : "";
  }
}
