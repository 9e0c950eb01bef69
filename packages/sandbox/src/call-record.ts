import { actionMatches } from "./switches.ts";

/** One call as it was recorded. */
export interface RecordedCall {
  readonly id: number;
  /** ms since the epoch */
  readonly at: number;
  readonly action: string;
  readonly region: string;
  readonly accessKey: string | null;
  readonly userAgent: string | null;
  /** ARN of the caller's user or session; null when it was not come to that. */
  principal: string | null;
  /** What IAM is asked for it, the permission of the operation itself first; none for what needs none. */
  permissions: readonly { readonly action: string; readonly resource: string }[];
  /** The input; long strings and bytes are cut. */
  readonly input: unknown;
  /** "ok", an error code, or "lost" when no answer was given; null while the call runs. */
  outcome: string | null;
}

/** The calls of this cloud, oldest first: the newest 20,000, or fewer when their inputs are long. */
export interface CallRecord {
  all(): readonly RecordedCall[];
  /** Calls of one action, e.g. "lambda:UpdateEventSourceMapping", or of all that begin alike: "lambda:*". */
  of(action: string): readonly RecordedCall[];
  clear(): void;
}

const keep = 20_000;
/** Of the inputs that are kept, in characters. */
const keepLength = 33_554_432;
const longest = 4096;
/** Of one input, in characters; what comes after is left out. */
const longestInput = 65_536;

/** A copy of an input that is fit to keep: bytes become their length, long strings are cut. */
export function cutInput(value: unknown): unknown {
  return cut(value, { left: longestInput });
}

/** `room` shrinks by what is copied; what does not fit any more is left out. */
function cut(value: unknown, room: { left: number }): unknown {
  room.left -= 8;
  if (typeof value === "string") {
    const part = value.length <= longest ? value : `${copied(value)}… (${value.length} characters)`;
    room.left -= part.length;
    return part;
  }
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) return `(${value.byteLength} bytes)`;
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) {
    const items: unknown[] = [];
    for (const item of value) {
      if (room.left <= 0) return [...items, `… (${value.length} items)`];
      items.push(cut(item, room));
    }
    return items;
  }
  const copy: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    if (room.left <= 0) break;
    room.left -= key.length;
    copy[key] = cut(item, room);
  }
  return copy;
}

/** Through bytes: what `slice` gives holds on to the whole string, and a deployment package may be 70 MB of it. */
function copied(text: string): string {
  return Buffer.from(text.slice(0, longest)).toString();
}

export interface WritableCallRecord extends CallRecord {
  begin(call: Omit<RecordedCall, "id" | "outcome" | "principal" | "permissions">): RecordedCall;
}

export function createCallRecord(): WritableCallRecord {
  let kept: { readonly call: RecordedCall; readonly length: number }[] = [];
  let last = 0;
  let length = 0;
  const trim = (): void => {
    if (kept.length <= keep + 1000 && length <= keepLength) return;
    let first = Math.max(0, kept.length - keep);
    length = kept.slice(first).reduce((sum, one) => sum + one.length, 0);
    // A tenth more than needed, so that not every call has to look through all of them.
    for (; length > keepLength * 0.9; first++) length -= kept[first]?.length ?? 0;
    kept = kept.slice(first);
  };
  const all = (): RecordedCall[] => kept.map(({ call }) => call);
  return {
    all,
    of: (action) => all().filter((call) => actionMatches(action, call.action)),
    clear: () => {
      kept = [];
      length = 0;
    },
    begin: (call) => {
      last += 1;
      const room = { left: longestInput };
      const recorded: RecordedCall = {
        ...call,
        input: cut(call.input, room),
        id: last,
        outcome: null,
        principal: null,
        permissions: [],
      };
      kept.push({ call: recorded, length: longestInput - room.left });
      length += longestInput - room.left;
      trim();
      return recorded;
    },
  };
}
