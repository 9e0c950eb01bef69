import type { MappingConfiguration } from "../contract/aws-calls.ts";
import { type EventSource, eventSourceOf, isFifo, mappingTitle } from "./event-source.ts";
import type { TargetFunction } from "./target-function.ts";

/** A reserved concurrency up to this makes a drain notably slow. */
const LOW_CONCURRENCY = 5;

export interface MappingFacts {
  readonly mapping: MappingConfiguration;
  /** How long its source keeps what nobody reads; null: not known. */
  readonly retentionMs: number | null;
}

/** What to know before mappings are disabled; each a sentence with cause and, where there is one, remedy. */
export function toggleWarnings(
  facts: readonly MappingFacts[],
  target: TargetFunction,
  { holdMs, unmarked }: { readonly holdMs: number; readonly unmarked: string | null },
): readonly string[] {
  const sources = facts.map(({ mapping }) => ({ ...eventSourceOf(mapping), title: mappingTitle(mapping) }));
  const slow = [...new Set(facts.map(({ mapping }) => slowDrain(mapping, target)))].filter(
    (text) => text !== "",
  );
  return [
    ...shortHolds(sources, holdMs),
    ...facts.flatMap(({ mapping, retentionMs }) =>
      retentionMs !== null && isLong(holdMs, retentionMs)
        ? [
            `${mappingTitle(mapping)} keeps events for ${retentionMs / 1000} s only: what is older than that when the fault ends is lost.`,
          ]
        : [],
    ),
    ...sources.flatMap((source) =>
      isFifo(source)
        ? [
            `${source.title} is a FIFO queue: its backlog drains in order, one batch per message group at a time.`,
          ]
        : [],
    ),
    ...slow,
    ...(target.reservedConcurrency === 0
      ? [`${target.name} has a reserved concurrency of 0: nothing is delivered to it anyway.`]
      : []),
    ...(unmarked === null
      ? []
      : [
          `The mappings are not marked (${unmarked}): only this machine's journal, or the lines printed by hand, can restore, and no marker of another machine's run was looked for.`,
        ]),
  ];
}

/** Whether a hold is long beside what a source keeps: of that is warned, and from its whole length on it is refused. */
export function isLong(holdMs: number, retentionMs: number): boolean {
  return holdMs >= retentionMs / 2;
}

/** A hold that may be over before polling has really stopped, said once for all sources of a kind. */
function shortHolds(
  sources: readonly (EventSource & { title: string })[],
  holdMs: number,
): readonly string[] {
  const short = sources.filter(({ stopMs }) => holdMs < stopMs);
  return [...new Set(short.map(({ kind }) => kind))].map((kind) => {
    const mine = short.filter((source) => source.kind === kind);
    const stopMs = Math.max(...mine.map((source) => source.stopMs));
    return `${some(mine.map(({ title }) => title))}: AWS may go on polling for up to ${stopMs / 1000} s after Disabled, and the fault is held for ${holdMs / 1000} s. Take the pause in invocations as the truth, or hold longer.`;
  });
}

/** Cause and remedy of a slow drain; empty when nothing caps it. */
export function slowDrain(mapping: MappingConfiguration, target: TargetFunction): string {
  const caps = [target.reservedConcurrency, mapping.ScalingConfig?.MaximumConcurrency ?? null].filter(
    (cap) => cap !== null,
  );
  const cap = Math.min(...caps);
  if (caps.length === 0 || cap > LOW_CONCURRENCY) return "";
  return `${target.name} may run ${cap} at a time for this source, which caps how fast a backlog drains: raise its reserved concurrency for the time, or accept a longer drain.`;
}

/** A thousand titles tell nobody anything. */
function some(titles: readonly string[]): string {
  const shown = titles.slice(0, 3).join(", ");
  return titles.length <= 3 ? shown : `${shown} and ${titles.length - 3} more`;
}
