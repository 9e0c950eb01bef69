import type { FoundTarget, Target } from "../contract/fault.ts";
import type { Io } from "../contract/io.ts";
import type { Json } from "../contract/json.ts";
import { placeKey, type Ref, refKey } from "../contract/place.ts";
import { Refusal } from "../contract/refusal.ts";
import type { AnyResource, Seen } from "../contract/resource.ts";

export type ResourceTable = ReadonlyMap<string, AnyResource>;

export function resourceTable(resources: readonly AnyResource[]): ResourceTable {
  return new Map(resources.map((resource) => [resource.kind, resource]));
}

/** Throws when a journal names a kind that this version does not know. */
export function resourceFor(table: ResourceTable, kind: string): AnyResource {
  const resource = table.get(kind);
  if (resource === undefined)
    throw new Error(
      `This version of Unplug knows no resource of kind "${kind}"; use the version that wrote the journal.`,
    );
  return resource;
}

/** Refs that one resource reads together, in one place. */
export interface Group {
  readonly resource: AnyResource;
  readonly refs: readonly Ref[];
}

export function groupRefs(refs: readonly Ref[], table: ResourceTable): readonly Group[] {
  const groups = new Map<string, { resource: AnyResource; refs: Ref[] }>();
  for (const ref of refs) {
    const key = `${placeKey(ref.place)}|${ref.kind}`;
    const group = groups.get(key) ?? { resource: resourceFor(table, ref.kind), refs: [] };
    group.refs.push(ref);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** Reads all refs, each kind with its own pages, the kinds at the same time. */
export async function readAll(
  refs: readonly Ref[],
  table: ResourceTable,
  io: Io,
): Promise<readonly Seen<Json>[]> {
  const groups = await Promise.all(
    groupRefs(refs, table).map(async ({ resource, refs: mine }) => {
      const seen: Seen<Json>[] = [];
      for await (const page of resource.read(mine, io)) seen.push(...page);
      return seen;
    }),
  );
  return groups.flat();
}

/** The targets as they are now; refuses when one is not there. */
export async function withStates(
  targets: readonly FoundTarget[],
  table: ResourceTable,
  io: Io,
): Promise<readonly Target[]> {
  const seen = new Map(
    (
      await readAll(
        targets.map(({ ref }) => ref),
        table,
        io,
      )
    ).map((reading) => [refKey(reading.ref), reading]),
  );
  return targets.map((target) => {
    const now = seen.get(refKey(target.ref));
    if (now?.found !== true) throw new Refusal(`${target.title} does not exist any more.`);
    return { ...target, state: now.state };
  });
}
