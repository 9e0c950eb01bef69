import { describe, expect, it } from "vitest";
import type { Event } from "../packages/unplug/src/contract/events.ts";
import type { Journal } from "../packages/unplug/src/contract/journal.ts";
import type { Json } from "../packages/unplug/src/contract/json.ts";
import { refKey } from "../packages/unplug/src/contract/place.ts";
import type { AnyResource, Reading } from "../packages/unplug/src/contract/resource.ts";
import type { Parts } from "../packages/unplug/src/engine/parts.ts";
import { type LifeOptions, live, sweep } from "./support/life.ts";
import { type Scenario, scenarios } from "./support/scenario.ts";

type Sabotage = NonNullable<LifeOptions["sabotage"]>;

const toggle: Scenario = { ...scenarios.parallel, mappings: 2 };

/** Broken on purpose, each in a way in which such code is broken in earnest: the sweep has to find every one. */
const sabotages: readonly {
  name: string;
  scenario: Scenario;
  sabotage: Sabotage;
  found: RegExp;
  elsewhere?: true;
}[] = [
  {
    name: "a journal that says `edit.intended` is durable before it is",
    scenario: toggle,
    sabotage: (parts) => ({ ...parts, journal: lazy(parts.journal) }),
    found: /UpdateEventSourceMapping.*world differs/,
  },
  {
    name: "a restore that stops at the first error",
    scenario: toggle,
    sabotage: withResources(stopping),
    found: /lost.*left something/,
  },
  {
    name: "a restore that trusts its write and does not read again",
    scenario: toggle,
    sabotage: withResources(trusting),
    found: /ignored.*world differs/,
  },
  {
    name: "a restore that forgets that an unanswered write may land late",
    scenario: toggle,
    sabotage: withResources((resource) => ({ ...resource, guarded: true })),
    found: /late.*world differs/,
  },
  {
    name: "a guard that guards nothing",
    scenario: scenarios.memory,
    sabotage: withResources(unguarded),
    found: /late.*world differs/,
  },
  {
    name: "code in which nobody finds our part again",
    scenario: scenarios.blockInCode,
    sabotage: withResources((resource) =>
      resource.kind === "code" ? { ...resource, recognise: async () => [] } : resource,
    ),
    found: /UpdateFunctionCode.*world differs/,
    elsewhere: true,
  },
];

describe("the crash sweep finds", () => {
  it.each(sabotages)("$name", async ({ scenario, sabotage, found, elsewhere }) => {
    const clean = await live(scenario, null, { sabotage });
    expect(clean.after).toEqual(clean.before);

    const options = { sabotage, ...(elsewhere === undefined ? {} : { elsewhere }) };
    const { broken } = await sweep(scenario, clean.points, { ...options, enough: (one) => found.test(one) });

    expect(broken.filter((one) => found.test(one))).not.toEqual([]);
  });
});

/** Keeps intents in memory until something else is written. */
function lazy(inner: Journal): Journal {
  let waiting: Event[] = [];
  return {
    ...inner,
    append: async (run, at, events) => {
      waiting.push(...events);
      if (events.every(({ type }) => type === "edit.intended")) return;
      const all = waiting;
      waiting = [];
      await inner.append(run, at, all);
    },
  };
}

function withResources(change: (resource: AnyResource) => AnyResource): Sabotage {
  return (parts: Parts) => ({ ...parts, resources: parts.resources.map(change) });
}

/** Once a write has failed, nothing is written any more. */
function stopping(resource: AnyResource): AnyResource {
  let stopped: unknown = null;
  return {
    ...resource,
    write: async (...args) => {
      if (stopped !== null) throw stopped;
      try {
        return await resource.write(...args);
      } catch (error) {
        stopped = error;
        throw error;
      }
    },
  };
}

/** Answers a read with what it has just written. */
function trusting(resource: AnyResource): AnyResource {
  const written = new Map<string, Json | null>();
  return {
    ...resource,
    write: async (ref, to, seen, io) => {
      const made = await resource.write(ref, to, seen, io);
      written.set(refKey(ref), to);
      return made;
    },
    async *read(refs, io) {
      for await (const page of resource.read(refs, io)) {
        yield page.map((seen) => {
          const state = written.get(refKey(seen.ref));
          return seen.found && state !== undefined ? { ...seen, state, settled: true } : seen;
        });
      }
    },
  };
}

function unguarded(resource: AnyResource): AnyResource {
  return {
    ...resource,
    write: (ref, to, seen: Reading<Json>, io) => resource.write(ref, to, { ...seen, revision: null }, io),
  };
}
