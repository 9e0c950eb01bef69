import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { builtinFaults } from "../faults/index.ts";
import { hclValueIn } from "../report/hcl-for-test.ts";
import { commandLab, FAULT } from "./command-for-test.ts";
import { runCommandLine } from "./command-line.ts";

/** In this process; nothing here is to ask AWS. */
async function policy(...args: readonly string[]) {
  let [out, err] = ["", ""];
  const code = await runCommandLine(["policy", ...args], {
    env: { UNPLUG_HOME: "/nowhere" },
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    readInput: () => Promise.resolve(""),
  });
  return { code, out, err };
}

const actionsIn = (text: string): readonly string[] =>
  JSON.parse(text).Statement.flatMap((statement: { Action: readonly string[] }) => statement.Action);

describe("a policy without an account", () => {
  it("is had of each fault, and of all of them, with placeholders that it explains", async () => {
    const all = await policy("--all");
    for (const { id } of builtinFaults) {
      const one = await policy(id);
      expect(one.code, one.err).toBe(0);
      expect(one.out).toContain("arn:aws:lambda:REGION:ACCOUNT:function:FUNCTION");
      expect(one.err).toMatch(/^Put your own in place of REGION \(.*FUNCTION \(/);
      expect(actionsIn(all.out)).toEqual(expect.arrayContaining([...actionsIn(one.out)]));
    }
    expect(actionsIn(all.out)).toEqual(
      expect.arrayContaining([
        "cloudwatch:DescribeAlarms",
        "cloudwatch:GetMetricData",
        "lambda:InvokeFunction",
      ]),
    );
    expect(all.out).not.toContain("AnyResource2");
  });

  it("is what the page of a fault prints, word for word", async () => {
    const { code, out, err } = await policy("--as-documented", "lambda-toggle-event-mapping-state");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(JSON.parse(out)).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Action: [
            "lambda:GetFunction",
            "lambda:GetEventSourceMapping",
            "lambda:ListEventSourceMappings",
            "lambda:UpdateEventSourceMapping",
          ],
          Resource: "*",
        },
      ],
    });
  });
});

describe("a trust policy", () => {
  const issuer = "oidc.eks.us-east-1.amazonaws.com/id/EXAMPLE";

  it.each([
    [`https://${issuer}`, `arn:aws:iam::ACCOUNT:oidc-provider/${issuer}`],
    [`https://${issuer}/`, `arn:aws:iam::ACCOUNT:oidc-provider/${issuer}`],
    [issuer, `arn:aws:iam::ACCOUNT:oidc-provider/${issuer}`],
    [
      `arn:aws-cn:iam::123456789012:oidc-provider/${issuer}`,
      `arn:aws-cn:iam::123456789012:oidc-provider/${issuer}`,
    ],
  ])("of IRSA takes the provider %s", async (given, arn) => {
    const { code, out } = await policy(
      "--trust",
      "irsa",
      "--oidc-provider",
      given,
      "--service-account",
      "chaos/unplug",
    );
    expect(code).toBe(0);
    const [{ Principal, Condition }] = JSON.parse(out).Statement;
    expect(Principal).toEqual({ Federated: arn });
    expect(Condition.StringEquals).toEqual({
      [`${issuer}:aud`]: "sts.amazonaws.com",
      [`${issuer}:sub`]: "system:serviceaccount:chaos:unplug",
    });
  });

  it("of a role takes an account for its root", async () => {
    const { out } = await policy("--trust", "role", "--principal", "123456789012", "--as", "terraform");
    expect(hclValueIn(out)).toMatchObject({
      Statement: [{ Principal: { AWS: "arn:aws:iam::123456789012:root" } }],
    });
  });
});

const irsa = ["--trust", "irsa", "--oidc-provider", "https://oidc.example.com/id/1"];
it.each([
  ["nothing", [], "Name an experiment file or a fault, or say --all"],
  ["an unknown fault", ["lambda-throtle"], 'did you mean "lambda-throttle"?'],
  [
    "a fault beside all",
    ["--all", "lambda-throttle"],
    "--all is for no experiment: leave lambda-throttle out.",
  ],
  ["variables without a file", ["--all", "--var", "A=1"], "--set and --var fill in a file"],
  [
    "a page that no fault has",
    ["--as-documented", "lambda-throttle"],
    "expected a fault whose page prints a policy: lambda-toggle",
  ],
  [
    "a page of a misspelt fault",
    ["--as-documented", "lambda-block-tcp-conection"],
    'did you mean "lambda-block-tcp-connection"?',
  ],
  ["a page with tunables", ["--as-documented", FAULT, "REGION=x"], "--as-documented takes no tunables"],
  [
    "a form that there is not",
    ["--all", "--as", "yaml"],
    "Allowed choices are json, terraform, cloudformation",
  ],
  [
    "trust in an experiment",
    [...irsa, "--service-account", "a/b", "e.yaml"],
    "--trust is for no experiment: leave e.yaml out.",
  ],
  [
    "trust as documented",
    [...irsa, "--service-account", "a/b", "--as-documented"],
    "leave --as-documented out.",
  ],
  ["no service account", irsa, "--trust irsa needs --service-account"],
  [
    "any service account",
    [...irsa, "--service-account", "chaos/*"],
    "A pattern would trust other workloads, too.",
  ],
  ["half a service account", [...irsa, "--service-account", "chaos"], "expected NAMESPACE/NAME"],
  [
    "a provider over http",
    ["--trust", "irsa", "--oidc-provider", "http://a.b/c", "--service-account", "a/b"],
    "aws eks describe-cluster",
  ],
  ["no principal", ["--trust", "role"], "--trust role needs --principal"],
  ["anybody", ["--trust", "role", "--principal", "*"], "expected the ARN of a user or a role"],
  [
    "a session",
    ["--trust", "role", "--principal", "arn:aws:sts::123456789012:assumed-role/ci/me"],
    "arn:aws:iam::123456789012:role/ci",
  ],
  [
    "a short external id",
    ["--trust", "role", "--principal", "123456789012", "--external-id", "a"],
    "expected 2 to 1224",
  ],
  [
    "what is for another trust",
    [...irsa, "--service-account", "a/b", "--principal", "123456789012"],
    "--principal is not for --trust irsa.",
  ],
  ["a step of no file", ["--all", "--step", "a"], "--step names a step of an experiment file"],
  ["a step of a page", ["--as-documented", FAULT, "--step", "a"], "--as-documented takes no --step"],
  ["who, and no trust", ["--all", "--external-id", "abc"], "--external-id is for --trust"],
])("refuses with one message: %s", async (_, args, message) => {
  const { code, out, err } = await policy(...args);
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toContain(message);
});

describe("of a run", () => {
  let lab: Awaited<ReturnType<typeof commandLab>>;
  beforeAll(async () => {
    lab = await commandLab();
  });
  afterAll(() => lab.close());

  it("a policy is the same in every form, and names what the plan found", async () => {
    const given = ["policy", FAULT, "FUNCTION_NAME=orders", "EVENT_UUIDS=all"];
    const [json, terraform, cloudFormation] = await Promise.all([
      lab.run(...given),
      lab.run(...given, "--as", "terraform"),
      lab.run(...given, "--as", "cloudformation"),
    ]);
    const policyOf = JSON.parse(json.out);
    expect(hclValueIn(terraform.out)).toEqual(policyOf);
    expect(parse(cloudFormation.out).Resources.UnplugPolicy.Properties.PolicyDocument).toEqual(policyOf);
    expect(json.out).toContain("arn:aws:lambda:us-east-1:000000000000:function:orders");
    expect(json.out).not.toMatch(/REGION|ACCOUNT|FUNCTION/);
    expect(json.err).toBe("");
  });

  it("a policy of steps that run as several callers is had of each", async () => {
    const file = join(lab.folder, "two.yaml");
    const role = "arn:aws:iam::000000000000:role/other";
    await writeFile(
      file,
      `apiVersion: unplug.dev/v1
kind: Experiment
metadata: { name: two }
spec:
  steps:
    - { name: ours, fault: lambda-throttle, tunables: { FUNCTION_NAME: orders, REGION: us-east-1 } }
    - { name: theirs, fault: ${FAULT}, tunables: { FUNCTION_NAME: orders, REGION: us-east-1, EVENT_UUIDS: all, ASSUME_ROLE_ARN: "${role}" } }
  probes: [{ name: c, type: cloudwatch-alarm, mode: EOT, cloudwatch-alarm: { alarm: A } }]
`,
    );
    const [all, ours, theirs, misspelt] = await Promise.all([
      lab.run("policy", file),
      lab.run("policy", file, "--step", "ours"),
      lab.run("policy", file, "--step", "theirs"),
      lab.run("policy", file, "--step", "their"),
    ]);

    expect(all.err).toMatch(
      /^Its steps run as several callers: ours as \S+user\/sandbox; theirs as \S+assumed-role\/other\/\S+\. Attach to each its own: unplug policy \S+ --step NAME$/m,
    );
    expect(new Set(actionsIn(all.out))).toEqual(new Set([...actionsIn(ours.out), ...actionsIn(theirs.out)]));
    expect(actionsIn(ours.out)).toContain("cloudwatch:DescribeAlarms");
    expect(actionsIn(theirs.out)).toContain("lambda:UpdateEventSourceMapping");
    expect(actionsIn(theirs.out).filter((action) => /Concurrency|cloudwatch/.test(action))).toEqual([]);
    expect({ code: misspelt.code, err: ours.err }).toEqual({ code: 2, err: "" });
    expect(misspelt.err).toContain('did you mean "theirs"?');
  });
});
