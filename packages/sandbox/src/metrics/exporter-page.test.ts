import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { needs } from "../../../../test/support/needs.ts";
import { startOfTest, type VirtualCloud, virtualCloud } from "../cloud-for-test.ts";

function note(virtual: VirtualCloud, name: string, value: number, more: Record<string, unknown> = {}): void {
  const series = { region: "us-east-1", namespace: "AWS/Lambda", name, dimensions: { FunctionName: "f" } };
  virtual.cloud.metrics.add({ ...series, ...more }, value, startOfTest);
}

/** Samples by name, with the value of the first of each. */
function samples(page: string): Record<string, number> {
  const lines = page.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return Object.fromEntries(lines.map((line) => [line.split("{")[0], Number(line.split(" ").at(-1))]));
}

test("gives the statistics of the last minute under the exporters' names and labels", () => {
  const virtual = virtualCloud();
  note(virtual, "Errors", 1);
  note(virtual, "Errors", 0);
  note(virtual, "Duration", 20.5);
  virtual.pass(59_000);
  expect(virtual.cloud.metricsPage()).toContain(
    `# HELP aws_lambda_errors_sum CloudWatch metric AWS/Lambda Errors Dimensions: [FunctionName] Statistic: Sum Unit: Count
# TYPE aws_lambda_errors_sum gauge
aws_lambda_errors_sum{job="aws_lambda",instance="",name="arn:aws:lambda:us-east-1:000000000000:function:f",region="us-east-1",account_id="000000000000",function_name="f",dimension_FunctionName="f"} 1
`,
  );
  expect(samples(virtual.cloud.metricsPage())).toEqual({
    aws_lambda_errors_sum: 1,
    aws_lambda_errors_sample_count: 2,
    aws_lambda_errors_minimum: 0,
    aws_lambda_errors_maximum: 1,
    aws_lambda_errors_average: 0.5,
    aws_lambda_duration_sum: 20.5,
    aws_lambda_duration_sample_count: 1,
    aws_lambda_duration_minimum: 20.5,
    aws_lambda_duration_maximum: 20.5,
    aws_lambda_duration_average: 20.5,
  });
});

test("has no sample where nothing was observed in the last minute, and no zero", () => {
  const virtual = virtualCloud();
  note(virtual, "Errors", 1);
  virtual.pass(61_000);
  expect(virtual.cloud.metricsPage()).toBe("");
});

test("is as late as the metrics are", () => {
  const virtual = virtualCloud({ metricsDelayMs: 120_000 });
  note(virtual, "Errors", 1);
  virtual.pass(119_000);
  expect(virtual.cloud.metricsPage()).toBe("");
  virtual.pass(2000);
  expect(samples(virtual.cloud.metricsPage())).toMatchObject({ aws_lambda_errors_sum: 1 });
});

test("tells the depth of queues and how old their oldest message is", async () => {
  const virtual = virtualCloud();
  await virtual.call("sqs:CreateQueue", { QueueName: "orders" });
  const QueueUrl = "http://127.0.0.1/000000000000/orders";
  for (const MessageBody of ["a", "b"]) await virtual.call("sqs:SendMessage", { QueueUrl, MessageBody });
  virtual.pass(20_000);
  const page = virtual.cloud.metricsPage();
  expect(page).toContain(
    'aws_sqs_approximate_number_of_messages_visible_maximum{job="aws_sqs",instance="",name="arn:aws:sqs:us-east-1:000000000000:orders",region="us-east-1",account_id="000000000000",queue_name="orders",dimension_QueueName="orders"} 2\n',
  );
  expect(samples(page)).toMatchObject({
    aws_sqs_number_of_messages_sent_sum: 2,
    aws_sqs_approximate_age_of_oldest_message_maximum: 20,
    aws_sqs_approximate_number_of_messages_not_visible_maximum: 0,
  });
});

needs("promtool").test("is what Prometheus reads, whatever the labels hold", (promtool) => {
  const virtual = virtualCloud();
  for (const region of ["us-east-1", "eu-west-1"]) note(virtual, "Errors", 1, { region });
  note(virtual, "GetRecords.IteratorAge", 1e-7, { namespace: "AWS/Kinesis" });
  note(virtual, "Errors", 1e21, { dimensions: { FunctionName: 'a"b\\c\nd', Resource: "ü" } });
  const page = virtual.cloud.metricsPage();
  const check = (input: string) =>
    spawnSync(promtool, ["check", "metrics"], { timeout: 60_000, input, encoding: "utf8" });
  const { status, stdout, stderr } = check(page);
  // 3: it has read all of it, and finds the exporters' names against its advice.
  const lines = (stdout + stderr).split("\n").filter((line) => line !== "");
  const advice = /should not have "_(sum|count)" suffix|should be written in 'snake_case'/;
  expect(lines.filter((line) => !advice.test(line))).toEqual([]);
  expect(status).toBe(3);
  expect(check(page.replace(/"} /, '" ')).status).toBe(1);
});

test("gives the statistics of a shorter period where one is asked for", () => {
  const virtual = virtualCloud();
  note(virtual, "Errors", 1);
  virtual.pass(4_000);
  expect(virtual.cloud.metricsPage(3_000)).toBe("");
  expect(samples(virtual.cloud.metricsPage(5_000))).toMatchObject({ aws_lambda_errors_sum: 1 });
});
