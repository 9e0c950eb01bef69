import { interceptorFor } from "@unplug/interceptor";
import { describe, expect, it } from "vitest";
import { zipOf } from "../packages/sandbox/src/index.ts";
import { withoutInterceptor } from "../packages/unplug/src/carriers/code-part.ts";
import type { Recorded } from "../packages/unplug/src/contract/journal.ts";
import { fold } from "../packages/unplug/src/report/fold.ts";
import { exitCode } from "../packages/unplug/src/report/outcome.ts";
import { summaryText } from "../packages/unplug/src/report/summary-text.ts";
import type { StepScenario } from "./support/scenario.ts";
import { eventsOf, Stage, timesOf } from "./support/stage.ts";
import { REGION, recordOf } from "./support/world.ts";

const FunctionName = "orders";
const HANDLER = { "index.mjs": "export const handler = async () => 'theirs';" };
// Made before, since the clock of a run does not wait for what is packed.
const THEIRS = await zipOf(HANDLER);
const A_LAYER = await zipOf({ "a.txt": "a" });
/** What was downloaded while our files were in it, with another handler. */
const REPACKED = await zipOf({
  ...HANDLER,
  ".unplug/interceptor.so": Buffer.from(interceptorFor("x86_64").bytes),
});

function block(method: string): StepScenario {
  const tunables = { FUNCTION_NAME: FunctionName, REGION, TARGET_HOSTNAMES: "db.internal" };
  return {
    fault: "lambda-block-tcp-connection",
    tunables: { ...tunables, INJECTION_METHOD: method, TOTAL_CHAOS_DURATION: 600 },
  };
}

/** A function in a world of its own, and what somebody else does to it. */
class Colleague {
  readonly stage: Stage;

  constructor(stage: Stage) {
    this.stage = stage;
  }

  async sees(): Promise<Record<string, unknown>> {
    return recordOf(await this.stage.cloud("lambda:GetFunctionConfiguration", { FunctionName }));
  }

  async variables(): Promise<Record<string, unknown>> {
    return recordOf(recordOf((await this.sees())["Environment"])["Variables"]);
  }

  async layers(): Promise<readonly string[]> {
    const { Layers } = await this.sees();
    return Array.isArray(Layers) ? Layers.map((one) => String(recordOf(one)["Arn"])) : [];
  }

  async sets(input: Readonly<Record<string, unknown>>): Promise<void> {
    await this.stage.cloud("lambda:UpdateFunctionConfiguration", { FunctionName, ...input });
  }

  async deploys(ZipFile: Uint8Array): Promise<void> {
    await this.stage.cloud("lambda:UpdateFunctionCode", { FunctionName, ZipFile });
  }

  async publishesLayer(): Promise<string> {
    const Content = { ZipFile: A_LAYER };
    const made = await this.stage.cloud("lambda:PublishLayerVersion", { LayerName: "theirs", Content });
    return String(recordOf(made)["LayerVersionArn"]);
  }

  async code(): Promise<Uint8Array> {
    const { Code } = await this.stage.aws.call("lambda:GetFunction", { FunctionName });
    const input = { Location: Code?.Location ?? "" };
    return (await this.stage.aws.call("code:Download", input)).Body;
  }
}

/** What is there in the end, as far as it can be somebody else's. */
interface End {
  readonly variables: Readonly<Record<string, unknown>>;
  readonly layers: number;
  readonly isTheirCode: boolean;
}

const BEFORE: End = { variables: { APP_A: "1" }, layers: 0, isTheirCode: false };

/** Where ours is beside others' items. */
const LISTS = [
  { name: "LD_PRELOAD", separator: ":" },
  { name: "NODE_OPTIONS", separator: " " },
] as const;
const THEIR_ITEM = "--theirs";

interface Act {
  readonly title: string;
  does(colleague: Colleague): Promise<void>;
  readonly end: End;
  /** What the report must tell, by carrier where it differs. */
  readonly told: RegExp;
}

const acts: readonly Act[] = [
  {
    title: "deploys other code",
    does: (colleague) => colleague.deploys(THEIRS),
    end: { ...BEFORE, isTheirCode: true },
    told: /deployed it|sha256/,
  },
  {
    title: "deploys what was downloaded meanwhile, our files with it",
    does: (colleague) => colleague.deploys(REPACKED),
    end: { ...BEFORE, isTheirCode: true },
    told: /deployed it|sha256/,
  },
  {
    title: "changes a variable",
    does: async (colleague) => {
      const Variables = { ...(await colleague.variables()), APP_A: "2" };
      await colleague.sets({ Environment: { Variables } });
    },
    end: { ...BEFORE, variables: { APP_A: "2" } },
    told: /APP_A/,
  },
  {
    title: "replaces all variables",
    does: (colleague) => colleague.sets({ Environment: { Variables: { APP_B: "3" } } }),
    end: { ...BEFORE, variables: { APP_B: "3" } },
    told: /APP_B/,
  },
  {
    title: "puts an item of its own behind ours",
    does: async (colleague) => {
      const now = await colleague.variables();
      const list = LISTS.find(({ name }) => name in now) ?? LISTS[0];
      const Variables = { ...now, [list.name]: `${String(now[list.name])}${list.separator}${THEIR_ITEM}` };
      await colleague.sets({ Environment: { Variables } });
    },
    end: { ...BEFORE, variables: { APP_A: "1", LIST: THEIR_ITEM } },
    told: /LD_PRELOAD|NODE_OPTIONS/,
  },
  {
    title: "adds a layer",
    does: async (colleague) => {
      const mine = await colleague.publishesLayer();
      await colleague.sets({ Layers: [...(await colleague.layers()), mine] });
    },
    end: { ...BEFORE, layers: 1 },
    told: /layers/,
  },
  {
    title: "sets what the fault leaves alone",
    does: (colleague) => colleague.sets({ Timeout: 9 }),
    end: BEFORE,
    told: /timeoutSeconds/,
  },
];

interface Scene {
  readonly stage: Stage;
  /** What somebody else does in the hold. */
  act(does: Act["does"]): void;
  /** When that was done. */
  actedAt(): number;
}

async function world(afterMs = 10_000): Promise<Scene> {
  let does: Act["does"] = async () => undefined;
  let actedAt = Number.NaN;
  const stage: Stage = await Stage.of(
    { onEvent: ({ type }) => (type === "hold.started" ? void later() : undefined) },
    { settings: { Environment: { Variables: { APP_A: "1" } } } },
  );
  const later = async (): Promise<void> => {
    await stage.clock.sleep(afterMs);
    await does(new Colleague(stage));
    actedAt = stage.clock.now();
  };
  return {
    stage,
    act: (next) => {
      does = next;
    },
    actedAt: () => actedAt,
  };
}

/** As they are called where this carrier is used. */
function named(variables: End["variables"], method: string): End["variables"] {
  const list = method === "env" ? "NODE_OPTIONS" : "LD_PRELOAD";
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [name === "LIST" ? list : name, value]),
  );
}

function text(events: readonly Recorded[]): string {
  return summaryText(fold(events), { width: 10_000 });
}

describe.each(["layer", "code", "env"])("a block by %s, when somebody else", (method) => {
  const whenever = acts.flatMap((act) => [0, 10_000].map((afterMs) => ({ ...act, afterMs })));
  it.each(whenever)("$title after $afterMs ms: is out within seconds, and theirs stays", async (given) => {
    const { does, end, told, afterMs } = given;
    const { stage, act, actedAt } = await world(afterMs);
    const colleague = new Colleague(stage);
    const before = await colleague.sees();
    act(does);

    const events = await stage.run(block(method));

    const [lost = Number.POSITIVE_INFINITY] = timesOf(events, "inject.lost");
    expect(lost - actedAt()).toBeLessThan(5_000);
    expect((timesOf(events, "restore.started")[0] ?? 0) - lost).toBeLessThan(1_000);
    expect(eventsOf(events, "run.closed")).toHaveLength(1);
    expect(exitCode(fold(events)), text(events)).toBe(3);
    expect(text(events)).toMatch(told);
    const after = await colleague.sees();
    expect({
      variables: await colleague.variables(),
      layers: (await colleague.layers()).length,
      isTheirCode: after["CodeSha256"] !== before["CodeSha256"],
    }).toEqual({ ...end, variables: named(end.variables, method) });
    expect(await withoutInterceptor(await colleague.code())).toBeNull();
  });

  it("publishes a version, tells which, and is not done until it is gone", async () => {
    const { stage, act } = await world();
    const colleague = new Colleague(stage);
    const { RevisionId: _, LastModified: __, ...before } = await colleague.sees();
    act(async () => void (await stage.cloud("lambda:PublishVersion", { FunctionName })));

    const events = await stage.run(block(method));

    const { RevisionId: ___, LastModified: ____, ...after } = await colleague.sees();
    expect(after).toEqual(before);
    expect(exitCode(fold(events)), text(events)).toBe(4);
    expect(text(events)).toMatch(/published version 1 of orders .* carries the fault.*--qualifier 1/);
    expect(exitCode(fold(await stage.restore()))).toBe(4);

    await stage.cloud("lambda:DeleteFunction", { FunctionName, Qualifier: "1" });
    const mended = await stage.restore();
    expect(eventsOf(mended, "run.closed"), text(mended)).toHaveLength(1);
  });

  it("publishes a version, says nothing of it where versions may not be read", async () => {
    const { stage, act } = await world();
    stage.world.cloud.switches.set({ deny: ["lambda:ListVersionsByFunction"] });
    act(async () => void (await stage.cloud("lambda:PublishVersion", { FunctionName })));

    const events = await stage.run(block(method));

    expect(exitCode(fold(events)), text(events)).toBe(3);
    expect(text(events)).toContain("published it");
  });
});
