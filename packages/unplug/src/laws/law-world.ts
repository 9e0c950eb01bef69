import type { Json } from "../contract/json.ts";
import type { Ref } from "../contract/place.ts";
import type { Parts } from "../engine/parts.ts";

/** A change that somebody else makes to a thing behind our back. */
export interface ForeignWrite {
  /** For people: "a colleague sets the batch size". */
  readonly title: string;
  readonly kind: string;
  /** It sets a field that the fault sets too. */
  readonly touchesOurs: boolean;
  make(ref: Ref, world: LawWorld): Promise<void>;
}

/** A place with everything that a fault's `example` names, in which nothing else happens. Fresh for each trial. */
export interface LawWorld {
  /** With a journal that holds nothing yet. */
  readonly parts: Parts;
  /** A region, for the example's common tunables. */
  readonly region: string;
  /** Lets time pass, real or not, until the work is done. */
  settle<T>(work: Promise<T>): Promise<T>;
}

export interface LawBench {
  makeWorld(): Promise<LawWorld>;
  readonly foreignWrites: readonly ForeignWrite[];
}

/** A fault or a resource does not hold a law; the message says which, where and what was found. */
export class LawBroken extends Error {
  constructor(law: string, found: string) {
    super(`Law broken: ${law}: ${found}`);
    this.name = "LawBroken";
  }
}

export function hold(law: string, holds: boolean, found: () => string): void {
  if (!holds) throw new LawBroken(law, found());
}

export function show(value: Json | undefined): string {
  return JSON.stringify(value) ?? "nothing";
}
