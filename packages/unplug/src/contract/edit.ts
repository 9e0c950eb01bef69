import type { Json } from "./json.ts";
import type { Ref } from "./place.ts";

/** One intended write, complete before it is made: restore needs nothing else. Null: did not, or shall not, exist. */
export interface Edit<S extends Json = Json> {
  readonly ref: Ref;
  readonly before: S | null;
  readonly after: S | null;
  /** The run goes on without it when AWS does not permit it. */
  readonly optional?: true;
  /** Inert, shared and named by its content: it is not made twice, and no restore takes it out. */
  readonly stays?: true;
  /** Inert once what arms is out, and of use to this run alone: it stays where AWS does not permit to take it out, and that is said. */
  readonly mayStay?: true;
  /** It is the one that unplugs; all before it, for the same target, are inert. */
  readonly arms?: true;
}

/** What AWS chose and answered. */
export interface Made {
  readonly id: string;
  readonly revision: string | null;
  /** What came of it beside, which people should know of: a clause. */
  readonly told?: string;
}
