import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Aws, AwsError } from "../packages/unplug/src/contract/aws.ts";
import type { Edit } from "../packages/unplug/src/contract/edit.ts";
import type { AnyFault } from "../packages/unplug/src/contract/fault.ts";
import type { Json } from "../packages/unplug/src/contract/json.ts";
import type { AnyResource } from "../packages/unplug/src/contract/resource.ts";
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
    const access = { region, profile: "", secret: "", assumeRoleArn: "", externalId: "", endpoint: null };
    const { aws } = await parts.connect(access, "foreign", new AbortController().signal);
    await write(ref.id, (action, input) => Reflect.apply(aws.call, aws, [action, input]));
  },
});

const arn = (id: string): string => `arn:aws:lambda:${REGION}:${ACCOUNT}:event-source-mapping:${id}`;

const bench: LawBench = {
  makeWorld: async () => {
    const clock = new VirtualClock();
    const world = await makeWorld(clock, { mappings: 2, alias: "live" });
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
/** The same with the other carrier, and through an alias. */
const variants = [
  { INJECTION_METHOD: "code" },
  { QUALIFIER: "live" },
  { QUALIFIER: "live", TRAFFIC_PERCENTAGE: 20, INJECTION_METHOD: "code" },
];
const blocks =
  block === undefined ? [] : variants.map((more) => ({ ...block, example: { ...block.example, ...more } }));

describe.each([...faults, ...blocks])(
  "the fault $id $example.INJECTION_METHOD $example.QUALIFIER",
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

/** What can be written: of a mapping nothing but its on and off, and a version but once. */
function reachable({ kind }: AnyResource, before: Json | null, other: Json | null): Json | null {
  if (kind === "configuration") return reachableConfiguration(Object(before), Object(other));
  if (kind === "version") return before === null ? other : before;
  if (kind !== "mapping") return other;
  const { enabled, ...rest } = Object(before);
  return { ...rest, enabled: !enabled };
}

/** Variables that were ours to change and cannot be read any more: nothing can be said of them. */
function isHidden({ kind }: AnyResource, ...states: readonly (Json | null)[]): boolean {
  const [now, before, after] = states.map((state) => JSON.stringify(Object(state).environment ?? null));
  const whole = states.every((state) => state !== null);
  return kind === "configuration" && whole && now === "null" && before !== after;
}

/** Others' variables are never written, nor any when they cannot be read. */
function reachableConfiguration(before: Record<string, Json>, other: Record<string, Json>): Json {
  const [was, is] = [before["environment"] ?? null, other["environment"] ?? null];
  const environment = was === null || is === null ? was : { ...Object(is), others: Object(was).others };
  return { ...other, environment };
}

/** The kinds that can be made and deleted. */
function canBeNull({ kind }: AnyResource): boolean {
  return kind === "version" || kind === "concurrency" || kind === "mapping-tags";
}

const text: fc.Arbitrary<string> = fc.constantFrom("a", "b", "c");
const maybeText: fc.Arbitrary<string | null> = fc.option(text);
const few = fc.integer({ min: 0, max: 3 });
const maybe: fc.Arbitrary<number | null> = fc.option(few);
const maybeFlag: fc.Arbitrary<boolean | null> = fc.option(fc.boolean());
const pollers: fc.Arbitrary<Json> = fc.option(fc.record({ minimum: maybe, maximum: maybe }));

const ownVariables: fc.Arbitrary<Json> = fc.record(
  {
    LD_PRELOAD: fc.constantFrom("/a.so", "/b.so", "/b.so:/a.so", "/a.so /c.so"),
    NODE_OPTIONS: fc.constantFrom("--x", "--y", "--y --x"),
    UNPLUG_INTERCEPTOR: text,
  },
  { requiredKeys: [] },
);

const variables: fc.Arbitrary<Json> = fc.record({ own: ownVariables, others: fc.dictionary(text, text) });

const maybeVariables: fc.Arbitrary<Json> = fc.option(variables);

/** Few values of each field, so that edits and foreign writes meet. */
function statesOf({ kind }: AnyResource): fc.Arbitrary<Json> {
  switch (kind) {
    case "concurrency":
      return fc.record({ reserved: few });
    case "mapping-tags":
      return fc.dictionary(fc.constantFrom("unplug:run", "unplug:until", "unplug:x"), text, { minKeys: 1 });
    case "configuration":
      return fc.record({
        memoryMib: few,
        timeoutSeconds: few,
        handler: maybeText,
        role: text,
        runtime: maybeText,
        description: text,
        storageMib: maybe,
        layers: fc.uniqueArray(text),
        environment: maybeVariables,
      });
    case "version":
      return fc.record({ description: text, codeSha256: text });
    case "alias":
      // What stands beside a version with a weight is another one.
      return fc.record({
        version: fc.constantFrom("1", "2", "3"),
        weights: fc.dictionary(fc.constantFrom("8", "9"), fc.constantFrom(0.1, 0.2)),
      });
    case "code":
      return fc.record({ sha256: text });
    case "published-copy":
      return fc.record({ told: text });
    case "mapping":
      return fc.record({
        enabled: fc.boolean(),
        functionArn: text,
        batchSize: maybe,
        batchingWindowSeconds: maybe,
        parallelizationFactor: maybe,
        maximumRecordAgeSeconds: maybe,
        maximumRetryAttempts: maybe,
        bisectsBatchOnError: maybeFlag,
        tumblingWindowSeconds: maybe,
        responseTypes: fc.array(text),
        maximumConcurrency: maybe,
        pollers,
        onFailure: maybeText,
      });
    default:
      throw new Error(`Say here what states ${kind} can have.`);
  }
}
