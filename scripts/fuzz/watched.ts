import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Told } from "./child.ts";

/** How long one target is fuzzed, and what is too much for one input. */
export interface FuzzLimits {
  readonly seed: string;
  readonly ms: number;
  /** Of CPU; where the system does not say how much that is, the wall's clock counts with `stillMs` alone. */
  readonly cpuMs: number;
  /** An input that is not done with after so long, whatever it does, is one that hangs. */
  readonly stillMs: number;
  readonly memoryBytes: number;
  /** A folder for the inputs that break something. */
  readonly kept: string;
}

export const usualLimits = { cpuMs: 2_000, stillMs: 30_000, memoryBytes: 1_610_612_736 } as const;

export interface Fuzzed {
  readonly told: Omit<Told, "problem">;
  /** For people, with the seed and where the input is; null when nothing is wrong. */
  readonly problem: string | null;
}

/** Nobody is asked sooner: it has its parser to load and its samples to make. */
const START_MS = 120_000;
const LOOK_MS = 200;

/** Fuzzes a target in a process of its own, and ends that where it no longer ends by itself. */
export async function fuzzWatched(targets: string, name: string, limits: FuzzLimits): Promise<Fuzzed> {
  const folder = mkdtempSync(join(tmpdir(), "unplug-fuzz-"));
  const state = join(folder, "state");
  const args = [
    join(import.meta.dirname, "child.ts"),
    targets,
    name,
    limits.seed,
    limits.ms,
    state,
    limits.cpuMs,
  ];
  const child = spawn(process.execPath, ["--max-old-space-size=768", ...args.map(String)], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, TMPDIR: folder },
  });
  const said: Buffer[] = [];
  const complained: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => said.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => complained.push(chunk));
  const watch = watchOver(child.pid ?? 0, state, limits);
  let ended: string | null = null;
  const timer = setInterval(() => {
    ended ??= watch();
    if (ended !== null) child.kill("SIGKILL");
  }, LOOK_MS);
  try {
    const code = await new Promise<string>((resolve) => {
      child.on("error", ({ message }) => resolve(message));
      child.on("close", (exitCode, signal) => resolve(String(signal ?? exitCode)));
    });
    const told = toldIn(Buffer.concat(said).toString());
    const crashed = `it ended with ${code}: ${Buffer.concat(complained).toString().slice(-3_000)}`;
    const problem = ended ?? (told === null ? crashed : told.problem);
    return {
      told: told ?? { runs: (readState(state)?.run ?? 0) + 1, accepted: 0, slowestMs: 0 },
      problem: problem === null ? null : `${name}: ${problem}\n${keep(state, name, limits)}`,
    };
  } finally {
    clearInterval(timer);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Says at each look why the process has to be ended; null while it need not. */
function watchOver(
  pid: number,
  state: string,
  { cpuMs, stillMs, memoryBytes }: FuzzLimits,
): () => string | null {
  let seen = { run: -1, at: performance.now(), cpu: 0 };
  return () => {
    const now = performance.now();
    const run = readState(state)?.run ?? -1;
    const used = usage(pid);
    if (run !== seen.run) seen = { run, at: now, cpu: used?.cpuMs ?? 0 };
    const stillFor = now - seen.at;
    if (run < 0) return stillFor > START_MS ? `it has read nothing after ${START_MS / 1000} s` : null;
    if (used !== null && used.bytes > memoryBytes) return `it holds ${used.bytes} bytes of memory`;
    if (stillFor > stillMs) return `it does not end: nothing after ${Math.round(stillFor)} ms`;
    // The process' own measure is the finer one: whatever ends is left to it.
    const spent = used === null ? 0 : used.cpuMs - seen.cpu;
    return spent > cpuMs * 2 ? `it does not end: ${Math.round(spent)} ms of CPU for one input` : null;
  };
}

function keep(state: string, name: string, { seed, kept }: FuzzLimits): string {
  const found = readState(state);
  if (found === null) return `(seed ${seed}; before the first input)`;
  mkdirSync(kept, { recursive: true });
  const path = join(kept, `${name}-${seed}-${found.run}`);
  writeFileSync(path, found.input);
  return `(seed ${seed}, input ${found.run} of ${found.input.length} bytes, kept as ${path})`;
}

function readState(path: string): { readonly run: number; readonly input: Buffer } | null {
  const bytes = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
  return bytes.length < 8 ? null : { run: bytes.readDoubleLE(0), input: bytes.subarray(8) };
}

function toldIn(output: string): Told | null {
  const line = output.trimEnd().split("\n").at(-1) ?? "";
  return line.startsWith('{"runs":') ? JSON.parse(line) : null;
}

/** Null where the system does not say, or the process is gone. Source: proc(5); the clock's ticks are 10 ms, pages 4 KiB or more. */
function usage(pid: number): { readonly cpuMs: number; readonly bytes: number } | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
    return { cpuMs: (Number(fields[11]) + Number(fields[12])) * 10, bytes: Number(fields[21]) * 4096 };
  } catch {
    return null;
  }
}
