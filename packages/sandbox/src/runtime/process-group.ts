import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import { launchCommand } from "./launch-command.ts";
import type { LaunchPlan } from "./launch-plan.ts";

/** How a process ended: a status, or the signal that ended it, or neither when it could not be started. */
export interface ProcessEnd {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Why it could not be started; null when it ran. */
  readonly failure: string | null;
}

export interface ProcessGroupOptions {
  readonly plan: LaunchPlan;
  readonly environment: Readonly<Record<string, string>>;
  output(bytes: Buffer): void;
  /** Called once, after the last output. */
  ended(end: ProcessEnd): void;
}

/** A process and all its descendants, which end together. */
export interface ProcessGroup {
  /** Also the id of the process group. */
  readonly pid: number | null;
  /** Peak resident memory of the leader in MB; null when the system does not tell. */
  peakMemoryMb(): Promise<number | null>;
  /** Kills all of them with SIGKILL and waits until none is left. */
  kill(): Promise<void>;
}

/**
 * Starts a command as leader of its own process group, under a watcher that kills the group when this process is gone.
 * The watcher is a subshell of `launch.sh` (about 1 ms; a supervisor in Node.js would take about 45 ms).
 * A process that leaves the group is found by its inherited environment on Linux; one that leaves the group AND
 * empties its environment, or leaves the group on another system, is out of reach.
 */
export function startProcessGroup(options: ProcessGroupOptions): ProcessGroup {
  const [loader, env] = parted(options.environment, (name) => name.startsWith("LD_"));
  const [program = "", ...args] = launchCommand({ ...options.plan, loader });
  const child = spawn(program, args, {
    cwd: options.plan.folder,
    env,
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  const pid = child.pid ?? null;
  const mark = `AWS_LAMBDA_LOG_STREAM_NAME=${options.environment.AWS_LAMBDA_LOG_STREAM_NAME ?? ""}`;
  child.stdin.on("error", () => undefined);
  child.stdout.on("data", options.output);
  child.stderr.on("data", options.output);
  const gone = whenEnded(child, pid, mark).then((end) => {
    child.stdin.destroy();
    options.ended(end);
  });
  return {
    pid,
    peakMemoryMb: () => peakMemoryMb(pid),
    async kill() {
      if (pid !== null && child.exitCode === null && child.signalCode === null) signalGroup(pid);
      await gone;
    },
  };
}

type Variables = Readonly<Record<string, string>>;

function parted(variables: Variables, belongs: (name: string) => boolean): readonly [Variables, Variables] {
  const of = (wanted: boolean): Variables =>
    Object.fromEntries(Object.entries(variables).filter(([name]) => belongs(name) === wanted));
  return [of(true), of(false)];
}

async function whenEnded(child: ChildProcess, pid: number | null, mark: string): Promise<ProcessEnd> {
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const end = await new Promise<ProcessEnd>((resolve) => {
    child.once("exit", (status, signal) => {
      // At once: the watcher still holds the group, so its number cannot have been given to anybody else.
      if (pid !== null) signalGroup(pid);
      resolve({ status, signal, failure: null });
    });
    child.once("error", (error) => {
      if (pid === null) resolve({ status: null, signal: null, failure: error.message });
    });
  });
  if (pid === null) return end;
  await killStrays(mark);
  await groupGone(pid);
  const patience = new AbortController();
  await Promise.race([closed, wait(1000, undefined, { signal: patience.signal }).catch(() => undefined)]);
  patience.abort();
  return end;
}

function signalGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Nobody of the group is left.
  }
}

async function groupGone(pid: number): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    try {
      process.kill(-pid, 0);
    } catch {
      return;
    }
    if (await onlyZombies(pid)) return;
    signalGroup(pid);
    await wait(10);
  }
}

async function processes(): Promise<readonly string[]> {
  if (!existsSync("/proc/self/environ")) return [];
  return (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
}

/** Whether a process runs no more, or, where a group is given, no more in this group. */
async function hasEnded(pid: string, group: string | null): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, "latin1").catch(() => "");
  const [state, , pgrp] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return stat === "" || state === "Z" || state === "X" || (group !== null && pgrp !== group);
}

async function onlyZombies(group: number): Promise<boolean> {
  if (!existsSync("/proc/self/stat")) return false;
  for (const pid of await processes()) if (!(await hasEnded(pid, String(group)))) return false;
  return true;
}

async function killStrays(mark: string): Promise<void> {
  const killed = new Set<string>();
  for (let passes = 0, found = true; found && passes < 100; passes++) {
    if (passes > 0) await wait(5);
    found = false;
    for (const pid of await processes()) {
      const variables = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "");
      if (!variables.split("\0").includes(mark)) continue;
      try {
        process.kill(Number(pid), "SIGKILL");
        killed.add(pid);
        found = true;
      } catch {
        // It ended meanwhile.
      }
    }
  }
  // The last one takes its mounts with it, and has lost its variables before.
  for (const pid of killed) {
    for (let tries = 0; tries < 200 && !(await hasEnded(pid, null)); tries++) await wait(5);
  }
}

async function peakMemoryMb(pid: number | null): Promise<number | null> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return peak === undefined ? null : Math.ceil(Number(peak) / 1024);
}
