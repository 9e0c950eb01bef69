import { readFileSync } from "node:fs";
import { relative } from "node:path";
import type { Reporter, TestModule } from "vitest/node";
import { root } from "./run-command.ts";

/** The longest file, with everything to build, takes half of it. */
const LIMIT_MS = 12 * 60_000;

/**
 * Ends a run in which a file neither ends nor fails: a test that blocks its whole process is beyond the reach of every
 * timeout within it. Says which file, and exits with 1; without it such a run would wait for ever.
 */
export default class HangReporter implements Reporter {
  readonly #limitMs: number;
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor({ limitMs = LIMIT_MS }: { readonly limitMs?: number } = {}) {
    this.#limitMs = limitMs;
  }

  onTestModuleQueued({ moduleId }: TestModule): void {
    const timer = setTimeout(() => {
      console.error(`HUNG: ${relative(root, moduleId)} has not ended after ${this.#limitMs / 1000} s`);
      killChildren();
      process.exit(1);
    }, this.#limitMs);
    this.#timers.set(moduleId, timer);
  }

  onTestModuleEnd({ moduleId }: TestModule): void {
    clearTimeout(this.#timers.get(moduleId));
  }
}

/** What is blocked sees neither a closed channel nor a gentle signal. */
function killChildren(): void {
  if (process.platform !== "linux") return;
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, "utf8").trim();
  for (const child of children.split(" ").filter((pid) => pid !== "")) process.kill(Number(child), "SIGKILL");
}
