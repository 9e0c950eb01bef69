import { expect, test } from "vitest";
import { createCallRecord, type WritableCallRecord } from "./call-record.ts";

function begin(record: WritableCallRecord, action: string, input: unknown = {}): void {
  const caller = { region: "us-east-1", accessKey: null, userAgent: null };
  record.begin({ at: 0, action, input, ...caller });
}

test("finds calls by action, and by how the action begins", () => {
  const record = createCallRecord();
  for (const action of ["lambda:GetFunction", "lambda:Invoke", "sqs:SendMessage"]) begin(record, action);
  expect(record.of("lambda:Invoke").map(({ id }) => id)).toEqual([2]);
  expect(record.of("lambda:*").map(({ id }) => id)).toEqual([1, 2]);
  expect(record.of("lambda:").map(({ id }) => id)).toEqual([]);
});

test("keeps the newest twenty thousand calls", () => {
  const record = createCallRecord();
  for (let i = 0; i < 25_000; i++) begin(record, "sqs:SendMessage");
  const ids = record.all().map(({ id }) => id);
  expect(ids.length).toBeGreaterThanOrEqual(20_000);
  expect(ids.length).toBeLessThanOrEqual(21_000);
  expect(ids.at(-1)).toBe(25_000);
});

test("keeps fewer calls when their inputs are long, and cuts an input that is", () => {
  const record = createCallRecord();
  const Entries = Array.from({ length: 100 }, (_, i) => ({ Id: String(i), MessageBody: "x".repeat(4000) }));
  for (let i = 0; i < 2000; i++) begin(record, "sqs:SendMessageBatch", { Entries });
  expect(JSON.stringify(record.all()).length).toBeLessThan(50_000_000);
  expect(record.all().length).toBeGreaterThan(300);
  expect(record.all().at(-1)).toMatchObject({ id: 2000 });
  expect(JSON.stringify(record.all().at(-1))).toContain('"… (100 items)"');
});
