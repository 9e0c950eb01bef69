import { describe, expect, it } from "vitest";
import { type Aws, AwsError } from "../packages/unplug/src/contract/aws.ts";
import type { Edit } from "../packages/unplug/src/contract/edit.ts";
import type { AnyFault } from "../packages/unplug/src/contract/fault.ts";
import { builtinFaults } from "../packages/unplug/src/faults/index.ts";
import { checkWithout, faultLaws, type LawBench, LawBroken } from "../packages/unplug/src/laws/index.ts";
import { builtinResources } from "../packages/unplug/src/resources/index.ts";
import { fc } from "./support/fast-check.ts";
import { lawBench } from "./support/law-bench.ts";
import { canBeNull, isHidden, reachable, statesOf } from "./support/possible-states.ts";
import { functions } from "./support/scenario.ts";
import { VirtualClock } from "./support/virtual-clock.ts";
import { PLACE } from "./support/world.ts";

const bench = lawBench();

/** The memory example sets the function's own 128 MiB: in this world that would change nothing. */
const faults: readonly AnyFault[] = builtinFaults.map((fault) =>
  "MEMORY_IN_MEGABYTES" in fault.example
    ? { ...fault, example: { ...fault.example, MEMORY_IN_MEGABYTES: 256 } }
    : fault,
);
const [block] = faults.filter(({ kinds }) => kinds.includes("code"));
/** The same with the other carriers, and through an alias; then of functions that have a carrier of their own. */
const variants: readonly {
  readonly more: AnyFault["example"];
  readonly of?: string;
  readonly bench?: LawBench;
}[] = [
  { more: { INJECTION_METHOD: "code" } },
  { more: { INJECTION_METHOD: "code", STAGING_BUCKET: "staging" } },
  { more: { INJECTION_METHOD: "env" } },
  { more: { QUALIFIER: "live" } },
  { more: { QUALIFIER: "live", TRAFFIC_PERCENTAGE: 20, INJECTION_METHOD: "code" } },
  { of: "a zip with a program in Go", more: {}, bench: lawBench({ settings: functions.goZip }) },
  { of: "a container image", more: {}, bench: lawBench({ image: functions.image }) },
  { of: "a container image with a program in Go", more: {}, bench: lawBench({ image: functions.goImage }) },
];
const rows = [
  ...faults.map((fault) => ({ fault, of: "", bench })),
  ...variants.flatMap(({ more, of = "", bench: own = bench }) =>
    block === undefined
      ? []
      : [{ fault: { ...block, example: { ...block.example, ...more } }, of, bench: own }],
  ),
];

describe.each(rows)(
  "the fault $fault.id $fault.example.INJECTION_METHOD $fault.example.STAGING_BUCKET $fault.example.QUALIFIER $of",
  ({ fault, bench: own }) => {
    it.each(Object.entries(faultLaws))("%s", async (_law, law) => {
      await law(fault, own);
    });
  },
);

describe("laws that can be broken", () => {
  const [toggle] = faults;
  const breakings: readonly [string, (fault: AnyFault) => AnyFault, RegExp][] = [
    [
      "finding targets and planning changes makes no write, and uses only what is declared",
      (fault) => ({
        ...fault,
        targets: async (tunables, io, timing) => {
          const input = { FunctionName: "orders", ReservedConcurrentExecutions: 1 };
          await io.aws.call("lambda:PutFunctionConcurrency", input).catch(() => undefined);
          return fault.targets(tunables, io, timing);
        },
      }),
      /PutFunctionConcurrency is not declared/,
    ],
    [
      "exactly one edit arms each target, and it is the last",
      (fault) => ({
        ...fault,
        async *change(target, tunables, stamp) {
          for (const { arms: _, ...edit } of await editsOf(fault.change(target, tunables, stamp))) yield edit;
        },
      }),
      /exactly one edit arms/,
    ],
    [
      "restore brings every prefix of the edits back to before, and restoring twice is as good as once",
      (fault) => ({
        ...fault,
        async *change(target, tunables, stamp) {
          for (const edit of await editsOf(fault.change(target, tunables, stamp))) {
            // Off already, says the edit: what restore would bring back is not what was there.
            yield edit.arms === true ? { ...edit, before: edit.after } : edit;
          }
        },
      }),
      /restore brings every ref back to before: after 0 edits/,
    ],
  ];
  it.each(breakings)("%s", async (law, breakIt, words) => {
    if (toggle === undefined) throw new Error("no fault");
    const broken = faultLaws[law]?.(breakIt(toggle), bench);
    await expect(broken).rejects.toThrow(words);
    await expect(broken).rejects.toThrow(LawBroken);
  });
});

async function editsOf(changes: ReturnType<AnyFault["change"]>): Promise<readonly Edit[]> {
  const edits: Edit[] = [];
  for (let next = await changes.next(null); next.done !== true; next = await changes.next(null))
    edits.push(next.value);
  return edits;
}

/** No restore takes a layer out: other runs use it. */
const undone = builtinResources.filter(({ kind }) => kind !== "layer");

describe.each(undone)("the resource $kind", (resource) => {
  it("takes out what we put in and nothing else, whatever became of the thing", () => {
    const states = canBeNull(resource) ? fc.option(statesOf(resource)) : statesOf(resource);
    fc.assert(
      fc.property(fc.option(statesOf(resource)), states, states, (now, before, other) => {
        const after = reachable(resource, before, other);
        if (JSON.stringify(before) === JSON.stringify(after)) return;
        const ref = { kind: resource.kind, id: "x", within: null, place: PLACE };
        if (isHidden(resource, now, before, after)) {
          expect(() => resource.without(now, { ref, before, after })).toThrow("cannot be read");
          return;
        }
        checkWithout(resource, now, { ref, before, after });
      }),
      { numRuns: 300 },
    );
  });

  it("reads a thing that is not there as absent, and nothing else as absent", async () => {
    const answer = (status: number, code: string): Aws => ({
      call: (action) =>
        Promise.reject(new AwsError(action, { code, status, outcome: "refused", message: code })),
    });
    const ref = { kind: resource.kind, id: "x", within: null, place: PLACE };
    const readWith = async (aws: Aws) => {
      const io = {
        aws,
        place: PLACE,
        clock: new VirtualClock(),
        salt: "trial",
        signal: new AbortController().signal,
      };
      const pages: unknown[] = [];
      for await (const page of resource.read([ref], io)) pages.push(page);
      return pages;
    };
    expect(await readWith(answer(404, "ResourceNotFoundException"))).toEqual([[{ ref, found: false }]]);
    await expect(readWith(answer(403, "AccessDeniedException"))).rejects.toThrow("AccessDenied");
  });
});
