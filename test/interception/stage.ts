import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { namespaceOptions } from "../support/namespaces.ts";

/** A program to be run on the stage; `env` is all that it has of an environment. */
export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** How a program ended, and all that it said. */
export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  /** It had not ended within its limit and was killed. */
  readonly late: boolean;
}

/** A line from the stage's owner to its first process. */
export type Order =
  | (Command & { readonly type: "run"; readonly id: number; readonly limitMs: number })
  | { readonly type: "accepted"; readonly id: number };

/** A line from the stage's first process to its owner. */
export type Report =
  | { readonly ready: true }
  | { readonly id: number; readonly ended: Ended }
  | { readonly id: number; readonly accepted: Readonly<Record<string, number>> };

/**
 * A network of its own, in namespaces that end with their first process: names in a hosts file and at a real DNS server,
 * and servers on every address of network.ts. Its ports are its own, so that stages do not know of each other.
 */
export interface Stage {
  /** What was its folder; gone with it. */
  readonly folder: string;
  /** Runs a program there; it is killed after `limitMs`, with all that it has started. */
  run(command: Command, limitMs: number): Promise<Ended>;
  /** How many connections the servers have accepted, by `address:port` or `[address]:port`. */
  accepted(): Promise<Readonly<Record<string, number>>>;
  /** Ends every process of the stage. */
  close(): Promise<void>;
}

const INSIDE = fileURLToPath(new URL("inside-stage.ts", import.meta.url));
const UNSHARE = "unshare";

/** Rejects when the network cannot be made, with what the parts of it said. */
export async function openStage(): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), "unplug-stage-"));
  const child = spawn(UNSHARE, [...namespaceOptions, process.execPath, INSIDE, folder], {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin:/sbin` },
  });
  const talk = new Talk(child);
  const close = async () => {
    child.stdin.end();
    await talk.ended;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await talk.ready;
  } catch (error) {
    await close();
    throw error;
  }
  return {
    folder,
    close,
    async run(command, limitMs) {
      const report = await talk.ask({ type: "run", ...command, limitMs });
      if ("ended" in report) return report.ended;
      throw new Error(`The stage answered ${JSON.stringify(report)} to a program's run.`);
    },
    async accepted() {
      const report = await talk.ask({ type: "accepted" });
      if ("accepted" in report) return report.accepted;
      throw new Error(`The stage answered ${JSON.stringify(report)} to the question what was accepted.`);
    },
  };
}

type Waiting = { resolve: (report: Report) => void; reject: (error: Error) => void };
type WithoutId<T> = T extends unknown ? Omit<T, "id"> : never;

/** Orders and reports, a line each; a stage that ends lets nobody wait. */
class Talk {
  readonly ready: Promise<Report>;
  readonly ended: Promise<void>;
  readonly #waiting = new Map<number, Waiting>();
  readonly #child: ChildProcess;
  #next = 1;
  #said = "";
  #over = false;

  constructor(child: ChildProcess) {
    this.#child = child;
    this.ready = this.#wait(0);
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (this.#said += text));
    child.stdin?.on("error", (error) => (this.#said += `${error.message}\n`));
    if (child.stdout !== null) {
      createInterface({ input: child.stdout }).on("line", (line) => this.#take(JSON.parse(line)));
    }
    this.ended = new Promise((resolve) => {
      child.on("error", (error) => (this.#said += `unshare did not start: ${error.message}\n`));
      child.on("close", () => {
        this.#over = true;
        for (const { reject } of this.#waiting.values()) reject(this.#gone());
        resolve();
      });
    });
  }

  ask(order: WithoutId<Order>): Promise<Report> {
    const id = this.#next++;
    if (this.#over) return Promise.reject(this.#gone());
    this.#child.stdin?.write(`${JSON.stringify({ ...order, id })}\n`);
    return this.#wait(id);
  }

  #wait(id: number): Promise<Report> {
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  #take(report: Report): void {
    const id = "id" in report ? report.id : 0;
    this.#waiting.get(id)?.resolve(report);
    this.#waiting.delete(id);
  }

  #gone(): Error {
    return new Error(`The stage has ended; it said:\n${this.#said}`);
  }
}
