import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "vitest";
import { Lab, REGION } from "../support/lab.ts";
import { needs } from "../support/needs.ts";
import { NAME } from "../support/toggled.ts";

const PAGE = join(import.meta.dirname, "../../docs/verify-with-aws-cli.md");

/** Commands of the page, and of what they answer what the page promises. */
const answers: readonly (readonly [string, RegExp])[] = [
  ["lambda list-event-source-mappings", /"UUID": /],
  ["lambda get-event-source-mapping", /"State": "Enabled"/],
  ["sqs get-queue-attributes", /"ApproximateNumberOfMessages": "0"/],
  ["lambda update-event-source-mapping", /"State": "Enabl/],
  ["lambda get-function-configuration", /"FunctionName": "orders"/],
  ["lambda invoke", /"StatusCode": 200/],
  ["logs tail", /END RequestId: /],
  ["logs filter-log-events", /END RequestId: /],
  ["cloudwatch get-metric-statistics", /"Label": "Invocations"[^]*"Sum": 1/],
  ["cloudwatch get-metric-statistics", /"Label": "Errors"/],
];

needs("aws-cli").test(
  "every command of the page runs, and answers what the page says",
  async (path) => {
    await using lab = await Lab.open({ timing: "none" });
    const [uuid = ""] = await lab.addFed(NAME, 1);
    const { QueueUrl: queue } = await lab.call("sqs:GetQueueUrl", { QueueName: `${NAME}-0` });
    const page = await readFile(PAGE, "utf8");
    const lines = page.split("\n").filter((line) => line.startsWith("aws "));
    const now = Date.now();
    const values: Readonly<Record<string, string>> = {
      NAME,
      REGION,
      UUID: uuid,
      QUEUE_URL: String(queue),
      OUT_FILE: join(lab.folder, "out.json"),
      SINCE_MS: String(now - 300_000),
      FROM: new Date(now - 300_000).toISOString(),
      TO: new Date(now + 300_000).toISOString(),
    };
    const run = promisify(execFile);
    const env = { ...lab.env, AWS_PAGER: "" };
    const { stdout: version } = await run(path, ["--version"], { env });
    const lacksTail = version.startsWith("aws-cli/1.");

    expect(lines.map((line) => line.split(" ").slice(1, 3).join(" "))).toEqual(answers.map(([name]) => name));
    for (const [i, line] of lines.entries()) {
      const [name = "", answer = /./] = answers[i] ?? [];
      if (name === "logs tail" && lacksTail) continue;
      const words = line.split(" ").slice(1);
      const args = words.map((word) => word.replace(/\b[A-Z_]+\b/g, (key) => values[key] ?? key));
      const { stdout } = await run(path, [...args, "--endpoint-url", lab.sandbox.url], { env });
      expect(stdout, line).toMatch(answer);
    }
    expect(await readFile(values["OUT_FILE"] ?? "", "utf8")).toBe('"ok"');
  },
  120_000,
);
