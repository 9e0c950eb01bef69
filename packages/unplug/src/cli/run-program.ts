import { type ChildProcess, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { systemClock } from "../contract/clock.ts";
import type { CommandAnswer } from "../contract/probe.ts";
import { Refusal } from "../contract/refusal.ts";

/** More of a command's output is no measure, and is read and thrown away. */
const MOST_OUTPUT = 1024 * 1024;
/** So long the rest of the output may take once all of the group is dead; who has left the group may hold the pipe open. */
const REST_MS = 200;

/**
 * Ends the process group that a first line names as soon as its standard input ends, unless a second line came before. dash
 * takes only this form of kill.
 */
const WATCHER = 'read -r group && { read -r line || kill -s KILL -- "-$group"; }';

/**
 * Runs a program to its end, with nothing on its standard input.
 *
 * It leads a process group of its own, all of which ends with it, with the signal, and, by a watcher, with this very process,
 * however that ends. Throws Refusal when the program cannot be started; rejects when the signal ended it.
 */
export async function runProgram(
  [program = "", ...args]: readonly string[],
  {
    env,
    signal,
  }: { readonly env: Readonly<Record<string, string | undefined>>; readonly signal: AbortSignal },
): Promise<CommandAnswer> {
  signal.throwIfAborted();
  // First, so that between the start of the program and its watch there is no more than a line.
  const watcher = watch();
  const child = spawn(program, args, { env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const { pid } = child;
  if (pid === undefined) watcher.stdin?.end();
  else watcher.stdin?.write(`${pid}\n`);
  const ended = whenEnded(child, program);
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  if (pid === undefined) return await ended;
  const kill = () => killGroup(pid);
  signal.addEventListener("abort", kill, { once: true });
  const [stdout, stderr] = [firstText(child.stdout), firstText(child.stderr)];
  try {
    const end = await ended;
    await rest(child, closed);
    signal.throwIfAborted();
    return { ...end, stdout: stdout(), stderr: stderr() };
  } finally {
    signal.removeEventListener("abort", kill);
    watcher.stdin?.end("over\n");
  }
}

/** Resolves when the program itself has ended, and its group with it. */
function whenEnded(child: ChildProcess, program: string): Promise<CommandAnswer> {
  return new Promise((resolve, reject) => {
    child.once("error", (error) => reject(unstarted(error, program)));
    child.once("exit", (exitCode, signal) => {
      // At once: the number may be somebody else's later.
      if (child.pid !== undefined) killGroup(child.pid);
      resolve({ exitCode, signal, stdout: "", stderr: "" });
    });
  });
}

function unstarted(error: Error, program: string): Error {
  const code = "code" in error ? error.code : null;
  if (code === "ENOENT")
    return new Refusal(`There is no program ${program}.`, [], "Install it, or name it by its path.");
  if (code === "EACCES")
    return new Refusal(`${program} may not be executed.`, [], `Make it executable: chmod +x ${program}`);
  return new Refusal(`${program} could not be started: ${error.message}`);
}

/** What has been printed up to now, as far as it is kept. */
function firstText(stream: Readable | null): () => string {
  const chunks: Buffer[] = [];
  let length = 0;
  stream?.on("data", (chunk: Buffer) => {
    if (length < MOST_OUTPUT) chunks.push(chunk);
    length += chunk.length;
  });
  return () => Buffer.concat(chunks).subarray(0, MOST_OUTPUT).toString("utf8");
}

async function rest({ stdout, stderr }: ChildProcess, closed: Promise<void>): Promise<void> {
  const enough = new AbortController();
  await Promise.race([closed, systemClock.sleep(REST_MS, enough.signal)]);
  enough.abort();
  stdout?.destroy();
  stderr?.destroy();
}

function watch(): ChildProcess {
  const watcher = spawn("/bin/sh", ["-c", WATCHER], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  // Without it all goes on as well, as long as this process does.
  watcher.on("error", () => undefined);
  watcher.stdin?.on("error", () => undefined);
  return watcher;
}

function killGroup(group: number): void {
  try {
    process.kill(-group, "SIGKILL");
  } catch {
    // Nobody of it is left.
  }
}
