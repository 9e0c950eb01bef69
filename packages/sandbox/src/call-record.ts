/** One call as it was recorded. */
export interface RecordedCall {
  readonly id: number;
  /** ms since the epoch */
  readonly at: number;
  readonly action: string;
  readonly region: string;
  readonly accessKey: string | null;
  readonly userAgent: string | null;
  /** The input; long strings and bytes are cut. */
  readonly input: unknown;
  /** "ok", an error code, or "lost" when no answer was given; null while the call runs. */
  outcome: string | null;
}

/** The calls of this cloud, oldest first, the newest 20000 of them. */
export interface CallRecord {
  all(): readonly RecordedCall[];
  /** Calls of one action, e.g. "lambda:UpdateEventSourceMapping". */
  of(action: string): readonly RecordedCall[];
  clear(): void;
}

const keep = 20_000;
const longest = 4096;

/** A copy of an input that is fit to keep: bytes become their length, long strings are cut. */
export function cutInput(value: unknown): unknown {
  if (typeof value === "string") {
    if (value.length <= longest) return value;
    // Through bytes: what `slice` gives holds on to the whole string, and a deployment package may be 70 MB of it.
    return `${Buffer.from(value.slice(0, longest)).toString()}… (${value.length} characters)`;
  }
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) return `(${value.byteLength} bytes)`;
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(cutInput);
  const copy: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) copy[key] = cutInput(item);
  return copy;
}

export interface WritableCallRecord extends CallRecord {
  begin(call: Omit<RecordedCall, "id" | "outcome">): RecordedCall;
}

export function createCallRecord(): WritableCallRecord {
  let calls: RecordedCall[] = [];
  let last = 0;
  return {
    all: () => calls,
    of: (action) => calls.filter((call) => call.action === action),
    clear: () => {
      calls = [];
    },
    begin: (call) => {
      last += 1;
      const recorded: RecordedCall = { ...call, input: cutInput(call.input), id: last, outcome: null };
      calls.push(recorded);
      if (calls.length > keep + 1000) calls = calls.slice(-keep);
      return recorded;
    },
  };
}
