import { expect, test } from "vitest";
import { virtualCloud } from "../cloud-for-test.ts";
import { isOwnTarget, ownAnswer } from "./own-routes.ts";

function ask(target: string, method = "GET", virtual = virtualCloud()) {
  const { status, headers, body } = ownAnswer(virtual.cloud, {
    method,
    target,
    headers: {},
    body: Buffer.alloc(0),
  });
  return { status, type: headers["content-type"], text: body.toString() };
}

test("gives Prometheus its page where it looks by default", async () => {
  const virtual = virtualCloud();
  await virtual.call("sqs:CreateQueue", { QueueName: "orders" });
  virtual.pass(20_000);
  expect(isOwnTarget("/metrics")).toBe(true);
  expect(isOwnTarget("/metrics?x=1")).toBe(true);
  expect(isOwnTarget("/000000000000/metrics")).toBe(false);
  expect(ask("/metrics", "GET", virtual)).toMatchObject({
    status: 200,
    type: "text/plain; version=0.0.4; charset=utf-8",
    text: expect.stringContaining("# TYPE aws_sqs_approximate_number_of_messages_visible_maximum gauge\n"),
  });
  expect(ask("/metrics", "POST").status).toBe(404);
  expect(ask("/metrics?period=5", "GET", virtual).status).toBe(200);
  expect(ask("/metrics?period=0", "GET", virtual)).toMatchObject({ status: 400 });
});

test("tells the calls that were recorded after one, by action", async () => {
  const virtual = virtualCloud();
  for (const QueueName of ["a", "b"]) await virtual.call("sqs:CreateQueue", { QueueName });
  await virtual.call("sts:GetCallerIdentity");
  const ids = (query: string): number[] =>
    JSON.parse(ask(`/_unplug/calls${query}`, "GET", virtual).text).calls.map(
      (call: { id: number }) => call.id,
    );
  expect(ids("")).toEqual([1, 2, 3]);
  expect(ids("?action=sqs:CreateQueue")).toEqual([1, 2]);
  expect(ids("?action=sqs:*&after=1")).toEqual([2]);
  expect(ids("?after=3")).toEqual([]);
  ask("/_unplug/calls", "DELETE", virtual);
  expect(ids("")).toEqual([]);
});

test("refuses what is no id of a call", () => {
  expect(ask("/_unplug/calls?after=yesterday")).toMatchObject({
    status: 400,
    text: expect.stringContaining("after=yesterday is no id of a call: expected a whole number"),
  });
});
