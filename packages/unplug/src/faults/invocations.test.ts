import { describe, expect, it } from "vitest";
import { FaultTrial } from "../../../../test/support/fault-trial.ts";
import type { Windows } from "../contract/evidence.ts";
import type { Io } from "../contract/io.ts";
import { judgeInvocations, readInvocations } from "./invocations.ts";
import { lambdaToggleEventMappingState as fault } from "./lambda-toggle-event-mapping-state.ts";

const FROM = 1_000_000;
const TO = FROM + 60_000;
const windows: Windows = {
  baseline: { from: FROM - 10_000, to: FROM },
  faults: [{ from: FROM, to: TO }],
  after: { from: TO, to: TO + 30_000 },
};
/** Once a second. */
const steady = (from: number, to: number): readonly number[] =>
  Array.from({ length: Math.floor((to - from) / 1000) }, (_, i) => from + i * 1000);
const whole = (times: readonly number[]) => ({ times, unread: [] });
const question = { functionName: "orders", wholly: true, backlog: false };
const before = steady(FROM - 60_000, FROM);

describe("the times of invocations", () => {
  it("that pause are an effect, with the real pause and the usual gap", () => {
    const times = [...before, FROM + 2_000, ...steady(TO + 1_000, TO + 30_000)];
    const { verdict, text, numbers } = judgeInvocations(whole(times), windows, question);
    expect(verdict).toBe("seen");
    expect(text).toMatch(
      /orders was not invoked for 59\.0 s, from 2\.0 s .*nine of ten gaps before were of 1\.0 s at most/,
    );
    expect(numbers).toEqual({ before: 60, during: 1, after: 29, pauseMs: 59_000 });
  });

  it("that go on are no effect when everything was unplugged, with the cause and the remedy", () => {
    const { verdict, text } = judgeInvocations(whole(steady(FROM - 60_000, TO + 30_000)), windows, question);
    expect(verdict).toBe("absent");
    expect(text).toContain(
      "polling never paused. AWS may go on polling for up to 90 s after Disabled: hold longer.",
    );
  });

  it("that go on say nothing when the function has other sources", () => {
    const times = steady(FROM - 60_000, TO + 30_000);
    const { verdict, text } = judgeInvocations(whole(times), windows, { ...question, wholly: false });
    expect([verdict, text.includes("other sources")]).toEqual(["unreadable", true]);
  });

  it.each([0, 1, 2])("of %i invocations before are too little traffic", (count) => {
    const times = steady(FROM - 60_000, FROM).slice(0, count);
    expect(judgeInvocations(whole(times), windows, question)).toMatchObject({ verdict: "no-traffic" });
  });

  it("that could not be read are unreadable, and say which permission is missing", () => {
    const { verdict, text } = judgeInvocations(null, windows, question);
    expect([verdict, text.includes("logs:FilterLogEvents")]).toEqual(["unreadable", true]);
  });

  it("that do not come back say so: Enabled but no invocations, with a backlog or without", () => {
    const idle = judgeInvocations(whole(before), windows, question).text;
    expect(idle).toContain("Enabled again and orders was not invoked in the 30.0 s since");
    expect(idle).toContain("queue not empty, stream has records, topic has unconsumed offsets");
    const waiting = judgeInvocations(whole(before), windows, { ...question, backlog: true }).text;
    expect(waiting).toContain("no invocation in the 30.0 s since, although a backlog waits");
    expect(waiting).toContain("look at the mapping's State again in a minute");
  });

  it("that had no time to come back say nothing of it", () => {
    const short = { ...windows, after: { from: TO, to: TO + 9_000 } };
    expect(judgeInvocations(whole(before), short, question).text).not.toContain("Enabled again");
  });
});

describe("the log of a function", () => {
  it("is read page by page, in order, the fault's time by itself, for text and JSON", async () => {
    const asked: Readonly<Record<string, unknown>>[] = [];
    const trial = await FaultTrial.of(
      fault,
      {},
      {
        "logs:FilterLogEvents": (input) => {
          asked.push(input);
          const [start, end] = [Number(input.startTime), Number(input.endTime)];
          if (input.nextToken === "2") return { events: [{ timestamp: end }, {}] };
          return { events: [{ timestamp: start + 2 }, { timestamp: start }], nextToken: "2" };
        },
      },
    );
    const [early, core, end] = [FROM - 300_000, FROM - 10_000, TO + 30_000];
    expect(await readInvocations("orders", windows, trial.io)).toEqual({
      times: [early, early + 2, core - 1, core, core + 2, TO - 1, TO, TO + 2, end],
      unread: [],
    });
    expect(asked).toHaveLength(6);
    expect(asked.map(({ logGroupName }) => logGroupName)).toContain("/aws/lambda/orders");
    expect(String(asked[0]?.filterPattern)).toMatch(/START RequestId.*platform\.start/);
  });

  it("of a function that is busy around the fault still tells its pause", async () => {
    const log = await readInvocations("orders", windows, await busyLog((at) => at < FROM || at >= TO));
    expect(log?.unread.map(({ to }) => to)).toEqual([FROM - 10_000, TO + 30_001]);
    expect(judgeInvocations(log, windows, question)).toMatchObject({
      verdict: "seen",
      numbers: { during: 0, pauseMs: 60_010 },
    });
  });

  it("of a function that is too busy to be counted in the fault claims no silence", async () => {
    const log = await readInvocations("orders", windows, await busyLog(() => true));
    const { verdict, text } = judgeInvocations(log, windows, question);
    expect(verdict).toBe("unreadable");
    expect(text).toContain("The log of orders has too many entries to count while the fault was in");
  });

  it("with many empty pages is read to its end, and never without one", async () => {
    const answering = (pages: number) => {
      const trial = FaultTrial.of(
        fault,
        {},
        {
          "logs:FilterLogEvents": ({ nextToken = "0", endTime }) =>
            Number(nextToken) < pages
              ? { events: [], nextToken: String(Number(nextToken) + 1) }
              : { events: [{ timestamp: Number(endTime) }] },
        },
      );
      return trial.then(({ io }) => readInvocations("orders", windows, io));
    };
    expect(await answering(100)).toMatchObject({ times: { length: 3 }, unread: [] });
    expect(judgeInvocations(await answering(Number.POSITIVE_INFINITY), windows, question).verdict).toBe(
      "unreadable",
    );
  });

  it("that cannot be read is null, not empty", async () => {
    const trial = await FaultTrial.of(fault);
    trial.world.cloud.switches.set({ deny: ["logs:FilterLogEvents"] });
    expect(await readInvocations("orders", windows, trial.io)).toBeNull();
  });
});

/** An invocation every 10 ms where `runs` says so, a hundred on a page. */
async function busyLog(runs: (at: number) => boolean): Promise<Io> {
  const answer = ({ startTime, endTime, nextToken }: Readonly<Record<string, unknown>>) => {
    const from = Number(nextToken ?? startTime);
    const last = Math.min(Number(endTime), from + 990);
    const times = Array.from({ length: Math.floor((last - from) / 10) + 1 }, (_, i) => from + i * 10);
    const events = times.filter(runs).map((timestamp) => ({ timestamp }));
    return last + 10 > Number(endTime) ? { events } : { events, nextToken: String(last + 10) };
  };
  return (await FaultTrial.of(fault, {}, { "logs:FilterLogEvents": answer })).io;
}
