import type { Behavior } from "../../packages/interceptor/src/index.ts";
import type { Need } from "../support/needs.ts";
import type { Program } from "./program.ts";

/** A row of the support matrix: a way to connect, and what it makes of a blocked connection. */
export interface Client {
  readonly name: string;
  /** The way to connect, as its own people write it. */
  readonly way: string;
  /** The first argument of the client. */
  readonly how: string;
  readonly libc: "glibc" | "musl" | "none";
  readonly architecture: "x86_64" | "arm64";
  readonly needs: readonly Need[];
  readonly program: () => Promise<Program>;
  /** What it reports, by behavior; null for a client that the interceptor does not reach. */
  readonly outcomes: Readonly<Record<Behavior, string>> | null;
  /** What the classifier says of its file. */
  readonly looksReachable: boolean;
  /** It has an event loop, and reports how that went on. */
  readonly loop: boolean;
  /** It knows IPv6. */
  readonly six: boolean;
  /** It needs the processor for seconds before it connects. */
  readonly isSlow: boolean;
}

/** The rows of one program: what they share, and how they differ. */
export interface Ways {
  readonly of: Omit<Client, "how" | "way" | "outcomes" | "looksReachable" | "loop" | "six" | "isSlow">;
  /** how, way; then what it reports for refuse, timeout, and hang with a limit of its own. */
  readonly ways: readonly (readonly [string, string, string, string, string])[];
  /** The hows of those that have an event loop. */
  readonly loops?: readonly string[];
  /** The hows of those that know IPv4 alone. */
  readonly onlyFour?: readonly string[];
  readonly isSlow?: boolean;
}

export function clientsOf({ of, ways, loops = [], onlyFour = [], isSlow = false }: Ways): readonly Client[] {
  return ways.map(([how, way, refuse, timeout, hang]) => ({
    ...of,
    how,
    way,
    outcomes: { refuse, timeout, hang },
    looksReachable: true,
    isSlow,
    loop: loops.includes(how),
    six: !onlyFour.includes(how),
  }));
}
