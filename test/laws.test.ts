import { describe, expect, it } from "vitest";
import { environmentAccess } from "../packages/unplug/src/contract/access.ts";
import { type Aws, AwsError } from "../packages/unplug/src/contract/aws.ts";
import type { Edit } from "../packages/unplug/src/contract/edit.ts";
import type { AnyFault } from "../packages/unplug/src/contract/fault.ts";
import { builtinFaults } from "../packages/unplug/src/faults/index.ts";
import { memoryJournal } from "../packages/unplug/src/journal/memory-journal.ts";
import {
  checkWithout,
  type ForeignWrite,
  faultLaws,
  type LawBench,
  LawBroken,
} from "../packages/unplug/src/laws/index.ts";
import { builtinResources } from "../packages/unplug/src/resources/index.ts";
import { fc } from "./support/fast-check.ts";
import { canBeNull, isHidden, reachable, statesOf } from "./support/possible-states.ts";
import { PretendedProcesses } from "./support/processes.ts";
import { partsOf } from "./support/scenario.ts";
import { VirtualClock } from "./support/virtual-clock.ts";
import { ACCOUNT, makeWorld, PLACE, REGION } from "./support/world.ts";

const foreign = (
  title: string,
  kind: string,
  touchesOurs: boolean,
  write: (
    id: string,
    aws: (action: string, input: Record<string, unknown>) => Promise<unknown>,
  ) => Promise<unknown>,
): ForeignWrite => ({
  title,
  kind,
  touchesOurs,
  make: async (ref, { parts, region }) => {
    const { aws } = await parts.connect(environmentAccess(region), "foreign", new AbortController().signal);
    await write(ref.id, (action, input) => Reflect.apply(aws.call, aws, [action, input]));
  },
});

const arn = (id: string): string => `arn:aws:lambda:${REGION}:${ACCOUNT}:event-source-mapping:${id}`;

const bench: LawBench = {
  makeWorld: async () => {
    const clock = new VirtualClock();
    const world = await makeWorld(clock, { mappings: 2, alias: "live", bucket: "staging" });
    const journal = memoryJournal(new PretendedProcesses(), clock);
    const settle = async <T>(work: Promise<T>): Promise<T> => {
      await clock.run(work);
      return work;
    };
    return { parts: partsOf(world.aws, journal, world), region: REGION, settle };
  },
  foreignWrites: [
    foreign("a colleague sets the batch size", "mapping", false, (UUID, aws) =>
      aws("lambda:UpdateEventSourceMapping", { UUID, BatchSize: 7 }),
    ),
    foreign("a colleague enables the mapping", "mapping", true, (UUID, aws) =>
      aws("lambda:UpdateEventSourceMapping", { UUID, Enabled: true }),
    ),
    foreign("a colleague tags the mapping", "mapping-tags", false, (id, aws) =>
      aws("lambda:TagResource", { Resource: arn(id), Tags: { team: "orders" } }),
    ),
    foreign("a colleague sets the timeout", "configuration", false, (FunctionName, aws) =>
      aws("lambda:UpdateFunctionConfiguration", { FunctionName, Timeout: 77 }),
    ),
    foreign("a colleague sets the memory", "configuration", true, (FunctionName, aws) =>
      aws("lambda:UpdateFunctionConfiguration", { FunctionName, MemorySize: 512 }),
    ),
    foreign("a colleague moves the alias", "alias", true, (id, aws) =>
      aws("lambda:UpdateAlias", {
        FunctionName: id.split(":").slice(0, 7).join(":"),
        Name: id.split(":")[7],
        FunctionVersion: "$LATEST",
        RoutingConfig: { AdditionalVersionWeights: {} },
      }),
    ),
    foreign("a colleague reserves concurrency", "concurrency", true, (FunctionName, aws) =>
      aws("lambda:PutFunctionConcurrency", { FunctionName, ReservedConcurrentExecutions: 5 }),
    ),
  ],
};

/** The memory example sets the function's own 128 MiB: in this world that would change nothing. */
const faults: readonly AnyFault[] = builtinFaults.map((fault) =>
  "MEMORY_IN_MEGABYTES" in fault.example
    ? { ...fault, example: { ...fault.example, MEMORY_IN_MEGABYTES: 256 } }
    : fault,
);
const [block] = faults.filter(({ kinds }) => kinds.includes("code"));
/** The same with the other carriers, and through an alias. */
const variants = [
  { INJECTION_METHOD: "code" },
  { INJECTION_METHOD: "code", STAGING_BUCKET: "staging" },
  { INJECTION_METHOD: "env" },
  { QUALIFIER: "live" },
  { QUALIFIER: "live", TRAFFIC_PERCENTAGE: 20, INJECTION_METHOD: "code" },
];
const blocks =
  block === undefined ? [] : variants.map((more) => ({ ...block, example: { ...block.example, ...more } }));

describe.each([...faults, ...blocks])(
  "the fault $id $example.INJECTION_METHOD $example.STAGING_BUCKET $example.QUALIFIER",
  (fault) => {
    it.each(Object.entries(faultLaws))("%s", async (_law, law) => {
      await law(fault, bench);
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
