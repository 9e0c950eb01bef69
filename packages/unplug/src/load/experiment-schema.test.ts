import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { builtinProbes } from "../probes/index.ts";
import { experimentSchema } from "./experiment-schema.ts";
import { testFault } from "./fault-for-test.ts";
import { InvalidExperiment } from "./invalid-experiment.ts";
import { loadExperiment } from "./load-experiment.ts";

const faults = [testFault("pull-plug"), testFault("cut-wire")];
const schema = experimentSchema(faults, builtinProbes);
// Of a format it says nothing without a package more; URLs are the loader's business then.
const validate = new Ajv2020({ strictTypes: false, strictRequired: false, validateFormats: false }).compile(
  schema,
);

function complaints(document: unknown): readonly string[] {
  validate(document);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

test("describes a step for each fault, with its tunables and the defaults as one writes them", () => {
  const { $defs, properties } = schema as {
    $defs: Record<string, unknown>;
    properties: { spec: { properties: { steps: { items: unknown } } } };
  };

  expect(properties.spec.properties.steps.items).toEqual({
    oneOf: ["fault-pull-plug", "fault-cut-wire", "parallel", "wait"].map((name) => ({
      $ref: `#/$defs/${name}`,
    })),
  });
  expect($defs["fault-pull-plug"]).toMatchObject({
    properties: {
      fault: { const: "pull-plug" },
      weight: { default: 10 },
      tunables: {
        additionalProperties: false,
        required: ["FUNCTION_NAME", "EVENT_UUIDS"],
        properties: {
          TOTAL_CHAOS_DURATION: { default: 30 },
          INSTANCE_ID: {},
          SEQUENCE: { default: "parallel" },
        },
      },
    },
    required: ["fault"],
    additionalProperties: false,
  });
});

test("every reference leads somewhere, and every definition is referred to", () => {
  const text = JSON.stringify(schema);
  const named = [...text.matchAll(/"#\/\$defs\/([^"]+)"/g)].map(([, name]) => name);

  expect(new Set(named)).toEqual(new Set(Object.keys(Object(schema["$defs"]))));
});

const STEP = "fault: pull-plug, tunables: { FUNCTION_NAME: orders, EVENT_UUIDS: all }";

/** An experiment of which one part is as the test says. */
function document({ steps = `[{ ${STEP} }]`, more = "" }: { steps?: string; more?: string }): string {
  return `apiVersion: unplug.dev/v1\nkind: Experiment\nmetadata: { name: orders }\nspec:\n  steps: ${steps}\n${more}`;
}

const probe = (text: string) => document({ more: `  probes: [{ ${text} }]\n` });
const http = (text: string) =>
  probe(`name: p, type: http, mode: Continuous, http: { url: "http://a" }, ${text}`);
const command = (text: string) => probe(`name: p, type: command, mode: EOT, command: { ${text} }`);
const stop = (text: string) => document({ more: `  stopConditions: [{ ${text} }]\n` });

const good: readonly string[] = [
  document({}),
  document({ steps: `[{ wait: 30s }, { parallel: [{ ${STEP} }, { ${STEP}, name: b }] }]` }),
  document({
    steps: `[{ ${STEP}, probes: [{ name: p, type: command, mode: EOT, command: { argv: [a] } }] }]`,
  }),
  http("expect: { statusCode: 200 }"),
  http(
    'expect: { statusCode: { oneOf: [200, "503"] }, header.x-id: { matches: "^a" }, json.a.b: { ">": 1 } }',
  ),
  http('expect: { responseTimeMs: { "<=": "${MOST:-2000}", between: [0, 1e4], unchanged: 10% } }'),
  http(
    "expect: { responseTimeMs: { rises: true, drops: 5, returns: 2m }, body: { becomes: a, within: 60 } }",
  ),
  http(
    "expect: { statusCode: 200 }, run: { timeout: 500ms, interval: 1, attempts: 2, tolerate: 5%, stopOnFailure: true }, lag: 3m, missing: wait",
  ),
  http('expect: { statusCode: 200 }, run: { timeout: "${T}", tolerate: 0.5, initialDelay: 0s }'),
  probe(
    'name: p, type: http, mode: SOT, expect: { statusCode: 200 }, http: { url: "${API}/a", headers: { a: 1, b: { secret: s } }, auth: { type: basic, username: u, password: p }, tls: { insecureSkipVerify: "${INSECURE}" } }',
  ),
  probe(
    "name: p, type: prometheus, mode: EOT, prometheus: { endpoint: 'http://a', query: up }, expect: { value: 1 }",
  ),
  command("argv: [a, 5]"),
  command('shell: "a | b", env: { A: 1, B: { secret: s } }'),
  stop('type: http, url: "http://a", expect: { statusCode: 200 }'),
  stop("type: command, name: guard, argv: [a], run: { interval: 5s }"),
];

const bad: Readonly<Record<string, string>> = {
  "a probe without a name": probe("type: command, mode: EOT, command: { argv: [a] }"),
  "a mode that there is not": probe("name: p, type: command, mode: Sometimes, command: { argv: [a] }"),
  "a type that there is not": probe("name: p, type: htpp, mode: EOT, htpp: {}"),
  "no settings": probe("name: p, type: command, mode: EOT"),
  "no settings of http": probe("name: p, type: http, mode: EOT, expect: { statusCode: 200 }"),
  "settings of another type": probe("name: p, type: command, mode: EOT, http: { url: 'http://a' }"),
  "an unknown key": http("expect: { statusCode: 200 }, every: 5s"),
  "an unknown setting": command("argv: [a], cwd: /"),
  "both of two settings": command("argv: [a], shell: a"),
  "neither of two settings": command("env: {}"),
  "no expectation": http("missing: fail"),
  "an empty expectation": http("expect: {}"),
  "a measure that there is not": http("expect: { status: 200 }"),
  "an operator that there is not": http("expect: { statusCode: { is: 200 } }"),
  "no operator": http("expect: { statusCode: {} }"),
  "a list as a value": http("expect: { statusCode: [200] }"),
  "a text to compare numbers with": http('expect: { statusCode: { ">": many } }'),
  "an operator of numbers on a text": http('expect: { body: { ">": 5 } }'),
  "a range of three": http("expect: { statusCode: { between: [1, 2, 3] } }"),
  "a negative amount": http("expect: { responseTimeMs: { rises: -5 } }"),
  "a wordy time": http("expect: { statusCode: 200 }, run: { interval: soon }"),
  "a negative time": http("expect: { statusCode: 200 }, lag: -5"),
  "a share above all": http("expect: { statusCode: 200 }, run: { tolerate: 2 }"),
  "within without becomes": http("expect: { statusCode: { within: 5s } }"),
  "a policy that there is not": http("expect: { statusCode: 200 }, missing: ignore"),
  "a stop condition with a mode": stop("type: command, argv: [a], mode: EOT"),
  "a stop condition with settings apart": stop("type: command, command: { argv: [a] }"),
  "one fault in parallel": document({ steps: `[{ parallel: [{ ${STEP} }] }]` }),
  "a pause in parallel": document({ steps: `[{ parallel: [{ ${STEP} }, { wait: 5s }] }]` }),
  "a fault without its tunables": document({ steps: "[{ fault: pull-plug, tunables: {} }]" }),
  "no steps": document({ steps: "[]" }),
};

const env = { AWS_REGION: "us-east-1", MOST: "5", T: "1s", API: "https://a", INSECURE: "true" };

function loads(text: string): boolean {
  try {
    loadExperiment({ file: "e.yaml", text, faults, probes: builtinProbes, env });
    return true;
  } catch (error) {
    if (error instanceof InvalidExperiment) return false;
    throw error;
  }
}

describe("a validator and the loader agree", () => {
  test.each(good)("that it is right: %s", (text) => {
    expect(complaints(parse(text))).toEqual([]);
    expect(loads(text)).toBe(true);
  });

  test.each(Object.entries(bad))("that it is wrong: %s", (_, text) => {
    expect(complaints(parse(text))).not.toEqual([]);
    expect(loads(text)).toBe(false);
  });
});

test.each(builtinProbes)("the example of $type is right", ({ type, example, expects }) => {
  const { settings, expect: wanted } = example;
  const stated = {
    name: "p",
    type,
    mode: "Continuous",
    [type]: settings,
    ...(wanted === undefined ? {} : { expect: wanted }),
  };
  const whole = { ...Object(parse(document({}))) };
  whole.spec.probes = [stated];
  whole.spec.stopConditions = [{ type, ...Object(settings), expect: wanted }].map(
    ({ expect: one, ...rest }) => (one === undefined ? rest : { ...rest, expect: one }),
  );

  expect(complaints(whole)).toEqual([]);
  expect(wanted !== undefined || expects !== null).toBe(true);
});
