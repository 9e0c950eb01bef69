import type { Locks } from "../../packages/unplug/src/journal/os-locks.ts";

/** Locks as an operating system keeps them, for processes that are only pretended. */
export class PretendedProcesses implements Locks {
  readonly #holders = new Map<string, number>();
  #current = 1;

  /** The process that ran until now is dead, and its locks are free; a new one runs. */
  kill(): void {
    this.#current += 1;
  }

  take(name: string): boolean {
    const holder = this.#holders.get(name);
    if (holder !== undefined && holder > this.#current) return false;
    this.#holders.set(name, this.#current);
    return true;
  }

  isHeld(name: string): boolean {
    return this.#holders.get(name) === this.#current;
  }

  release(name: string): void {
    this.#holders.delete(name);
  }
}
