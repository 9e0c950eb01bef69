import { describe, expect, test } from "vitest";
import { testFault } from "./fault-for-test.ts";
import { InvalidExperiment } from "./invalid-experiment.ts";
import { type LoadInput, loadExperiment } from "./load-experiment.ts";

const faults = [testFault("pull-plug"), testFault("cut-wire")];
const base: LoadInput = { file: "e.yaml", text: "", faults, env: { AWS_REGION: "eu-west-1" } };

function file(steps: string, spec = ""): string {
  return `apiVersion: unplug.dev/v1\nkind: Experiment\nmetadata: { name: orders }\nspec:\n${spec}  steps:\n${steps}`;
}

const plain = `    - fault: pull-plug
      tunables: { FUNCTION_NAME: orders, EVENT_UUIDS: all }
`;

function load(text: string, more: Partial<LoadInput> = {}) {
  return loadExperiment({ ...base, text, ...more });
}

function problems(text: string, more: Partial<LoadInput> = {}): string {
  try {
    load(text, more);
  } catch (error) {
    if (error instanceof InvalidExperiment) return `\n${error.problems.join("\n")}\n`;
    throw error;
  }
  return "none";
}

describe("an experiment file", () => {
  test("becomes an experiment, with where each value came from", () => {
    const text = file(`${plain}    - wait: 1m\n`, "  description: Orders survives.\n  requireEffect: true\n");

    const { experiment, notices } = load(text);

    expect(notices).toEqual([]);
    expect(experiment).toMatchObject({
      name: "orders",
      description: "Orders survives.",
      requireEffect: true,
    });
    expect(experiment.steps[1]).toEqual({ kind: "wait", name: "wait-2", waitMs: 60_000 });
    const [step] = experiment.steps;
    expect(step).toMatchObject({ kind: "fault", name: "pull-plug", fault: "pull-plug", weight: 10 });
    if (step?.kind !== "fault") throw new Error("the first step is a fault");
    expect(step.tunables.slice(0, 4)).toEqual([
      { name: "FUNCTION_NAME", value: "orders", source: "file" },
      { name: "EVENT_UUIDS", value: "all", source: "file" },
      { name: "REGION", value: "eu-west-1", source: "environment" },
      { name: "TOTAL_CHAOS_DURATION", value: "30", source: "default" },
    ]);
  });

  test("takes another fault's tunables for what they mean here: nothing, with a notice", () => {
    const text = file(
      "    - fault: pull-plug\n      tunables: { FUNCTION_NAME: f, EVENT_UUIDS: a, INSTANCE_ID: i-1 }\n",
    );

    expect(load(text).notices).toEqual(["e.yaml:7:53: INSTANCE_ID means nothing to Unplug and is ignored"]);
  });

  test("names every problem at once, in the order of the file", () => {
    const text = `apiVersion: unplug.dev/v2
kind: Experment
metadata: { name: Orders }
spec:
  requireEfect: true
  steps:
    - fault: pull-plg
    - fault: pull-plug
      weigth: 3
      tunables:
        FUNCTON_NAME: orders
        EVENT_UUIDS: [a, b]
        TOTAL_CHAOS_DURATION: soon
    - wait: forever
    - wait: 5
      name: x
    - fault: cut-wire
      weight: 11
      tunables: { FUNCTION_NAME: 12, EVENT_UUIDS: "\${IDS}", REGION: , RAMP_TIME: "\${NONE:-}" }
    - just text
`;

    expect(problems(text, { sets: ["a.b"] })).toMatchInlineSnapshot(`
      "
      e.yaml:1:13: apiVersion must be unplug.dev/v1, not "unplug.dev/v2"
      e.yaml:2:7: kind must be Experiment, not "Experment"
      e.yaml:3:19: metadata.name must be lower-case letters, digits, dashes and dots, not "Orders"
      e.yaml:5:3: unknown key "requireEfect" (did you mean "requireEffect"?), expected one of description, requireEffect, steps, probes, stopConditions
      e.yaml:7:14: unknown fault "pull-plg" (did you mean "pull-plug"?): \`unplug faults\` lists them
      e.yaml:9:7: unknown key "weigth" (did you mean "weight"?), expected one of fault, name, weight, tunables, probes, wait, parallel
      e.yaml:11:9: unknown tunable FUNCTON_NAME (did you mean "FUNCTION_NAME"?): \`unplug faults pull-plug\` lists them
      e.yaml:12:9: EVENT_UUIDS is a list, expected one text, comma-separated: "a,b"
      e.yaml:13:9: TOTAL_CHAOS_DURATION must be whole seconds, like 90, 90s or 5m, not "soon"
      e.yaml:14:13: spec.steps[2].wait must be whole seconds, like 90, 90s or 5m, not "forever"
      e.yaml:16:7: unknown key "name", expected one of wait
      e.yaml:18:15: spec.steps[4].weight must be at most 10, not 11
      e.yaml:19:19: FUNCTION_NAME is a number, expected text: put it in quotes
      e.yaml:19:51: \${IDS} is not set: pass --var IDS=VALUE, set it in the environment, or write a default, \${IDS:-VALUE}
      e.yaml:19:61: REGION is empty (AWS region where the function is deployed)
      e.yaml:19:71: RAMP_TIME is empty once its variables are filled in: set them, or leave RAMP_TIME out
      e.yaml:20:7: a step is a map with \`fault:\`, \`parallel:\` or \`wait:\`, not text
      --set a.b: expected STEP.TUNABLE=VALUE, like db-outage.TOTAL_CHAOS_DURATION=60
      "
    `);
  });

  test.each([
    ["nothing at all", ""],
    ["comments alone", "# nothing\n"],
    ["a list", "- x\n"],
    ["text", "hello\n"],
    ["an open bracket", "a: [\n"],
    ["a key twice", "a: 1\na: 2\n"],
    ["two documents", `${file(plain)}---\n${file(plain)}`],
    ["an alias of nothing", "a: *nothing\n"],
    ["a tab", "a:\n\tb: 1\n"],
    ["an unknown tag", "a: !Ref b\n"],
    ["no spec", "apiVersion: unplug.dev/v1\nkind: Experiment\nmetadata: { name: a }\n"],
    ["no steps", file("").replace("steps:", "steps: []")],
    ["steps left empty", file("")],
    ["a step of nothing", file("    -\n")],
    ["a step without a fault", file("    - tunables: {}\n")],
    ["both kinds of step in one", file("    - { fault: pull-plug, wait: 3 }\n")],
    ["a fault that is a number", file("    - fault: 3\n")],
    ["tunables that are a list", file("    - { fault: pull-plug, tunables: [a] }\n")],
    [
      "a tunable left empty",
      file("    - { fault: pull-plug, tunables: { FUNCTION_NAME: , EVENT_UUIDS: a } }\n"),
    ],
    [
      "a tunable twice the same item",
      file("    - { fault: pull-plug, tunables: { FUNCTION_NAME: f, EVENT_UUIDS: 'a, a' } }\n"),
    ],
    ["the same step twice", file(plain + plain)],
    ["a step's name with a dot", file(plain.replace("      tun", "      name: a.b\n      tun"))],
    ["truth in words", file(plain, "  requireEffect: perhaps\n")],
    ["a bad number", file(plain.replace("all }", "all, CYCLES: many }"))],
    ["a bad choice", file(plain.replace("all }", "all, SEQUENCE: random }"))],
    ["a region that is none", file(plain.replace("all }", "all, REGION: Frankfurt }"))],
    ["a region that is misspelt", file(plain.replace("all }", "all, REGION: us-east1 }"))],
    ["a secret itself", file(plain.replace("all }", "all, AWS_AUTHENTICATION_SECRET: 'a b' }"))],
    ["a role that is none", file(plain.replace("all }", "all, ASSUME_ROLE_ARN: admin }"))],
    ["no number", file(plain.replace("all }", "all, RAMP_TIME: .nan }"))],
    ["a number that is larger than any", file(plain.replace("all }", "all, CYCLES: 1e999 }"))],
    [
      "a whole number beyond all others",
      file(plain.replace("all }", "all, CYCLES: 999999999999999999999 }")),
    ],
    ["a name as long as a book", file(plain).replace("orders", "x".repeat(100_000))],
    ["a variable that is never closed", file(plain.replace("orders", "'${NAME'"))],
    ["a variable that is no text for YAML", file(plain.replace("orders", "${NAME}"))],
    [
      "another tool's document",
      "apiVersion: v1\nkind: Pod\nmetadata: { name: a }\nspec: { containers: [] }\n",
    ],
  ])("refuses %s", (_, text) => {
    expect(problems(text)).toMatchSnapshot();
  });

  test("asks for a region where neither file nor environment gives one", () => {
    expect(problems(file(plain), { env: { AWS_REGION: "" } })).toMatchInlineSnapshot(`
      "
      e.yaml:6:7: REGION is required (AWS region where the function is deployed); it is also read from AWS_REGION
      "
    `);
    expect(problems(file(plain), { env: { AWS_DEFAULT_REGION: "us-east-1" } })).toBe("none");
  });
});

describe("a file that looks odd and says what it means", () => {
  test.each([
    ["a byte-order mark", `\ufeff${file(plain)}`],
    ["the line ends of Windows", file(plain).replaceAll("\n", "\r\n")],
    ["dashes around it", `---\n${file(plain)}---\n`],
    ["no line end", file(plain).trimEnd()],
    [
      "JSON",
      JSON.stringify({
        apiVersion: "unplug.dev/v1",
        kind: "Experiment",
        metadata: { name: "orders" },
        spec: { steps: [{ fault: "pull-plug", tunables: { FUNCTION_NAME: "orders", EVENT_UUIDS: "all" } }] },
      }),
    ],
    [
      "a merge of two maps",
      file(
        `    - wait: 1\n    - { fault: pull-plug, tunables: { <<: { EVENT_UUIDS: all }, FUNCTION_NAME: orders } }\n`,
      ),
    ],
  ])("is taken: %s", (_, text) => {
    const step = load(text).experiment.steps.at(-1);
    expect(step).toMatchObject({
      tunables: expect.arrayContaining([
        { name: "FUNCTION_NAME", value: "orders", source: "file" },
        { name: "EVENT_UUIDS", value: "all", source: "file" },
      ]),
    });
  });
});

test("a region that nobody knows is taken, with a notice that names the nearest", () => {
  const text = file(plain.replace("all }", "all, REGION: us-eest-1 }"));

  expect(load(text).notices).toEqual([
    'e.yaml:7:60: REGION "us-eest-1" is none that this Unplug knows (did you mean "us-east-1"?); it is taken as it is',
  ]);
});

describe("a variable in a file", () => {
  const text = file(plain.replace("orders", '"${NAME}"').replace("all", '"${IDS:-a,b}"'));
  const tunables = (more: Partial<LoadInput>) => {
    const [step] = load(text, more).experiment.steps;
    return step?.kind === "fault" ? step.tunables.slice(0, 2) : [];
  };

  test("comes from --var before the environment, before its default", () => {
    const env = { AWS_REGION: "eu-west-1", NAME: "inherited" };

    expect(tunables({ env })).toEqual([
      { name: "FUNCTION_NAME", value: "inherited", source: "environment" },
      { name: "EVENT_UUIDS", value: "a,b", source: "file" },
    ]);
    expect(tunables({ env, vars: new Map([["NAME", "given"]]) })[0]).toEqual({
      name: "FUNCTION_NAME",
      value: "given",
      source: "argument",
    });
  });

  test("is an error when it is not set, is malformed, or leaves a tunable empty", () => {
    expect(problems(text)).toMatchInlineSnapshot(`
      "
      e.yaml:7:34: \${NAME} is not set: pass --var NAME=VALUE, set it in the environment, or write a default, \${NAME:-VALUE}
      "
    `);
    expect(problems(text, { vars: new Map([["NAME", " "]]) })).toMatchInlineSnapshot(`
      "
      e.yaml:7:19: FUNCTION_NAME is empty once its variables are filled in: set them, or leave FUNCTION_NAME out
      "
    `);
    expect(problems(file(plain.replace("orders", '"${not-a-name}"')))).toMatchInlineSnapshot(`
      "
      e.yaml:7:34: \${not-a-name} is no variable, expected \${NAME} or \${NAME:-default}; write $\${not-a-name} for the text itself
      "
    `);
  });

  test("cannot change the structure of the file", () => {
    const vars = new Map([["NAME", "f, EVENT_UUIDS: evil }"]]);

    expect(tunables({ vars })[0]?.value).toBe("f, EVENT_UUIDS: evil }");
  });

  test("is plain text after a second dollar", () => {
    const [step] = load(file(plain.replace("orders", () => '"a$${NAME}"'))).experiment.steps;

    expect(step).toMatchObject({
      tunables: expect.arrayContaining([expect.objectContaining({ value: "a${NAME}" })]),
    });
  });
});

test("a --var that nothing uses is refused, with the nearest variable of the file", () => {
  const vars = new Map([["NAM", "x"]]);
  expect(problems(file(plain), { vars })).toBe("\n--var NAM: e.yaml has no ${NAM}, it uses no variable\n");
  expect(problems(file(plain.replace("orders", '"${NAME:-a}-${IDS:-b}"')), { vars })).toBe(
    '\n--var NAM: e.yaml has no ${NAM} (did you mean "NAME"?), it uses ${NAME}, ${IDS}\n',
  );
  expect(load(file(plain.replace("orders", '"${NAM}"')), { vars }).notices).toEqual([]);
});

describe("--set", () => {
  test("goes before the file and counts as an argument", () => {
    const [step] = load(file(plain), { sets: ["pull-plug.FUNCTION_NAME=x=y", "pull-plug.CYCLES=2"] })
      .experiment.steps;

    expect(step).toMatchObject({
      tunables: expect.arrayContaining([
        { name: "FUNCTION_NAME", value: "x=y", source: "argument" },
        { name: "CYCLES", value: "2", source: "argument" },
      ]),
    });
  });

  test.each([
    "nonsense",
    "pull-plug.CYCLES",
    "pul-plug.CYCLES=2",
    "pull-plug.CYCELS=2",
    "pull-plug.CYCLES=none",
  ])("refuses %s", (set) => {
    expect(problems(file(plain), { sets: [set] })).toMatchSnapshot();
  });
});
