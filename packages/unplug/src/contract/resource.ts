import type * as z from "zod";
import type { Action } from "./aws.ts";
import type { Edit, Made } from "./edit.ts";
import type { Io } from "./io.ts";
import type { Json } from "./json.ts";
import type { Ref } from "./place.ts";

/** A thing as it was when AWS was asked. */
export interface Reading<S extends Json> {
  readonly ref: Ref;
  readonly found: true;
  /** Null: it does not exist, although what it belongs to does (no reserved concurrency, no tag of ours). */
  readonly state: S | null;
  /** What guards the next write; null where AWS compares nothing. */
  readonly revision: string | null;
  /** False while AWS is still changing it; `state` is then what it is changing to. */
  readonly settled: boolean;
  /** AWS's own word for it, for people. */
  readonly status: string;
  /** Why AWS gave up changing it: `state` is then not what is in force. Left out when it did not. */
  readonly failed?: string;
  /** What a write needs and no journal may hold (values of somebody's variables): never compared, kept or shown. */
  readonly held?: unknown;
}

/** AWS answered 404 for the thing itself or for what it belongs to. */
export interface Absence {
  readonly ref: Ref;
  readonly found: false;
}

export type Seen<S extends Json> = Reading<S> | Absence;

/** The only code that writes: one per kind of thing in AWS. */
export interface Resource<S extends Json> {
  readonly kind: string;
  /** For people: "event source mapping". */
  readonly title: string;
  /** Settable fields only: no dates, revisions, reasons. */
  readonly state: z.ZodType<S>;
  readonly actions: { readonly read: readonly Action[]; readonly write: readonly Action[] };
  /** AWS compares a revision on write: one guarded write then settles a write whose answer was lost. */
  readonly guarded: boolean;
  /** How often a hold looks whether the fault is still in. */
  readonly lookEveryMs: number;

  /** The ARN that an IAM policy names for an action on the thing. */
  arn(ref: Ref, action: Action): string;
  /** Reads all of `refs`, in any order, page by page, so that a writer can write what it has just seen. */
  read(refs: readonly Ref[], io: Io): AsyncIterable<readonly Seen<S>[]>;
  /** Sends only what differs from `seen`; resolves when AWS has accepted it, which is before it is settled. */
  write(ref: Ref, to: S | null, seen: Reading<S>, io: Io): Promise<Made>;
  /** `now` less what `edit` put in; equal to `now` when nothing of it is left. */
  without(now: S | null, edit: Edit<S>): S | null;
  /** Why `now`, with ours out, is not as before, where it is not that somebody changed the thing itself: a clause; else null. Reads only. */
  drifted?(edit: Edit<S>, now: S | null, io: Io): Promise<string | null>;
  /** What of this kind belongs to a function, for a restore without a journal. Reads only. */
  discover?(functionArn: string, io: Io): Promise<readonly Ref[]>;
  /** Our edits as their marker in AWS tells them, in the order in which they were made; none when nothing is marked. Reads only. */
  recognise?(ref: Ref, io: Io): Promise<readonly Edit[]>;
  /** Milliseconds since 1970: until then the run of a recognised edit may be alive on another machine; null when its marker does not say. */
  liveUntil?(edit: Edit): number | null;
  /**
   * Edits for what somebody made of the thing while `edit` was in it, and what carries our part still when `edit` is out: a
   * version that was published, code that was packed anew. Reads only; none where that is not permitted.
   */
  copies?(edit: Edit, io: Io): Promise<readonly Edit[]>;
  /** The edit that a human says was ours, without any marker; null when the thing does not look like it. */
  onWord?(ref: Ref, now: S | null): Edit<S> | null;
}

/** A resource whose state is checked at the door: what the engine holds, whatever the kind. */
export type AnyResource = Resource<Json>;

/** Hides the state's type behind its schema, so that one table holds every kind. */
export function defineResource<S extends Json>(resource: Resource<S>): AnyResource {
  const state = (value: Json | null): S | null => (value === null ? null : resource.state.parse(value));
  const edit = (value: Edit): Edit<S> => ({
    ...value,
    before: state(value.before),
    after: state(value.after),
  });
  const { drifted, onWord } = resource;
  return {
    ...resource,
    write: (ref, to, seen, io) => resource.write(ref, state(to), { ...seen, state: state(seen.state) }, io),
    without: (now, value) => resource.without(state(now), edit(value)),
    ...(drifted === undefined
      ? {}
      : { drifted: (value: Edit, now: Json | null, io: Io) => drifted(edit(value), state(now), io) }),
    ...(onWord === undefined ? {} : { onWord: (ref: Ref, now: Json | null) => onWord(ref, state(now)) }),
  };
}
