import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../../../test/support/virtual-clock.ts";
import { type Aws, AwsError } from "../contract/aws.ts";
import type { Clock } from "../contract/clock.ts";
import { Budget, withBudget } from "./budget.ts";

const UPDATE = "lambda:UpdateEventSourceMapping";

function limited(perSecond: number) {
  const clock = new VirtualClock();
  const started = clock.now();
  const sent: { uuid: string; at: number }[] = [];
  const inner: Aws = {
    call: (_action, input) => {
      sent.push({ uuid: "UUID" in input ? String(input.UUID) : "", at: clock.now() - started });
      return Promise.resolve({}) as never;
    },
  };
  return { clock, sent, aws: withBudget(inner, new Budget(clock, perSecond)) };
}

describe("the rate budget", () => {
  it("lets one second's worth through at once, then fifteen a second, first come first served", async () => {
    const { clock, sent, aws } = limited(15);
    const ids = Array.from({ length: 100 }, (_, i) => String(i));
    await clock.run(Promise.all(ids.map((UUID) => aws.call(UPDATE, { UUID }))));
    expect(sent.map(({ uuid }) => uuid)).toEqual(ids);
    expect(sent.filter(({ at }) => at === 0)).toHaveLength(15);
    expect(sent.at(-1)?.at).toBeCloseTo((85 / 15) * 1000, 0);
    for (let from = 1; from < 4_000; from += 500)
      expect(sent.filter(({ at }) => at >= from && at < from + 1000).length).toBeLessThanOrEqual(16);
  });

  it("fills up again while nothing is asked, to one second's worth and no further", async () => {
    const { clock, sent, aws } = limited(15);
    await clock.pass(3_600_000);
    const ids = Array.from({ length: 40 }, (_, i) => String(i));
    await clock.run(Promise.all(ids.map((UUID) => aws.call(UPDATE, { UUID }))));
    expect(sent.filter(({ at }) => at === 3_600_000)).toHaveLength(15);
  });

  it("does not count GetFunction, which has a limit of its own, nor other services", async () => {
    const { clock, sent, aws } = limited(1);
    const calls = Array.from({ length: 50 }, () => aws.call("lambda:GetFunction", { FunctionName: "f" }));
    await clock.run(Promise.all([...calls, aws.call("sts:GetCallerIdentity", {})]));
    expect(sent.every(({ at }) => at === 0)).toBe(true);
  });

  it("ends the wait of an aborted call, which was not sent, and others keep their turn", async () => {
    const { clock, sent, aws } = limited(1);
    const abort = new AbortController();
    const first = aws.call(UPDATE, { UUID: "first" });
    const second = aws.call(UPDATE, { UUID: "second" });
    const given = aws.call(UPDATE, { UUID: "given up" }, abort.signal).catch((error: unknown) => error);
    const last = aws.call(UPDATE, { UUID: "last" });
    void clock.sleep(500).then(() => abort.abort());
    await clock.run(Promise.all([first, second, given, last]));
    const error = await given;
    expect(error).toBeInstanceOf(AwsError);
    expect(error).toMatchObject({ code: "Aborted", outcome: "unsent", action: UPDATE });
    expect(sent.map(({ uuid }) => uuid)).toEqual(["first", "second", "last"]);
  });

  it("gives back the turn of a call that was not sent", async () => {
    const { clock, sent, aws } = limited(2);
    const abort = new AbortController();
    await aws.call(UPDATE, { UUID: "first" });
    await aws.call(UPDATE, { UUID: "second" });
    const given = Array.from({ length: 30 }, (_, i) =>
      aws.call(UPDATE, { UUID: `given up ${i}` }, abort.signal).catch(() => null),
    );
    abort.abort();
    await clock.run(Promise.all(given));
    // A restore follows an abort, and must not stand behind thirty calls that nobody makes.
    await clock.run(aws.call(UPDATE, { UUID: "restore" }));
    expect(sent.map(({ uuid }) => uuid)).toEqual(["first", "second", "restore"]);
    expect(sent.at(-1)?.at).toBeLessThanOrEqual(1_000);
  });

  it("sends nothing when the machine slept in the wait and the time is over when it wakes", async () => {
    const clock = new VirtualClock();
    const abort = new AbortController();
    const sent: string[] = [];
    const inner: Aws = {
      call: (action) => {
        sent.push(action);
        return Promise.resolve({}) as never;
      },
    };
    const wakes: Clock = {
      now: () => clock.now(),
      sleep: () => {
        clock.jump(3_600_000);
        abort.abort();
        return Promise.resolve();
      },
    };
    const aws = withBudget(inner, new Budget(wakes, 2));
    await aws.call(UPDATE, { UUID: "in time" }, abort.signal);
    await aws.call(UPDATE, { UUID: "in time" }, abort.signal);
    await expect(aws.call(UPDATE, { UUID: "too late" }, abort.signal)).rejects.toMatchObject({
      code: "Aborted",
      outcome: "unsent",
    });
    expect(sent).toHaveLength(2);
  });

  it("is empty when AWS says that the account's is", async () => {
    const clock = new VirtualClock();
    const budget = new Budget(clock, 10);
    const throttled = new AwsError(UPDATE, {
      code: "TooManyRequestsException",
      status: 429,
      outcome: "refused",
      message: "",
    });
    await expect(
      withBudget({ call: () => Promise.reject(throttled) }, budget).call(UPDATE, { UUID: "x" }),
    ).rejects.toBe(throttled);
    const from = clock.now();
    await clock.run(budget.spend(undefined));
    expect(clock.now() - from).toBeGreaterThanOrEqual(100);
  });

  it("of 0 has no limit", async () => {
    const { clock, sent, aws } = limited(0);
    await clock.run(Promise.all(Array.from({ length: 500 }, () => aws.call(UPDATE, { UUID: "x" }))));
    expect(sent.every(({ at }) => at === 0)).toBe(true);
  });
});
