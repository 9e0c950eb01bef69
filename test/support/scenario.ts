import * as z from "zod";
import { interp, makeElf } from "../../packages/interceptor/src/elf-for-test.ts";
import { makeGo } from "../../packages/interceptor/src/go-elf-for-test.ts";
import { zipOf } from "../../packages/sandbox/src/index.ts";
import type { Aws } from "../../packages/unplug/src/contract/aws.ts";
import type { Experiment, FaultStep, TunableValue } from "../../packages/unplug/src/contract/experiment.ts";
import type { Journal, Recorded } from "../../packages/unplug/src/contract/journal.ts";
import { defineProbe, type ProbeSpec } from "../../packages/unplug/src/contract/probe.ts";
import type { Parts } from "../../packages/unplug/src/engine/parts.ts";
import { builtinFaults } from "../../packages/unplug/src/faults/index.ts";
import { builtinResources } from "../../packages/unplug/src/resources/index.ts";
import type { ImageParts } from "./image-builder.ts";
import { connectTo, IMAGE, REGION, textOf, type World } from "./world.ts";

/** What one step does. */
export interface StepScenario {
  readonly fault: string;
  readonly tunables: Readonly<Record<string, string | number>>;
}

/** An experiment with everything that a run of it needs. */
export interface Scenario {
  readonly name: string;
  readonly mappings: number;
  /** Of the function, beside what it needs. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly alias?: string;
  readonly bucket?: string;
  /** What the function is, in place of a zip. */
  readonly image?: ImageParts;
  /** All steps at the same time, with a probe that looks on. */
  readonly together?: true;
  steps(world: World): readonly StepScenario[];
  /** What somebody else does once the fault is in. */
  readonly inHold?: (world: World) => Promise<unknown>;
}

const SHORT = { TOTAL_CHAOS_DURATION: 30, CHAOS_INTERVAL: 5, FUNCTION_NAME: "orders", REGION };
const toggle = (more: Readonly<Record<string, string | number>> = {}): StepScenario => ({
  fault: "lambda-toggle-event-mapping-state",
  tunables: { ...SHORT, EVENT_UUIDS: "all", ...more },
});
const memory = (more: Readonly<Record<string, string | number>> = {}): StepScenario => ({
  fault: "lambda-update-function-memory",
  tunables: { ...SHORT, MEMORY_IN_MEGABYTES: 256, ...more },
});
const throttle: StepScenario = { fault: "lambda-throttle", tunables: { ...SHORT, RESERVED_CONCURRENCY: 0 } };

const block = (method: string, more: Readonly<Record<string, string | number>> = {}): StepScenario => ({
  fault: "lambda-block-tcp-connection",
  tunables: {
    ...SHORT,
    TARGET_HOSTNAMES: "db.internal",
    INJECTION_METHOD: method,
    TOTAL_CHAOS_DURATION: 12,
    ...more,
  },
});
/** Values that no journal holds, and lists that ours is put in front of. */
const ITS_OWN = {
  APP_SECRET: "s3cr3t",
  LD_PRELOAD: "/opt/theirs.so",
  NODE_OPTIONS: '--no-deprecation  --title="of theirs"',
};

const GO = await zipOf({ bootstrap: makeGo(), "README.md": "theirs" });

function imageOf(program: Buffer): ImageParts {
  const config = { Entrypoint: ["main"], Env: ["PATH=/app", "LD_PRELOAD=/opt/of-the-image.so"] };
  return { layers: [[{ path: "app" }, { path: "app/main", body: program }]], config };
}

/** What a function is made of that the interceptor enters in another way than the code or layers of a zip. */
export const functions = {
  goZip: { Runtime: "provided.al2023", Code: { ZipFile: GO } },
  image: imageOf(makeElf({ segments: [interp("/lib64/ld-linux-x86-64.so.2")] })),
  goImage: { ...imageOf(makeGo()), format: "docker" },
} as const;

export const scenarios = {
  parallel: { name: "toggle, three mappings, parallel", mappings: 3, steps: () => [toggle()] },
  serial: {
    name: "toggle, two mappings, serial",
    mappings: 2,
    steps: ({ mappings }) => [toggle({ EVENT_UUIDS: mappings.join(","), SEQUENCE: "serial" })],
  },
  memory: { name: "memory", mappings: 0, steps: () => [memory()] },
  throttle: { name: "throttle, none before", mappings: 0, steps: () => [throttle] },
  cycles: {
    name: "memory, two cycles, with ramps",
    mappings: 0,
    steps: () => [memory({ CYCLES: 2, RAMP_TIME: 7 })],
  },
  blockByLayer: {
    name: "block, by a layer that is not there yet",
    mappings: 0,
    settings: { Environment: { Variables: ITS_OWN } },
    steps: () => [block("layer")],
  },
  blockInCode: {
    name: "block, in the code",
    mappings: 0,
    settings: { Environment: { Variables: ITS_OWN } },
    steps: () => [block("code")],
  },
  blockInGoProgram: {
    name: "block, in a Go program",
    mappings: 0,
    settings: {
      ...functions.goZip,
      Environment: { Variables: { ...ITS_OWN, GODEBUG: "madvdontneed=1" } },
    },
    steps: () => [block("auto")],
  },
  blockInImage: {
    name: "block, in a container image",
    mappings: 0,
    image: functions.image,
    settings: { Environment: { Variables: ITS_OWN }, ImageConfig: { Command: ["theirs"] } },
    steps: () => [block("auto")],
  },
  blockInDeletedImage: {
    name: "block, in a container image that somebody deletes meanwhile",
    mappings: 0,
    image: functions.image,
    settings: { Environment: { Variables: ITS_OWN } },
    steps: () => [block("image")],
    inHold: ({ cloud }) => {
      const input = { repositoryName: IMAGE.repository, imageIds: [{ imageTag: IMAGE.tag }] };
      return cloud.call("ecr:BatchDeleteImage", input, { region: REGION });
    },
  },
  blockInGoImage: {
    name: "block, in a Go program of a container image",
    mappings: 0,
    image: functions.goImage,
    settings: { Environment: { Variables: ITS_OWN } },
    steps: () => [block("image")],
  },
  blockByVariable: {
    name: "block, by a variable alone",
    mappings: 0,
    settings: { Environment: { Variables: ITS_OWN } },
    steps: () => [block("env")],
  },
  blockThroughBucket: {
    name: "block, in code through a bucket",
    mappings: 0,
    bucket: "staging",
    settings: { Environment: { Variables: ITS_OWN } },
    steps: () => [block("code", { STAGING_BUCKET: "staging" })],
  },
  blockByAlias: {
    name: "block, the callers of an alias",
    mappings: 0,
    alias: "live",
    settings: { Environment: { Variables: ITS_OWN } },
    steps: () => [block("layer", { QUALIFIER: "live" })],
  },
  together: {
    name: "toggle and throttle together, under a probe",
    mappings: 2,
    together: true,
    steps: () => [toggle(), throttle],
  },
  twoSteps: { name: "toggle, then throttle", mappings: 1, steps: () => [toggle(), throttle] },
} as const satisfies Record<string, Scenario>;

export function experimentOf(scenario: Scenario, world: World): Experiment {
  const alone = experiment(...scenario.steps(world));
  if (scenario.together !== true) return alone;
  return { ...alone, steps: alone.steps.map((step) => ({ ...step, parallel: 0 })), probes: [lookingOn] };
}

const onlooker = defineProbe({
  type: "onlooker",
  summary: "Looks on.",
  settings: z.strictObject({}),
  measures: { value: { kind: "number", description: "Always the same" } },
  expects: null,
  example: { settings: {} },
  check: async () => ({ measures: { value: 1 } }),
});

const lookingOn: ProbeSpec = {
  name: "looks on",
  type: "onlooker",
  mode: "Continuous",
  settings: {},
  expect: [{ measure: "value", operator: "==", value: 1 }],
  run: {
    timeoutMs: 1_000,
    intervalMs: 15_000,
    attempts: 1,
    initialDelayMs: 0,
    tolerate: 0,
    stopOnFailure: false,
  },
  lagMs: 0,
  missing: "fail",
};

export function experiment(...given: readonly StepScenario[]): Experiment {
  const steps = given.map(({ fault, tunables }): FaultStep => {
    const values = Object.entries(tunables).map(
      ([name, value]): TunableValue => ({ name, value, source: "argument" }),
    );
    return { kind: "fault", name: fault, fault, weight: 10, tunables: values };
  });
  return { name: steps.map(({ fault }) => fault).join(", "), description: "", requireEffect: false, steps };
}

const noOutside: Parts["outside"] = {
  secret: (name) => Promise.reject(new Error(`no secret ${name}`)),
  file: (path) => Promise.reject(new Error(`no file ${path}`)),
  command: ([program]) => Promise.reject(new Error(`no command ${program}`)),
};

export function partsOf(
  aws: Aws,
  journal: Journal,
  world: World,
  onEvent?: (recorded: Recorded) => void,
): Parts {
  return {
    faults: builtinFaults,
    resources: builtinResources,
    probes: [onlooker],
    outside: noOutside,
    journal,
    connect: connectTo(aws),
    clock: world.clock,
    version: "test",
    by: "tester",
    ...(onEvent === undefined ? {} : { onEvent }),
  };
}

/** Everything that a fault may have changed, as AWS says it: to be compared before and after. */
export async function snapshot(
  { cloud, mappings }: World,
  { tags = true }: { readonly tags?: boolean } = {},
): Promise<unknown> {
  const call = (action: string, input: Record<string, unknown>) =>
    cloud.call(action, input, { region: REGION });
  const toggled = await Promise.all(
    mappings.map(async (UUID) => {
      const found = await call("lambda:GetEventSourceMapping", { UUID });
      const tags = await call("lambda:ListTags", { Resource: textOf(found, "EventSourceMappingArn") });
      return [without(found, ["LastModified", "StateTransitionReason"]), tags];
    }),
  );
  const configuration = await call("lambda:GetFunctionConfiguration", { FunctionName: "orders" });
  const concurrency = await call("lambda:GetFunctionConcurrency", { FunctionName: "orders" });
  const { Aliases } = Object(await call("lambda:ListAliases", { FunctionName: "orders" }));
  const { Versions } = Object(await call("lambda:ListVersionsByFunction", { FunctionName: "orders" }));
  const published = [
    Aliases.map((alias: unknown) => without(alias, ["RevisionId"])),
    Versions.map((version: unknown) => without(version, ["RevisionId", "LastModified"])),
  ];
  const { Buckets } = Object(await call("s3:ListBuckets", {}));
  const stored = await Promise.all(
    Buckets.map(async ({ Name }: { Name: string }) =>
      Object(await call("s3:ListObjectsV2", { Bucket: Name })).Contents.map(Object),
    ),
  );
  const { Code } = Object(await call("lambda:GetFunction", { FunctionName: "orders" }));
  const { ImageUri, ResolvedImageUri } = Code;
  const pushed =
    ImageUri === undefined || !tags
      ? null
      : await call("ecr:ListImages", { repositoryName: IMAGE.repository, filter: { tagStatus: "TAGGED" } });
  return {
    toggled,
    image: [ImageUri, ResolvedImageUri, pushed],
    concurrency,
    published,
    stored,
    configuration: without(configuration, ["RevisionId", "LastModified"]),
  };
}

function without(value: unknown, keys: readonly string[]): unknown {
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key)));
}
