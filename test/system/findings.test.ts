import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Dependency, ownAddress } from "../support/dependency.ts";
import { Lab, REGION, waitFor } from "../support/lab.ts";

/** A handler that reads a hello of its database: `giveUpMs` is its own patience, null for none. */
const asking = ({ host, port }: Dependency, giveUpMs: number | null) => `import { connect } from "node:net";
export const handler = () => new Promise((resolve) => {
  const socket = connect(${port}, ${JSON.stringify(host)}).setEncoding("utf8");
  const end = (answer) => { socket.destroy(); resolve(answer); };
  socket.once("data", () => end("fine")).once("error", () => end("degraded"));
  ${giveUpMs === null ? "" : `socket.setTimeout(${giveUpMs}, () => end("degraded"));`}
});`;

interface Called {
  readonly began: number;
  readonly answer: "fine" | "degraded" | "timed out";
}

describe.runIf(ownAddress !== null).concurrent("what a run finds is what its callers saw", () => {
  let lab: Lab;
  let database: Dependency;
  beforeAll(async () => {
    [lab, database] = await Promise.all([Lab.open(), Dependency.open()]);
  });
  afterAll(() => Promise.all([lab.close(), database[Symbol.asyncDispose]()]));

  /** A function whose database hangs for a while, with a caller beside it who keeps books of its own. */
  async function hung(name: string, giveUpMs: number | null, holdSeconds: number) {
    await lab.addFunction(name, { source: asking(database, giveUpMs), timeout: 2 });
    const calls: Called[] = [];
    const calling = new AbortController();
    const caller = keepCalling(name, calls, calling.signal);
    // A caller with no traffic before the fault would not be waited for after it.
    await waitFor(async () => calls.length > 5);
    const { stdout, code, stderr } = await lab.unplug([
      "fault",
      "lambda-block-tcp-connection",
      `FUNCTION_NAME=${name}`,
      `REGION=${REGION}`,
      `TARGET_HOSTNAMES=${database.target}`,
      "BLOCK_BEHAVIOR=hang",
      "INJECTION_METHOD=env",
      `TOTAL_CHAOS_DURATION=${holdSeconds}`,
      "--format",
      "json",
    ]);
    calling.abort();
    await caller;
    expect(code, stderr).toBe(0);
    const { findings, steps } = JSON.parse(stdout);
    const [{ confirmedAt, restoreStartedAt }] = steps[0].iterations;
    const held = calls.filter(({ began }) => began >= confirmedAt && began < restoreStartedAt);
    const about = (what: string) =>
      findings.find(({ numbers }: { numbers: Record<string, unknown> }) => numbers["about"] === what);
    return { about, held };
  }

  async function keepCalling(name: string, calls: Called[], signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const began = Date.now();
      const { FunctionError, Payload } = await lab.call("lambda:Invoke", { FunctionName: name });
      const text = String(Payload);
      const answer =
        FunctionError === undefined ? (text.includes("fine") ? "fine" : "degraded") : "timed out";
      calls.push({ began, answer });
      await sleep(100);
    }
  }

  /** One may begin on either side of an edge, as its caller and as its log sees it. */
  const within = (found: unknown, counted: number) => {
    expect(found).toBeGreaterThanOrEqual(counted - 1);
    expect(found).toBeLessThanOrEqual(counted + 1);
  };
  const count = (calls: readonly Called[], answer: Called["answer"]) =>
    calls.filter((call) => call.answer === answer).length;

  test("of a function that gives up in time", async () => {
    const { about, held } = await hung("resilient", 300, 5);
    const { answered, numbers, text } = about("time-to-failure");
    expect(answered, text).toBe(true);
    expect(text).toContain("ends without an error of Lambda's");
    within(numbers["affected"], count(held, "degraded"));
    expect(numbers["timedOut"]).toBe(count(held, "timed out"));
    expect(numbers["p50Ms"]).toBeGreaterThan(250);
    expect(numbers["p50Ms"]).toBeLessThan(2_000);
    expect(about("recovery")).toMatchObject({ answered: true });
  });

  test("of a function that hangs until its timeout", async () => {
    // Each call takes two seconds, and the start of another environment: longer yet on a machine that is busy.
    const { about, held } = await hung("fragile", null, 12);
    const { numbers, text } = about("time-to-failure");
    expect(text).toContain("hangs until its timeout");
    within(numbers["timedOut"], count(held, "timed out"));
    expect(count(held, "timed out")).toBeGreaterThan(0);
    expect(numbers["p50Ms"]).toBeGreaterThanOrEqual(2_000);
    expect(about("billed-time")["numbers"]["extraMs"]).toBeGreaterThan(1_500 * count(held, "timed out"));
    expect(about("recovery")).toMatchObject({ answered: true });
  });
});
