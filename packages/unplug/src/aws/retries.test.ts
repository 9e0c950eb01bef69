import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../../../test/support/virtual-clock.ts";
import { type Aws, AwsError, type CallOutcome } from "../contract/aws.ts";
import type { Clock } from "../contract/clock.ts";
import { withRetries } from "./retries.ts";

const WRITE = "lambda:UpdateEventSourceMapping";
const READ = "lambda:GetEventSourceMapping";
type Failure = readonly [code: string, status: number | null, outcome: CallOutcome];

/** Fails again and again, with the same error; counts. */
async function triesOf(
  action: typeof WRITE | typeof READ,
  [code, status, outcome]: Failure,
): Promise<number> {
  const clock = new VirtualClock();
  let tries = 0;
  const inner: Aws = {
    call: (asked) => {
      tries += 1;
      return Promise.reject(new AwsError(asked, { code, status, outcome, message: code }));
    },
  };
  const work = withRetries(inner, clock).call(action, { UUID: "x" });
  await expect(clock.run(work)).rejects.toThrow(code);
  return tries;
}

describe("a call that fails", () => {
  it.each<[string, Failure, number, number]>([
    ["is throttled", ["TooManyRequestsException", 429, "refused"], 10, 10],
    ["meets a failure of AWS's own", ["ServiceException", 500, "unknown"], 5, 5],
    ["is answered by a proxy, 502", ["UnreadableAnswer", 502, "unknown"], 5, 1],
    ["is answered by a proxy, 504", ["UnreadableAnswer", 504, "unknown"], 5, 1],
    ["is answered by a portal", ["UnreadableAnswer", 403, "unknown"], 5, 1],
    ["is held up by somebody's limit", ["UnreadableAnswer", 429, "unknown"], 5, 1],
    ["is signed with an old token", ["ExpiredTokenException", 403, "refused"], 2, 2],
    ["finds no credentials", ["CredentialsProviderError", null, "unsent"], 1, 1],
    ["is never answered", ["TimeoutError", null, "unknown"], 2, 1],
    ["is cut off", ["ECONNRESET", null, "unknown"], 5, 1],
    ["cannot connect", ["ECONNREFUSED", null, "unsent"], 1, 1],
    ["is denied", ["AccessDeniedException", 403, "refused"], 1, 1],
    ["meets a conflict", ["ResourceConflictException", 409, "refused"], 1, 1],
    ["finds nothing", ["ResourceNotFoundException", 404, "refused"], 1, 1],
    ["is aborted", ["Aborted", null, "unsent"], 1, 1],
  ])("because it %s is tried as often as is safe", async (_what, failure, reads, writes) => {
    expect(await triesOf(READ, failure)).toBe(reads);
    expect(await triesOf(WRITE, failure)).toBe(writes);
  });

  it("is told soon where throttling is what the caller asks about", async () => {
    const clock = new VirtualClock();
    let tries = 0;
    const inner: Aws = {
      call: (action) => {
        tries += 1;
        const about = { code: "TooManyRequestsException", status: 429, outcome: "refused", message: "busy" };
        return Promise.reject(new AwsError(action, { ...about, outcome: "refused" }));
      },
    };
    const input = { FunctionName: "f", Payload: new Uint8Array(), LogType: "Tail" } as const;
    await expect(clock.run(withRetries(inner, clock).call("lambda:Invoke", input))).rejects.toThrow("busy");
    expect(tries).toBe(3);
  });

  it("is tried with longer and longer pauses, up to five seconds", async () => {
    const clock = new VirtualClock();
    const at: number[] = [];
    const inner: Aws = {
      call: (action) => {
        at.push(clock.now());
        return Promise.reject(
          new AwsError(action, { code: "Throttling", status: 400, outcome: "refused", message: "" }),
        );
      },
    };
    await clock.run(
      withRetries(inner, clock)
        .call(READ, { UUID: "x" })
        .catch(() => null),
    );
    expect(at.slice(1).map((one, i) => one - (at[i] ?? 0))).toEqual([
      100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000,
    ]);
  });

  it("is not tried again once it is aborted, not even in the pause", async () => {
    const clock = new VirtualClock();
    const abort = new AbortController();
    let tries = 0;
    const inner: Aws = {
      call: (action) => {
        tries += 1;
        return Promise.reject(
          new AwsError(action, { code: "ServiceException", status: 500, outcome: "unknown", message: "" }),
        );
      },
    };
    const work = withRetries(inner, clock)
      .call(READ, { UUID: "x" }, abort.signal)
      .catch(() => "over");
    void clock.sleep(50).then(() => abort.abort());
    expect(await clock.run(work)).toBe("over");
    expect(tries).toBe(1);
  });

  it("is not sent when it is aborted already", async () => {
    let tries = 0;
    const inner: Aws = {
      call: () => {
        tries += 1;
        return Promise.resolve({}) as never;
      },
    };
    const work = withRetries(inner, new VirtualClock()).call(WRITE, { UUID: "x" }, AbortSignal.abort());
    await expect(work).rejects.toMatchObject({ code: "Aborted", outcome: "unsent" });
    expect(tries).toBe(0);
  });

  it.each([READ, WRITE] as const)(
    "is not tried again (%s) when the machine slept and its time is over when it wakes",
    async (action) => {
      const clock = new VirtualClock();
      const abort = new AbortController();
      const wakes: Clock = {
        now: () => clock.now(),
        sleep: (_ms) => {
          clock.jump(3_600_000);
          abort.abort();
          return Promise.resolve();
        },
      };
      let tries = 0;
      const inner: Aws = {
        call: (asked) => {
          tries += 1;
          return Promise.reject(
            new AwsError(asked, { code: "Throttling", status: 400, outcome: "refused", message: "slow" }),
          );
        },
      };
      const work = withRetries(inner, wakes).call(action, { UUID: "x" }, abort.signal);
      await expect(work).rejects.toMatchObject({ code: "Throttling", outcome: "refused" });
      expect(tries).toBe(1);
    },
  );

  it.each<[string, Failure]>([
    ["refused", ["PreconditionFailedException", 412, "refused"]],
    ["in conflict", ["ResourceConflictException", 409, "refused"]],
    ["never sent", ["Aborted", null, "unsent"]],
  ])("may have been done although its repetition was %s", async (_what, [code, status, outcome]) => {
    const clock = new VirtualClock();
    const errors: Failure[] = [
      ["ServiceException", 500, "unknown"],
      [code, status, outcome],
    ];
    const inner: Aws = {
      call: (action) => {
        const [next = "", answered = null, known = "refused"] = errors.shift() ?? [];
        return Promise.reject(
          new AwsError(action, { code: next, status: answered, outcome: known, message: next }),
        );
      },
    };
    const work = withRetries(inner, clock)
      .call(WRITE, { UUID: "x" })
      .catch((error: unknown) => error);
    expect(await clock.run(work)).toMatchObject({ code, status, outcome: "unknown" });
  });
});
