import type { Environment } from "../load/variables.ts";

/** Where a command's text goes: a terminal, a pipe, or what a test collects. */
export interface Stream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number | undefined;
}

/** What surrounds a command. The real one is made in main.ts. */
export interface Shell {
  readonly env: Environment;
  readonly stdout: Stream;
  readonly stderr: Stream;
  /** Everything on standard input; of what is larger than any experiment, its beginning. */
  readonly readInput: () => Promise<string>;
}
