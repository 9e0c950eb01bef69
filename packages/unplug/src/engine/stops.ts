import { exceeds } from "../contract/judge-probe.ts";
import type { Check } from "../contract/probe.ts";
import type { Abort } from "./abort.ts";
import type { ReadyProbe } from "./check-probe.ts";

/** A stop condition that cannot be read so often in a row protects nobody. */
const BLIND_AFTER = 3;

interface Tally {
  all: number;
  bad: number;
  /** In a row, up to now. */
  blind: number;
}

/** Ends the run where a stop condition, or a probe with stopOnFailure, says that it must not go on. */
export class Stops {
  readonly #abort: Abort;
  readonly #tallies = new Map<string, Tally>();

  constructor(abort: Abort) {
    this.#abort = abort;
  }

  look({ key, role, spec }: ReadyProbe, { result, text }: Check): void {
    if (role !== "stop" && !spec.run.stopOnFailure) return;
    const tally = this.#tallies.get(key) ?? { all: 0, bad: 0, blind: 0 };
    this.#tallies.set(key, tally);
    tally.all += 1;
    if (result === "failed") tally.bad += 1;
    tally.blind = result === "errored" || result === "missing" ? tally.blind + 1 : 0;
    const stop = (why: string) => {
      const word = role === "stop" ? "stop condition" : "probe";
      const by = `${word} ${JSON.stringify(spec.name)}: ${why}`;
      void this.#abort.end({ by, signal: null, leave: false });
    };
    const { tolerate } = spec.run;
    if (result === "failed" && exceeds(tally.bad, tally.all, spec) && tally.bad >= leastBad(tolerate))
      stop(text ?? "it failed");
    if (role === "stop" && tally.blind >= BLIND_AFTER)
      stop(`it could not be read ${BLIND_AFTER} times in a row (${text ?? ""})`);
  }
}

/** One of the first few may fail without being too many of all that will come. */
function leastBad(tolerate: number): number {
  return tolerate === 0 ? 1 : 2;
}
