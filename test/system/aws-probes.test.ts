import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Lab, REGION, TOGGLE, waitFor } from "../support/lab.ts";

const GOOD = `export const handler = async ({ Records = [] }) => {
  for (const { body } of Records) console.log("done " + body);
  return { ok: true, count: Records.length };
};`;

/** Forgets every third message, and works on all others twice. */
const FRAGILE = `export const handler = async ({ Records }) => {
  for (const { body } of Records) if (Number(body) % 3 > 0) console.log("done " + body + " done " + body);
};`;

const calls = (name: string) => ({
  Id: "calls",
  MetricStat: {
    Metric: {
      Namespace: "AWS/Lambda",
      MetricName: "Invocations",
      Dimensions: [{ Name: "FunctionName", Value: name }],
    },
    Period: 1,
    Stat: "Sum",
  },
  ReturnData: false,
});

const rule = { EvaluationPeriods: 2, ComparisonOperator: "LessThanThreshold" };

/** All four types on one workload, as its author believes that it behaves. */
const experiment = (name: string, { queue, mapping }: { queue: string; mapping: string }) => `
apiVersion: unplug.dev/v1
kind: Experiment
metadata: { name: ${name}-survives }
spec:
  steps:
    - fault: ${TOGGLE}
      name: pause
      tunables:
        FUNCTION_NAME: ${name}
        REGION: ${REGION}
        EVENT_UUIDS: ${mapping}
        TOTAL_CHAOS_DURATION: 4
      probes:
        - name: backlog-drains
          type: backlog
          mode: Continuous
          backlog:
            queue: ${queue}
            keys:
              sent: { logGroup: /shop/${name}, pattern: 'queued (\\d+)' }
              received: { logGroup: /aws/lambda/${name}, pattern: 'done (\\d+)' }
          expect: { depth: { rises: 1, returns: 60s }, lost: 0, duplicates: 0 }
          run: { timeout: 3s, interval: 500ms }
        - name: nobody-is-invoked
          type: cloudwatch
          mode: OnChaos
          lag: 2s
          cloudwatch:
            queries:
              - id: calls
                namespace: AWS/Lambda
                metric: Invocations
                dimensions: { FunctionName: ${name} }
                statistic: Sum
              - { id: filled, expression: "FILL(calls, 0)" }
            period: 1s
          expect: { value: { "<=": 0 } }
          run: { interval: 500ms, initialDelay: 2s }
        - name: somebody-is-told
          type: cloudwatch-alarm
          mode: OnChaos
          cloudwatch-alarm: { alarm: ${name}-paused }
          expect: { state: { becomes: ALARM, within: 20s } }
          run: { interval: 500ms }
        - name: still-works
          type: lambda
          mode: EOT
          lambda: { function: ${name}, payload: {} }
          expect: { errorKind: none, json.ok: true, durationMs: { "<=": 9000 } }
  stopConditions: [{ type: cloudwatch-alarm, alarm: BurnRate, run: { interval: 500ms } }]
`;

describe.concurrent("probes that ask AWS", { timeout: 240_000 }, () => {
  let lab: Lab;
  const traffic = new AbortController();
  const senders: Promise<void>[] = [];

  /** A message and the line that tells of it, several times a second. */
  async function send(name: string, queue: string): Promise<void> {
    for (let key = 1; !traffic.signal.aborted; key += 1) {
      const place = { region: REGION, group: `/shop/${name}`, stream: "shop" };
      lab.sandbox.cloud.logs.append(place, Date.now(), `queued ${key}`);
      await lab.send(queue, [String(key)]);
      await sleep(100);
    }
  }

  /** It is in order, once it was looked at for the first time, until somebody puts a value into its metric. */
  async function addAlarm(AlarmName: string): Promise<void> {
    await lab.call("cloudwatch:PutMetricAlarm", {
      AlarmName,
      Namespace: "Shop",
      MetricName: AlarmName,
      Statistic: "Sum",
      Period: 1,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: "GreaterThanOrEqualToThreshold",
      TreatMissingData: "notBreaching",
    });
    const asked = { AlarmNames: [AlarmName], StateValue: "OK" };
    await waitFor(
      async () => Object(await lab.call("cloudwatch:DescribeAlarms", asked)).MetricAlarms.length > 0,
    );
  }

  /** The access key of a user who may do what the policy says, and nothing else. */
  async function keyOf(UserName: string, PolicyDocument: string): Promise<NodeJS.ProcessEnv> {
    await lab.call("iam:CreateUser", { UserName });
    await lab.call("iam:PutUserPolicy", { UserName, PolicyName: "run", PolicyDocument });
    const { AccessKey } = await lab.call("iam:CreateAccessKey", { UserName });
    const { AccessKeyId, SecretAccessKey } = Object(AccessKey);
    return { AWS_ACCESS_KEY_ID: AccessKeyId, AWS_SECRET_ACCESS_KEY: SecretAccessKey };
  }

  async function file(name: string, of: { queue: string; mapping: string }): Promise<string> {
    const path = join(lab.folder, `${name}.yaml`);
    await writeFile(path, experiment(name, of));
    return path;
  }

  beforeAll(async () => {
    lab = await Lab.open();
    await Promise.all(["BurnRate", "Stops"].map(addAlarm));
  });

  afterAll(async () => {
    traffic.abort();
    await Promise.all(senders);
    await lab.close();
  });

  test("pass on a workload that behaves so, with the permissions of their policy", async () => {
    await lab.addFunction("orders", { source: GOOD });
    const [mapping = ""] = await lab.addMappings("orders", 1);
    senders.push(send("orders", "orders-0"));
    await lab.call("cloudwatch:PutMetricAlarm", {
      AlarmName: "orders-paused",
      Metrics: [calls("orders"), { Id: "filled", Expression: "FILL(calls, 0)" }],
      Threshold: 1,
      ...rule,
    });
    const path = await file("orders", { queue: "orders-0", mapping });

    const policy = await lab.unplug(["policy", path]);
    const [plan, run] = await Promise.all([
      lab.unplug(["plan", path]),
      lab.unplug(["run", path, "--format", "json"], await keyOf("runner", policy.stdout)),
    ]);

    expect(plan.stdout.replaceAll(/\n +/g, " ")).toContain(
      "backlog-drains (backlog, Continuous, every 500 ms): depth to rise by 1, depth to be back where it was 60 s after the restore, lost 0, duplicates 0; no data is waited for",
    );
    expect(plan.stdout).toMatch(
      /stops unless +cloudwatch-alarm BurnRate \(cloudwatch-alarm, every 500 ms\): state "OK"/,
    );
    const { Statement } = JSON.parse(policy.stdout);
    const allowed = (action: string): readonly string[] =>
      Statement.filter(({ Action }: { Action: readonly string[] }) => Action.includes(action)).flatMap(
        ({ Resource }: { Resource: unknown }) => Resource,
      );
    expect(allowed("cloudwatch:GetMetricData")).toEqual(["*"]);
    expect(allowed("lambda:InvokeFunction")).toEqual([
      `arn:aws:lambda:${REGION}:000000000000:function:orders`,
    ]);
    expect(allowed("cloudwatch:DescribeAlarms")).toContain(
      `arn:aws:cloudwatch:${REGION}:000000000000:alarm:orders-paused`,
    );
    expect(run.code, run.stderr).toBe(0);
    expect(verdicts(run.stdout)).toEqual({
      "cloudwatch-alarm BurnRate": "passed",
      "backlog-drains": "passed",
      "nobody-is-invoked": "passed",
      "somebody-is-told": "passed",
      "still-works": "passed",
    });
  });

  test("fail on one that does not, each with what it expected and got", async () => {
    await lab.addFunction("fragile", { source: FRAGILE });
    // The traffic comes another way than through what is unplugged.
    const [, mapping = ""] = await lab.addMappings("fragile", 2);
    senders.push(send("fragile", "fragile-0"));
    const Metrics = [calls("fragile"), { Id: "filled", Expression: "FILL(calls, 0)" }];
    await lab.call("cloudwatch:PutMetricAlarm", {
      AlarmName: "fragile-paused",
      Metrics,
      Threshold: -1,
      ...rule,
    });

    const run = await lab.unplug([
      "run",
      await file("fragile", { queue: "fragile-0", mapping }),
      "--format",
      "json",
    ]);

    expect(run.code, run.stderr).toBe(1);
    expect(verdicts(run.stdout)).toEqual({
      "cloudwatch-alarm BurnRate": "passed",
      "backlog-drains": "failed",
      "nobody-is-invoked": "failed",
      "somebody-is-told": "failed",
      "still-works": "failed",
    });
    expect(texts(run.stdout)).toMatchObject({
      "backlog-drains": expect.stringMatching(/lost is \d+, expected 0; duplicates is \d+, expected 0/),
      "nobody-is-invoked": expect.stringMatching(/value is \d+, expected at most 0/),
      "somebody-is-told": expect.stringContaining('expected to become "ALARM" within 20 s'),
      "still-works": expect.stringContaining('errorKind is "unhandled", expected "none"'),
    });
  });

  test("stop a run, which then restores, where an alarm is the stop condition", async () => {
    const [mapping = ""] = await lab.addFed("stopped", 1);
    const path = join(lab.folder, "stopped.yaml");
    await writeFile(
      path,
      `
apiVersion: unplug.dev/v1
kind: Experiment
metadata: { name: stopped }
spec:
  steps:
    - fault: ${TOGGLE}
      tunables: { FUNCTION_NAME: stopped, REGION: ${REGION}, EVENT_UUIDS: all, TOTAL_CHAOS_DURATION: 600 }
  stopConditions: [{ type: cloudwatch-alarm, alarm: Stops, run: { interval: 300ms } }]
`,
    );
    const run = lab.start(["run", path, "--format", "ndjson"]);
    await run.event("hold.started");
    await lab.call("cloudwatch:PutMetricData", {
      Namespace: "Shop",
      MetricData: [{ MetricName: "Stops", Value: 1 }],
    });

    expect((await run.ended).code, run.stderr).toBe(5);
    expect(run.stderr).toContain('stop condition "cloudwatch-alarm Stops": state is "ALARM", expected "OK"');
    // The first check that sees it ends the run.
    const types = run.events.map((event) =>
      event.type === "probe.checked" ? `probe ${event.check.result}` : event.type,
    );
    expect(types.filter((type) => type === "probe failed")).toHaveLength(1);
    const then = types.slice(types.indexOf("probe failed") + 1);
    expect(then).toContain("abort.requested");
    expect(then.filter((type) => type.startsWith("probe"))).toEqual([]);
    expect(await lab.stateOf(mapping)).toBe("Enabled");
  });
});

interface Judged {
  readonly name: string;
  readonly verdict: string;
  readonly text: string | null;
}

function probesOf(stdout: string): readonly Judged[] {
  return JSON.parse(stdout).probes;
}

function verdicts(stdout: string): Record<string, string> {
  return Object.fromEntries(probesOf(stdout).map(({ name, verdict }) => [name, verdict]));
}

function texts(stdout: string): Record<string, string | null> {
  return Object.fromEntries(probesOf(stdout).map(({ name, text }) => [name, text]));
}
