/** What all processes under one configuration have counted. */
export interface Tally {
  /** Processes that read a valid configuration. */
  readonly armed: number;
  readonly blocked: number;
  /** Connects that matched a target and that the dice of `percentage` let through. */
  readonly spared: number;
  /** Connects to IPv4 and IPv6 addresses that matched nothing, UDP among them. */
  readonly other: number;
  /** Processes that had no use for their configuration: unreadable, or over. */
  readonly inert: number;
  /** Blocked connects by the number of the target; one number when everything is blocked. */
  readonly byTarget: readonly number[];
}

const magic = "UNPLUGT1";
const countersAt = 64;

/** The bytes of a tally file in which nothing has been counted; `targetCount` is 0 when everything is blocked. */
export function newTally(targetCount: number): Uint8Array {
  const bytes = new Uint8Array(sizeOf(targetCount));
  bytes.set(Buffer.from(magic));
  return bytes;
}

/** Reads a tally file. Throws when the bytes are no tally, or one of fewer targets. */
export function readTally(bytes: Uint8Array, targetCount: number): Tally {
  const size = sizeOf(targetCount);
  const found = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (found.length < size || found.toString("latin1", 0, magic.length) !== magic) {
    throw new Error(
      `These ${found.length} bytes are no tally of ${targetCount} targets: expected ${size} that begin with ${magic}. The program may have written to the file.`,
    );
  }
  const counter = (offset: number) => Number(found.readBigUInt64LE(offset));
  return {
    armed: counter(8),
    blocked: counter(16),
    spared: counter(24),
    other: counter(32),
    inert: counter(40),
    byTarget: Array.from({ length: Math.max(1, targetCount) }, (_, index) => counter(countersAt + 8 * index)),
  };
}

function sizeOf(targetCount: number): number {
  return countersAt + 8 * Math.max(1, targetCount);
}
