import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { inject } from "vitest";
import type { Event, EventOf, EventType } from "../../packages/unplug/src/contract/events.ts";

/** How a process ended: by itself, or by a signal that it did not catch. */
export interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process of ours, what it has said until now, and the events that it prints as ndjson on stdout. */
export class UnplugProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<End>;
  readonly events: Event[] = [];
  stdout = "";
  stderr = "";
  #rest = "";
  #end: End | null = null;
  #watchers = new Set<() => void>();

  /** `through` is a command that starts the command that follows it, in the same process. */
  constructor(
    file: string,
    args: readonly string[],
    env: NodeJS.ProcessEnv,
    { cwd = process.cwd(), through = [] }: { cwd?: string; through?: readonly string[] } = {},
  ) {
    const [program = "", ...rest] = [...through, process.execPath, file, ...args];
    this.child = spawn(program, rest, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    this.child.stdout?.setEncoding("utf8").on("data", (text: string) => this.#read(text));
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
      this.#wake();
    });
    this.ended = once(this.child, "close").then(([code, signal]): End => {
      this.#end = { code, signal };
      this.#wake();
      return this.#end;
    });
  }

  static unplug(args: readonly string[], env: NodeJS.ProcessEnv): UnplugProcess {
    const { bin, cache } = inject("command");
    return new UnplugProcess(bin, args, { XDG_CACHE_HOME: cache, ...env });
  }

  /** The first event of this type that `fits`; rejects when the process ends without it. */
  event<T extends EventType>(
    type: T,
    fits: (event: EventOf<T>) => boolean = () => true,
  ): Promise<EventOf<T>> {
    const is = (event: Event): event is EventOf<T> => event.type === type;
    return this.until(type, () => this.events.filter(is).find(fits));
  }

  /** What `find` finds in what the process has said; rejects when it ends without it. */
  async until<T>(what: string, find: () => T | undefined): Promise<T> {
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      if (this.#end !== null) throw new Error(`It ended without ${what}.\n${this.said}`);
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.#watchers.delete(wake);
          resolve();
        };
        this.#watchers.add(wake);
      });
    }
  }

  /** The run's id, as people are told it. */
  run(): Promise<string> {
    return this.until("a run's id", () => /\br-\d{8}-\d{4}-\w{4}\b/.exec(this.said)?.[0]);
  }

  of<T extends EventType>(type: T): readonly EventOf<T>[] {
    return this.events.filter((event): event is EventOf<T> => event.type === type);
  }

  get said(): string {
    return `${this.stderr}\n${this.stdout}`;
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  #read(text: string): void {
    this.stdout += text;
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) {
      const event = eventIn(line);
      if (event !== null) this.events.push(event);
    }
    this.#wake();
  }

  #wake(): void {
    for (const watcher of this.#watchers) watcher();
  }
}

/** Null for a line that is for people. */
function eventIn(line: string): Event | null {
  if (!line.startsWith("{")) return null;
  try {
    return JSON.parse(line).event ?? null;
  } catch {
    return null;
  }
}
