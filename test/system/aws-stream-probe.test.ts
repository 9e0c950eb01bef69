import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { labTest, REGION, TOGGLE, waitFor } from "../support/lab.ts";

labTest("fast")(
  "a stream that stands still is seen as a gap, and how long by the age that follows",
  { timeout: 240_000 },
  async ({ lab, onTestFinished }) => {
    const StreamName = "clicks";
    const EventSourceArn = `arn:aws:kinesis:${REGION}:000000000000:stream/${StreamName}`;
    await lab.addFunction("clicks");
    await lab.call("kinesis:CreateStream", { StreamName, ShardCount: 1 });
    const { UUID: uuid } = await lab.call("lambda:CreateEventSourceMapping", {
      FunctionName: "clicks",
      EventSourceArn,
      StartingPosition: "LATEST",
      // The age of a batch is that of its last record.
      BatchSize: 2,
    });
    await lab.reaches(String(uuid), "Enabled");
    const put = () =>
      lab.call("kinesis:PutRecord", { StreamName, PartitionKey: "k", Data: Buffer.from("{}") });
    const sender = setInterval(() => void put(), 150);
    onTestFinished(() => clearInterval(sender));
    // As old as the data of the first checks, and a little more.
    const read = {
      region: REGION,
      namespace: "AWS/Kinesis",
      name: "GetRecords.IteratorAgeMilliseconds",
      dimensions: { StreamName },
    };
    const { metrics } = lab.sandbox.cloud;
    await waitFor(() => metrics.points(read, 0, Number.MAX_SAFE_INTEGER).length > 3);
    const path = join(lab.folder, "clicks.yaml");
    await writeFile(
      path,
      `
apiVersion: unplug.dev/v1
kind: Experiment
metadata: { name: clicks }
spec:
  steps:
    - fault: ${TOGGLE}
      tunables: { FUNCTION_NAME: clicks, REGION: ${REGION}, EVENT_UUIDS: all, TOTAL_CHAOS_DURATION: 4 }
      probes:
        - name: falls-behind
          type: backlog
          mode: Continuous
          lag: 2s
          backlog: { stream: ${StreamName}, period: 1s }
          expect: { ageSeconds: { rises: 2, returns: 60s } }
          run: { interval: 500ms }
`,
    );

    const run = lab.start(["run", path, "--format", "ndjson"]);

    expect((await run.ended).code, run.stderr).toBe(0);
    const checks = run.of("probe.checked").map(({ check }) => check);
    const still = checks.filter(({ phase, result }) => phase === "fault" && result === "missing");
    expect(still.map(({ text }) => text)).toContainEqual(expect.stringContaining("nobody read the stream"));
    expect(Math.max(...checks.map(({ measures }) => Number(measures["ageSeconds"] ?? 0)))).toBeGreaterThan(2);
  },
);
