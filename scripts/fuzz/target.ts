/** One parser of what others made. */
export interface FuzzTarget {
  readonly name: string;
  /** Real inputs, of which others are made. */
  samples(): Promise<readonly Uint8Array[]> | readonly Uint8Array[];
  /** Words that mean something to it. */
  readonly words?: readonly string[];
  /** The longest input; a MiB unless given. */
  readonly mostBytes?: number;
  /** Makes whole again what every change breaks: used for each second input. */
  mend?(input: Buffer): Buffer;
  /** Reads one input. What it throws must be what `refuses` knows, and what it accepts must be sane: else it throws a Complaint. */
  read(input: Buffer): unknown;
  /** Whether this is how it says that an input is none; left out where it never throws. */
  refuses?(error: unknown): boolean;
}

/** What is accepted, and should not have been, or not so. */
class Complaint extends Error {}

/** Throws a Complaint unless it holds. */
export function holds(condition: boolean, what: string): void {
  if (!condition) throw new Complaint(what);
}
