/** Where a target lives; a restore works in this very place and in no other. */
export interface Place {
  /** Twelve digits. */
  readonly account: string;
  readonly region: string;
  /** Base URL that replaced AWS's own endpoints; null for AWS itself. */
  readonly endpoint: string | null;
}

/** One thing in AWS that can be read and written. */
export interface Ref {
  /** The `kind` of the resource that reads and writes it. */
  readonly kind: string;
  /** Full ARN or UUID: never a name that somebody else could reuse. */
  readonly id: string;
  /** The ARN of what lists it (a mapping's function), so that many are read by page; null when it is read alone. */
  readonly within: string | null;
  readonly place: Place;
}

/** The same text for the same thing, in every process. */
export function refKey(ref: Ref): string {
  return [placeKey(ref.place), ref.kind, ref.id].join("|");
}

const OF_FUNCTION = /^arn:[^:]+:lambda:[^:]*:[^:]*:function:([^:]+)(?::([^?]*))?/;

/** How people read a thing that has no title: what is behind a function's ARN is its own name, and behind a `?` nobody's. */
export function refText({ kind, id }: Pick<Ref, "kind" | "id">): string {
  const [, name, own = ""] = OF_FUNCTION.exec(id) ?? [];
  if (name === undefined) return `${kind} ${id}`;
  return `${kind}${own === "" ? "" : ` ${own}`} of function ${name}`;
}

export function placeKey(place: Place): string {
  return [place.account, place.region, place.endpoint ?? "aws"].join("|");
}

/** How people read a place. */
export function placeText(place: Place): string {
  return `account ${place.account}, region ${place.region}${place.endpoint === null ? "" : `, endpoint ${place.endpoint}`}`;
}
