import { expect, it } from "vitest";
import { ApiError } from "./api-error.ts";
import type { StreamMapping } from "./lambda/stream-mappings.ts";
import { type BatchPorts, processBatch } from "./stream-batch.ts";
import type { DiscardedBatch } from "./stream-failure.ts";
import type { StreamEvent } from "./stream-reader.ts";

const plain: StreamMapping = {
  uuid: "u",
  region: "us-east-1",
  account: "000000000000",
  functionArn: "arn:aws:lambda:us-east-1:000000000000:function:worker",
  streamArn: "arn:aws:kinesis:us-east-1:000000000000:stream/clicks",
  batchSize: 10,
  windowSeconds: 0,
  responseTypes: [],
  filters: [],
  startsAtMs: null,
  retries: null,
  maximumAgeMs: null,
  bisects: false,
  onFailure: null,
};

const events: readonly StreamEvent[] = [1, 2, 3, 4].map((position) => ({
  position,
  sequenceNumber: `n${position}`,
  arrivalMs: position * 1000,
  record: { position },
  filtered: {},
}));

interface Tried {
  /** The positions of each invocation. */
  readonly invoked: readonly (readonly number[])[];
  readonly discarded: readonly Pick<DiscardedBatch, "events" | "condition" | "attempts">[];
  readonly results: readonly string[];
  readonly finished: boolean;
}

/** What the function does with these positions: throws, says what failed (null: everything), or "throttle". */
type Behaviour = (positions: readonly number[], invocation: number) => unknown;

async function tried(mapping: Partial<StreamMapping>, behave: Behaviour, nowMs = 5000): Promise<Tried> {
  const invoked: number[][] = [];
  const discarded: DiscardedBatch[] = [];
  const results: string[] = [];
  let ids = 0;
  const ports: BatchPorts = {
    invoke: async (_mapping, payload) => {
      const positions: number[] = JSON.parse(String(payload)).Records.map(
        (record: { position: number }) => record.position,
      );
      invoked.push(positions);
      const said = behave(positions, invoked.length);
      if (said === "throttle") throw new ApiError(429, "TooManyRequestsException", "Rate Exceeded.");
      const functionError = said === "throw" ? ("Unhandled" as const) : null;
      const answer = Buffer.from(JSON.stringify(said));
      return { payload: answer, functionError, logTail: null, executedVersion: "$LATEST" };
    },
    discard: async (_mapping, batch) => void discarded.push(batch),
    result: (_mapping, words) => void results.push(words),
    now: () => nowMs,
    newId: () => String(++ids),
    pause: async () => undefined,
    stopped: () => invoked.length >= 20,
  };
  const finished = await processBatch({ ...plain, ...mapping }, "shard", events, ports);
  return { invoked, discarded, results, finished };
}

const failed = (...positions: number[]): object => ({
  batchItemFailures: positions.map((position) => ({ itemIdentifier: `n${position}` })),
});

it("is done with a batch that the function accepts", async () => {
  expect(await tried({}, () => null)).toEqual({
    invoked: [[1, 2, 3, 4]],
    discarded: [],
    results: ["OK"],
    finished: true,
  });
});

it("gives a failing batch up after its retries, and tells how often it was tried", async () => {
  const { invoked, discarded, results } = await tried({ retries: 2 }, () => "throw");
  expect(invoked).toHaveLength(3);
  expect(discarded).toMatchObject([{ events, condition: "RetryAttemptsExhausted", attempts: 3 }]);
  expect(results.at(-1)).toBe("PROBLEM: Function call failed");
});

it("tries for ever without a limit, until it is stopped", async () => {
  const { invoked, discarded, finished } = await tried({}, () => "throw");
  expect([invoked.length, discarded.length, finished]).toEqual([20, 0, false]);
});

it("counts no throttle as a try", async () => {
  const { invoked, discarded } = await tried({ retries: 0 }, (_, at) => (at < 5 ? "throttle" : null));
  expect([invoked.length, discarded.length]).toEqual([5, 0]);
});

it("goes on at the lowest record that was reported, with all its retries", async () => {
  const responseTypes = ["ReportBatchItemFailures"];
  const { invoked, discarded } = await tried({ responseTypes, retries: 1 }, (positions) =>
    positions.includes(3) ? failed(4, 3) : null,
  );
  expect(invoked).toEqual([
    [1, 2, 3, 4],
    [3, 4],
    [3, 4],
  ]);
  expect(discarded).toMatchObject([{ attempts: 2, events: [{ position: 3 }, { position: 4 }] }]);
});

it.each([
  { batchItemFailures: [{ itemIdentifier: "other" }] },
  { batchItemFailures: [{ itemIdentifier: "" }] },
  { batchItemFailures: [{ itemIdentifier: null }] },
  { batchItemFailures: [{ id: "n1" }] },
])("takes %j as the failure of all", async (answer) => {
  const { invoked } = await tried({ responseTypes: ["ReportBatchItemFailures"], retries: 0 }, () => answer);
  expect(invoked).toEqual([[1, 2, 3, 4]]);
});

it.each(["", null, [], {}, { batchItemFailures: [] }, { batchItemFailures: null }])(
  "takes %j as success",
  async (answer) => {
    const { discarded } = await tried(
      { responseTypes: ["ReportBatchItemFailures"], retries: 0 },
      () => answer,
    );
    expect(discarded).toEqual([]);
  },
);

it("halves a failing batch until the bad record is alone", async () => {
  const { invoked, discarded } = await tried({ bisects: true, retries: 1 }, (positions) =>
    positions.includes(2) ? "throw" : null,
  );
  expect(invoked).toEqual([[1, 2, 3, 4], [1, 2], [1], [2], [2], [3, 4]]);
  expect(discarded).toMatchObject([{ events: [{ position: 2 }], attempts: 2 }]);
});

it("discards only what is too old, before it is tried", async () => {
  const { invoked, discarded } = await tried({ maximumAgeMs: 2000 }, () => null);
  expect(invoked).toEqual([[3, 4]]);
  expect(discarded).toMatchObject([
    { condition: "RecordAgeExceeded", attempts: 0, events: [{ position: 1 }, { position: 2 }] },
  ]);
});
