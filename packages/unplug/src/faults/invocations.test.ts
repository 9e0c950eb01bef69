import { describe, expect, it } from "vitest";
import { FaultTrial } from "../../../../test/support/fault-trial.ts";
import type { Windows } from "../contract/evidence.ts";
import { invocationTimes, judgeInvocations } from "./invocations.ts";
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
const question = { functionName: "orders", wholly: true, backlog: false };
const before = steady(FROM - 60_000, FROM);

describe("the times of invocations", () => {
  it("that pause are an effect, with the real pause and the usual gap", () => {
    const times = [...before, FROM + 2_000, ...steady(TO + 1_000, TO + 30_000)];
    const { verdict, text, numbers } = judgeInvocations(times, windows, question);
    expect(verdict).toBe("seen");
    expect(text).toMatch(/orders was not invoked for 59\.0 s, from 2\.0 s .*longest gap before was 1\.0 s/);
    expect(numbers).toEqual({ before: 60, during: 1, after: 29, pauseMs: 59_000 });
  });

  it("that go on are no effect when everything was unplugged, with the cause and the remedy", () => {
    const { verdict, text } = judgeInvocations(steady(FROM - 60_000, TO + 30_000), windows, question);
    expect(verdict).toBe("absent");
    expect(text).toContain(
      "polling never paused. AWS may go on polling for up to 90 s after Disabled: hold longer.",
    );
  });

  it("that go on say nothing when the function has other sources", () => {
    const times = steady(FROM - 60_000, TO + 30_000);
    const { verdict, text } = judgeInvocations(times, windows, { ...question, wholly: false });
    expect([verdict, text.includes("other sources")]).toEqual(["unreadable", true]);
  });

  it.each([0, 1, 2])("of %i invocations before are too little traffic", (count) => {
    const times = steady(FROM - 60_000, FROM).slice(0, count);
    expect(judgeInvocations(times, windows, question)).toMatchObject({ verdict: "no-traffic" });
  });

  it("that could not be read are unreadable, and say which permission is missing", () => {
    const { verdict, text } = judgeInvocations(null, windows, question);
    expect([verdict, text.includes("logs:FilterLogEvents")]).toEqual(["unreadable", true]);
  });

  it("that do not come back say so: Enabled but no invocations, with a backlog or without", () => {
    const idle = judgeInvocations(before, windows, question).text;
    expect(idle).toContain("Enabled again and orders was not invoked in the 30.0 s since");
    expect(idle).toContain("queue not empty, stream has records, topic has unconsumed offsets");
    const waiting = judgeInvocations(before, windows, { ...question, backlog: true }).text;
    expect(waiting).toContain("no invocation in the 30.0 s since, although a backlog waits");
    expect(waiting).toContain("look at the mapping's State again in a minute");
  });

  it("that had no time to come back say nothing of it", () => {
    const short = { ...windows, after: { from: TO, to: TO + 9_000 } };
    expect(judgeInvocations(before, short, question).text).not.toContain("Enabled again");
  });
});

describe("the log of a function", () => {
  it("is read page by page, in order, for text and JSON", async () => {
    const asked: Readonly<Record<string, unknown>>[] = [];
    const pages = [
      { events: [{ timestamp: 30 }, { timestamp: 10 }], nextToken: "2" },
      { events: [{ timestamp: 20 }, {}] },
    ];
    const trial = await FaultTrial.of(
      fault,
      {},
      {
        "logs:FilterLogEvents": (input) => {
          asked.push(input);
          return pages[asked.length - 1];
        },
      },
    );
    expect(await invocationTimes("orders", windows, trial.io)).toEqual([10, 20, 30]);
    expect(asked.map(({ nextToken }) => nextToken)).toEqual([undefined, "2"]);
    expect(asked[0]).toMatchObject({
      logGroupName: "/aws/lambda/orders",
      startTime: FROM - 300_000,
      endTime: TO + 30_000,
    });
    expect(String(asked[0]?.filterPattern)).toMatch(/START RequestId.*platform\.start/);
  });

  it("that cannot be read is null, not empty", async () => {
    const trial = await FaultTrial.of(fault);
    trial.world.cloud.switches.set({ deny: ["logs:FilterLogEvents"] });
    expect(await invocationTimes("orders", windows, trial.io)).toBeNull();
  });
});
