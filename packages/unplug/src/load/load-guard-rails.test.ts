import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { fc } from "../../../../test/support/fast-check.ts";
import { InvalidExperiment } from "./invalid-experiment.ts";
import { guardRailsSchema, loadGuardRails } from "./load-guard-rails.ts";

const known = {
  faults: [{ id: "lambda-throttle" }, { id: "lambda-block-tcp-connection" }],
  probes: ["http", "cloudwatch-alarm"],
  kinds: ["code", "layer", "configuration"],
};
const head = "apiVersion: unplug.dev/v1\nkind: GuardRails\n";
const load = (text: string) => loadGuardRails({ file: "rails.yaml", text, ...known });
const problems = (text: string): string => {
  try {
    load(text);
  } catch (error) {
    if (error instanceof InvalidExperiment) return error.problems.join("\n");
    throw error;
  }
  return "none";
};

const WHOLE = `${head}spec:
  allow:
    accounts: ["123456789012"]
    regions: [eu-*, us-east-1]
    functions: ["orders-*", "arn:aws:lambda:*:123456789012:function:checkout"]
    faults: ["lambda-throttle", "lambda-block-*"]
    probes: ["*"]
    hours:
      - { days: [mon, fri], from: "09:00", to: "17:00", zone: Europe/Berlin }
      - { from: 22:00, to: 24:00, zone: UTC }
    who:
      - identities: ["arn:aws:sts::123456789012:assumed-role/chaos/*"]
        faults: [lambda-throttle]
        functions: [orders-eu]
  protect:
    functions: ["*-prod"]
    tags: { tier: critical, data: [personal, secret] }
  require:
    tags: { chaos: "*" }
    stopCondition: [cloudwatch-alarm]
  limit: { hold: 5m, run: 3600, targets: 10, traffic: 10% }
  forbid: [code, layer]
`;
const schema = new Ajv2020({ strictTypes: false }).compile(guardRailsSchema());

describe("a file of guard rails", () => {
  it("may lay down every rule, and tells where each of them stands", () => {
    const { rules, where } = load(WHOLE);
    expect(rules.limit).toEqual({ hold: 300_000, run: 3_600_000, targets: 10, traffic: 10 });
    expect(rules.protect.tags).toEqual({ tier: "critical", data: ["personal", "secret"] });
    expect(where(["allow", "functions"])).toBe("rails.yaml:7:5");
    expect(where(["protect", "tags", "data"])).toBe("rails.yaml:19:29");
    expect(where(["forbid"])).toBe("rails.yaml:24:3");
  });

  it("may lay down nothing", () => {
    expect(load(`${head}spec: {}\n`).rules.allow).toEqual({});
  });

  it.each([
    [
      "an unknown rule",
      "{ allow: { function: [a] } }",
      `rails.yaml:3:18: unknown key "function" (did you mean "functions"?), expected one of accounts, regions, functions, faults, probes, hours, who`,
    ],
    [
      "an unknown part",
      "{ alow: {} }",
      `rails.yaml:3:9: unknown key "alow" (did you mean "allow"?), expected one of allow, protect, require, limit, forbid`,
    ],
    [
      "an account that is a number",
      "{ allow: { accounts: [123456789012] } }",
      "rails.yaml:3:29: spec.allow.accounts[0] is a number, expected text: put it in quotes",
    ],
    ["an account with a star", '{ allow: { accounts: ["1234*"] } }', "12 digits"],
    [
      "nothing allowed",
      "{ allow: { functions: [] } }",
      "rails.yaml:3:29: spec.allow.functions must name at least one",
    ],
    ["a function's alias", '{ allow: { functions: ["orders:live"] } }', "without a version or alias"],
    ["a part of an ARN", '{ allow: { functions: ["123456789012:function:orders"] } }', "whole ARN"],
    ["an ARN of stars", '{ protect: { functions: ["arn:*"] } }', "whole ARN"],
    [
      "an unknown fault",
      "{ allow: { faults: [lambda-throtle] } }",
      'rails.yaml:3:27: unknown fault "lambda-throtle" (did you mean "lambda-throttle"?), expected one of',
    ],
    ["an unknown kind of change", "{ forbid: [cod] }", 'unknown kind of change "cod" (did you mean "code"?)'],
    ["an unknown stop condition", "{ require: { stopCondition: [alarm] } }", 'unknown type of probe "alarm"'],
    [
      "a day that there is not",
      '{ allow: { hours: [{ days: [monday], from: "09:00", to: "17:00", zone: UTC }] } }',
      "must be one of mon, tue",
    ],
    [
      "an hour that there is not",
      '{ allow: { hours: [{ from: "25:00", to: "17:00", zone: UTC }] } }',
      'like "09:00"',
    ],
    [
      "hours without a zone",
      '{ allow: { hours: [{ from: "09:00", to: "17:00" }] } }',
      "spec.allow.hours[0].zone is missing",
    ],
    [
      "a zone that there is not",
      '{ allow: { hours: [{ from: "09:00", to: "17:00", zone: Berlin }] } }',
      "must be the name of a time zone",
    ],
    [
      "a stranger among hours",
      '{ allow: { hours: [{ from: "09:00", to: "17:00", zone: UTC, day: mon }] } }',
      'unknown key "day" (did you mean "days"?)',
    ],
    [
      "a role for a caller",
      '{ allow: { who: [{ identities: ["arn:aws:iam::123456789012:role/chaos"] }] } }',
      "assumed-role/NAME/*",
    ],
    [
      "a role without its sessions",
      '{ allow: { who: [{ identities: ["arn:aws:sts::123456789012:assumed-role/chaos*"] }] } }',
      "which sessions",
    ],
    ["a hold that is no time", "{ limit: { hold: long } }", "must be whole seconds"],
    ["more than all callers", "{ limit: { traffic: 101% } }", "at most 100%"],
    ["a tag whose value is a number", "{ require: { tags: { level: 1 } } }", "put what is no text in quotes"],
    ["no tag", "{ require: { tags: {} } }", "must name at least one tag"],
  ])("is refused with its place: %s", (_, spec, message) => {
    expect(problems(`${head}spec: ${spec}\n`)).toContain(message);
  });

  it.each([
    ["nothing", "", "the file is empty, expected one file of guard rails"],
    ["no YAML", "a: b: c\n", "not valid YAML"],
    ["an experiment", "apiVersion: unplug.dev/v1\nkind: Experiment\nspec: {}\n", "kind must be GuardRails"],
    ["two documents", `${WHOLE}---\n${WHOLE}`, "expected one file of guard rails in a file"],
    ["a rule twice", `${head}spec:\n  forbid: [code]\n  forbid: [layer]\n`, "this key stands twice"],
  ])("is refused when it holds %s", (_, text, message) => {
    expect(problems(text)).toContain(message);
  });

  it("takes nothing from the environment", () => {
    expect(problems(`${head}spec: { allow: { functions: ["\${NAME}"] } }\n`)).toContain("plain name");
  });

  it("reads alike by the schema", () => {
    expect(schema(parse(WHOLE)), JSON.stringify(schema.errors)).toBe(true);
    expect(schema(parse(`${head}spec: { alow: {} }\n`))).toBe(false);
    expect(schema(parse(`${head}spec: { limit: { targets: 0 } }\n`))).toBe(false);
  });

  it("is taken whole or refused with a place, whatever a line of it is changed to", () => {
    const lines = WHOLE.trimEnd().split("\n");
    const piece = fc.oneof(
      fc.string({ maxLength: 12 }),
      fc.constantFrom("*", "[]", "{}", "~", "- ", ": ", "1"),
    );
    fc.assert(
      fc.property(fc.nat(lines.length - 1), fc.nat(60), piece, (i, column, text) => {
        const line = lines[i] ?? "";
        const changed = lines.with(i, `${line.slice(0, column)}${text}${line.slice(column)}`);
        const found = problems(`${changed.join("\n")}\n`);
        expect(found === "none" || /^rails\.yaml:\d+:\d+: /.test(found), found).toBe(true);
      }),
      { numRuns: 150 },
    );
  });
});
