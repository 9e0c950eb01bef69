import { readPushedImageId } from "../../carriers/image-names.ts";
import type { Recorded, RunHead } from "../../contract/journal.ts";

/** What this machine's journal says of the run that a marker names. */
export class KnownRuns {
  readonly #heads: ReadonlyMap<string, RunHead>;
  readonly #now: number;

  constructor(heads: readonly RunHead[], now: number) {
    this.#heads = new Map(heads.map((head) => [head.run, head]));
    this.#now = now;
  }

  /** `alive`: here, or perhaps on another machine, as its marker's time is not over. */
  stateOf(run: string, until: number | null): { readonly alive: boolean; readonly text: string } {
    const head = this.#heads.get(run);
    if (head?.alive === true) return { alive: true, text: `of run ${run}, which goes on` };
    if (head !== undefined) return { alive: false, text: `of run ${run}, which is over` };
    if (until !== null && until > this.#now) {
      const end = new Date(until).toISOString();
      return { alive: true, text: `of run ${run} of another machine, which may be alive until ${end}` };
    }
    return { alive: false, text: `of run ${run} of another machine` };
  }

  /** What finishes a run that this journal knows and that is not closed; null when there is nothing to finish. */
  restoreOf(run: string): string | null {
    const head = this.#heads.get(run);
    return head === undefined || head.closed || head.alive ? null : `unplug restore ${run}`;
  }
}

/** The buckets through which runs staged code, as far as the journal tells. */
export function stagingBuckets(events: readonly Recorded[], region: string): ReadonlySet<string> {
  return new Set(
    events.flatMap(({ event }) => {
      if (event.type !== "edit.intended" || event.value.ref.kind !== "staged-object") return [];
      const { id, place } = event.value.ref;
      const bucket = id.split(":").slice(7).join(":").split("/")[0] ?? "";
      return place.region === region && bucket !== "" ? [bucket] : [];
    }),
  );
}

/** The repositories to which runs pushed images, as far as the journal tells. */
export function imageRepositories(events: readonly Recorded[], region: string): ReadonlySet<string> {
  return new Set(
    events.flatMap(({ event }) => {
      if (event.type !== "edit.intended" || event.value.ref.kind !== "image") return [];
      const { id, place } = event.value.ref;
      const { repositoryUri } = readPushedImageId(id);
      return place.region === region && repositoryUri !== "" ? [repositoryUri] : [];
    }),
  );
}
