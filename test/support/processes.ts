import type { Locks } from "../../packages/unplug/src/journal/os-locks.ts";

/** Locks as an operating system keeps them, for processes that are only pretended. */
export class PretendedProcesses implements Locks {
  readonly #holders = new Map<string, number>();
  #alive = new Set([1]);
  #current = 1;

  /** The process that ran until now is dead, and its locks are free; a new one runs. */
  kill(): void {
    this.#alive.delete(this.#current);
    this.start();
  }

  /** What follows is done by a new process; the one before it lives on. */
  start(): void {
    this.#current += 1;
    this.#alive.add(this.#current);
  }

  take(name: string): boolean {
    const holder = this.#holders.get(name);
    if (holder !== undefined && holder !== this.#current && this.#alive.has(holder)) return false;
    this.#holders.set(name, this.#current);
    return true;
  }

  isHeld(name: string): boolean {
    const holder = this.#holders.get(name);
    return holder !== undefined && this.#alive.has(holder);
  }

  release(name: string): void {
    this.#holders.delete(name);
  }
}
