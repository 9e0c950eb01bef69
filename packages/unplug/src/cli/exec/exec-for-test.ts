import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inject } from "vitest";

export interface ExecEnd {
  /** Exit code, or the signal that ended it. */
  readonly code: number | string;
  readonly out: Buffer;
  readonly err: string;
}

export interface RunningExec {
  readonly child: ChildProcess;
  /** Resolves once what it wrote, to either output, holds `text`; rejects when it ends before. */
  says(text: string): Promise<void>;
  readonly ended: Promise<ExecEnd>;
}

export interface ExecStart {
  readonly input?: Buffer;
  readonly env?: NodeJS.ProcessEnv;
  /** A file to be number 3 of its open files. */
  readonly third?: number;
  readonly nodeOptions?: readonly string[];
  /** Runs the source instead of the bundle: its modules have names. */
  readonly source?: boolean;
}

export const { bin } = inject("command");
const sourceBin = fileURLToPath(new URL("../../../bin/unplug.js", import.meta.url));

/** Starts `unplug exec ARGS` as a process of its own, in a session of its own: a terminal of ours is not its terminal. */
export function execLab() {
  const folder = mkdtempSync(join(tmpdir(), "unplug-exec-test-"));
  const children = new Set<ChildProcess>();
  const start = (
    args: readonly string[],
    { input, env, third, nodeOptions = [], source = false }: ExecStart = {},
  ): RunningExec => {
    const child = spawn(process.execPath, [...nodeOptions, source ? sourceBin : bin, "exec", ...args], {
      env: {
        PATH: process.env["PATH"],
        HOME: folder,
        TMPDIR: folder,
        XDG_CACHE_HOME: inject("command").cache,
        ...env,
      },
      detached: true,
      stdio: ["pipe", "pipe", "pipe", ...(third === undefined ? [] : [third])],
    });
    children.add(child);
    child.stdin?.on("error", () => undefined).end(input ?? "");
    return { child, ...reading(child) };
  };
  return {
    /** Temporary files of what is started lie here, too. */
    folder,
    start,
    run: (args: readonly string[], options?: ExecStart) => start(args, options).ended,
    close() {
      for (const child of children) killGroup(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function reading(child: ChildProcess): Pick<RunningExec, "says" | "ended"> {
  const out: Buffer[] = [];
  let err = "";
  child.stdout?.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (err += text));
  const ended = new Promise<ExecEnd>((resolve) => {
    child.once("close", (code, signal) =>
      resolve({ code: code ?? String(signal), out: Buffer.concat(out), err }),
    );
  });
  const says = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (err.includes(text) || Buffer.concat(out).includes(text)) resolve();
      };
      child.stdout?.on("data", look);
      child.stderr?.on("data", look);
      child.once("close", () =>
        reject(new Error(`It ended without saying "${text}":\n${String(Buffer.concat(out))}\n${err}`)),
      );
      look();
    });
  return { says, ended };
}

function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // All of it has ended.
  }
}
