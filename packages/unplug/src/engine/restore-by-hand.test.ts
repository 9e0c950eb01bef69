import { describe, expect, it } from "vitest";
import { experiment, snapshot } from "../../../../test/support/scenario.ts";
import { eventsOf, Stage, toggleStep, typesOf } from "../../../../test/support/stage.ts";
import { ACCOUNT, connectTo, REGION, recordOf } from "../../../../test/support/world.ts";
import { environmentAccess } from "../contract/access.ts";
import { type Action, type Aws, AwsError, type InputOf, type OutputOf } from "../contract/aws.ts";
import type { Recorded } from "../contract/journal.ts";
import { type ByHand, MarkersUnread } from "./find-by-hand.ts";
import type { Parts } from "./parts.ts";
import { restoreByHand } from "./restore-by-hand.ts";
import { runExperiment } from "./run.ts";

const access = environmentAccess(REGION);
const functionArn = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:orders`;

/** A run that dies in its hold; whoever comes then has a journal that knows nothing of it. */
async function abandoned(mappings = 2): Promise<Stage> {
  const stage = await Stage.of({}, { mappings });
  let held = false;
  const onEvent = ({ event }: Recorded): void => void (held ||= event.type === "hold.started");
  const options = { run: "r-1", signal: stage.controller.signal };
  void runExperiment(experiment(toggleStep()), options, { ...stage.parts, onEvent });
  await stage.clock.run(new Promise(() => undefined), () => held);
  stage.processes.kill();
  return stage;
}

/** What AWS answers instead of the sandbox; null: the sandbox's own answer. May throw. */
type Instead = (action: Action, input: Readonly<Record<string, unknown>>) => object | null;

async function byHand(
  stage: Stage,
  asked: Partial<ByHand> = {},
  instead: Instead = () => null,
  { resources }: Pick<Parts, "resources"> = stage.parts,
): Promise<readonly Recorded[]> {
  const aws: Aws = {
    async call<A extends Action>(action: A, input: InputOf<A>): Promise<OutputOf<A>> {
      const answer = instead(action, { ...input });
      return answer === null ? stage.aws.call(action, input) : (answer as OutputOf<A>);
    },
  };
  const { journal } = await Stage.of({}, { mappings: 0 });
  const parts = { ...stage.parts, resources, journal, connect: connectTo(aws) };
  const signal = new AbortController().signal;
  const work = restoreByHand(
    { run: "by-hand", functionName: "orders", access, ids: [], force: true, signal, ...asked },
    parts,
  );
  await stage.clock.run(work);
  return work;
}

/** What is thrown; fails when nothing is. */
async function thrown(work: Promise<unknown>): Promise<Error> {
  const error: unknown = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Error)) throw new Error("Nothing was thrown.");
  return error;
}

async function statesOf(stage: Stage): Promise<readonly unknown[]> {
  const all = stage.world.mappings.map((UUID) => stage.cloud("lambda:GetEventSourceMapping", { UUID }));
  return (await Promise.all(all)).map((one) => recordOf(one).State);
}

function failing(code: string, status: number | null, ids: readonly string[]): Instead {
  const outcome = status !== null && status < 500 ? "refused" : "unknown";
  return (action, { Resource }) => {
    if (action === "lambda:ListTags" && ids.some((id) => String(Resource).endsWith(id)))
      throw new AwsError(action, { code, status, outcome, message: "sorry" });
    return null;
  };
}

describe("a restore by hand", () => {
  it("says what of a function it could not read, and nothing of mappings", async () => {
    const stage = await Stage.of({}, { mappings: 0 });
    const error = await thrown(
      byHand(stage, {}, (action) => {
        if (action !== "code:Download") return null;
        throw new AwsError(action, { code: "Forbidden", status: 403, outcome: "refused", message: "sorry" });
      }),
    );

    expect(error).toBeInstanceOf(MarkersUnread);
    expect(error.message).toContain("code of function orders: Forbidden: code:Download: sorry");
    expect(error.message).not.toMatch(/mapping/);
  });

  it("takes out what carries the marker", async () => {
    const stage = await abandoned();
    expect(typesOf(await byHand(stage)).at(-1)).toBe("run.closed");
    expect(await statesOf(stage)).toEqual(["Enabled", "Enabled"]);
  });

  it.each([
    ["throttled", "TooManyRequestsException", 429],
    ["answered by a failure of AWS's own", "ServiceException", 500],
    ["not answered at all", "ECONNRESET", null],
    ["denied", "AccessDeniedException", 403],
  ])(
    "names the mappings whose marker's reading is %s, and restores the others",
    async (_what, code, status) => {
      const stage = await abandoned();
      const [broken = "", other = ""] = stage.world.mappings;
      const error = await thrown(byHand(stage, {}, failing(code, status, [broken])));
      expect(error).toBeInstanceOf(MarkersUnread);
      expect(error.message).toContain(`mapping ${broken}: ${code}: lambda:ListTags: sorry`);
      expect(error.message).not.toContain(other);
      expect(await statesOf(stage)).toEqual(["Disabled", "Enabled"]);
      const events = error instanceof MarkersUnread ? error.events : [];
      expect(eventsOf(events, "run.failed")).toMatchObject([{ failure: { code: "MarkersUnread" } }]);
    },
  );

  it("that can read no marker says so, and does not say that there is none", async () => {
    const stage = await abandoned();
    const { mappings } = stage.world;
    const error = await thrown(byHand(stage, {}, failing("ServiceException", 500, mappings)));
    expect(error).toBeInstanceOf(MarkersUnread);
    for (const id of mappings) expect(error.message).toContain(id);
    expect(await statesOf(stage)).toEqual(["Disabled", "Disabled"]);
  });

  it("goes by a human's word where markers may not be read, and names one that only failed", async () => {
    const stage = await abandoned();
    const [id = ""] = stage.world.mappings;
    await byHand(stage, { ids: [id] }, failing("AccessDeniedException", 403, [id]));
    expect(await statesOf(stage)).toEqual(["Enabled", "Disabled"]);
    const again = await abandoned();
    const [other = ""] = again.world.mappings;
    const error = await thrown(byHand(again, { ids: [other] }, failing("ServiceException", 500, [other])));
    expect(error.message).toContain(other);
    expect(await statesOf(again)).toEqual(["Enabled", "Disabled"]);
  });

  it("waits for a disabling that may be in flight, since whoever sent it cannot say", async () => {
    const stage = await abandoned(1);
    const [UUID = ""] = stage.world.mappings;
    const before = await snapshot((await Stage.of({}, { mappings: 1 })).world);
    await stage.cloud("lambda:UpdateEventSourceMapping", { UUID, Enabled: true });
    await stage.clock.pass(5_000);
    // It reads Enabled, and the dead machine's write is still on its way.
    void stage.clock
      .sleep(15_000)
      .then(() => stage.cloud("lambda:UpdateEventSourceMapping", { UUID, Enabled: false }));
    const events = await byHand(stage);
    await stage.clock.pass(60_000);
    expect(await statesOf(stage)).toEqual(["Enabled"]);
    expect(await snapshot(stage.world)).toEqual(before);
    expect(typesOf(events).filter((type) => type === "proved")).toHaveLength(2);
  });
});

/** The sandbox has no aliases: the function is answered for it, and its mappings are moved to it in the store. */
function onAlias(stage: Stage): Instead {
  feed(stage, `${functionArn}:live`);
  return (action, { FunctionName }) => {
    if (action !== "lambda:GetFunction") return null;
    const qualifier = String(FunctionName).endsWith(":live") ? ":live" : "";
    return { Configuration: { FunctionArn: `${functionArn}${qualifier}` } };
  };
}

function feed(stage: Stage, arn: string): void {
  for (const mapping of stage.world.cloud.mappings.of({ region: REGION, account: ACCOUNT }))
    mapping.functionArn = arn;
}

describe("a mapping of an alias", () => {
  it("that is named is read by itself, and belongs to the function", async () => {
    const stage = await abandoned(1);
    const [id = ""] = stage.world.mappings;
    await byHand(stage, { ids: [id] }, onAlias(stage));
    expect(await statesOf(stage)).toEqual(["Enabled"]);
  });

  it("is not found under the bare name, which says how it is", async () => {
    const stage = await abandoned(1);
    const { message } = await thrown(byHand(stage, {}, onAlias(stage)));
    expect(message).toContain("--function NAME:ALIAS");
    expect(await statesOf(stage)).toEqual(["Disabled"]);
  });

  it("is found under the alias's own name", async () => {
    const stage = await abandoned(1);
    await byHand(stage, { functionName: "orders:live" }, onAlias(stage));
    expect(await statesOf(stage)).toEqual(["Enabled"]);
  });

  it("of another function is refused by name, and so is what does not exist", async () => {
    const stage = await abandoned(1);
    const [id = ""] = stage.world.mappings;
    feed(stage, functionArn.replace("orders", "billing"));
    const nobody = "00000000-0000-4000-8000-000000000000";
    const { message } = await thrown(byHand(stage, { ids: [id, nobody] }));
    expect(message).toContain(`has no ${id}, ${nobody}; nothing was changed`);
    expect(await statesOf(stage)).toEqual(["Disabled"]);
  });
});
