import type { Clock } from "../../contract/clock.ts";

/** How a checkout ended for its customer; `unanswered`: it was not even run. */
type Outcome = "ok" | "failed" | "timed out" | "unanswered";

export interface Checkout {
  readonly order: string;
  /** Milliseconds since 1970. */
  readonly began: number;
  readonly ended: number;
  readonly outcome: Outcome;
  /** What the customer was told; empty where it went well. */
  readonly error: string;
}

/** The answer to one invocation of the shop's function. */
export interface Answer {
  /** Null: it went well. */
  readonly error: string | null;
  readonly timedOut: boolean;
}

export interface Customers {
  /** Checkouts that have ended, so far. */
  readonly checkouts: readonly Checkout[];
  /** Ends it when the checkouts that are under way have ended. */
  stop(): Promise<void>;
}

/** A customer's pause after each checkout. */
const PAUSE_MS = 200;

/** Each of so many customers checks out again and again, each time with a new order, and waits for the answer. */
export function letIn(
  count: number,
  { checkOut, clock }: { checkOut(order: string): Promise<Answer>; clock: Clock },
): Customers {
  const checkouts: Checkout[] = [];
  const ended = new AbortController();
  let orders = 0;
  const shopping = async () => {
    while (!ended.signal.aborted) {
      orders += 1;
      const order = `order-${String(orders).padStart(5, "0")}`;
      const began = clock.now();
      const told = await checkOut(order).then(outcomeOf, unanswered);
      checkouts.push({ order, began, ended: clock.now(), ...told });
      await clock.sleep(PAUSE_MS, ended.signal);
    }
  };
  const done = Promise.all(Array.from({ length: count }, shopping));
  return {
    checkouts,
    stop: async () => {
      ended.abort();
      await done;
    },
  };
}

function outcomeOf({ error, timedOut }: Answer): Pick<Checkout, "outcome" | "error"> {
  if (error === null) return { outcome: "ok", error: "" };
  return { outcome: timedOut ? "timed out" : "failed", error };
}

function unanswered(error: unknown): Pick<Checkout, "outcome" | "error"> {
  return { outcome: "unanswered", error: error instanceof Error ? error.message : String(error) };
}
