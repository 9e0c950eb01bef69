import { expect, test } from "vitest";
import { builtinProbes } from "../probes/index.ts";
import { testFault } from "./fault-for-test.ts";
import { InvalidExperiment } from "./invalid-experiment.ts";
import { loadExperiment } from "./load-experiment.ts";
import { nearest } from "./nearest.ts";

const many = <T>(count: number, one: (i: number) => T) => Array.from({ length: count }, (_, i) => one(i));

/** A MiB of each of these once took from half a minute to an hour: the fuzzer measures that it does not. */
const files: Readonly<Record<string, readonly [string, string]>> = {
  "of keys alone": [`a: {${many(10_000, (i) => `k${i}: 1`).join(", ")}}`, 'unknown key "a"'],
  "of one key again and again": [`a: {${"zone, ".repeat(10_000)}}`, "this key stands twice in its map"],
  "of variables that are not set": [many(5_000, (i) => `k${i}: \${x`).join("\n"), "is no variable"],
  "of one alias": [`a: &a 1\nb: [${"*a,".repeat(5_000)}]`, "its aliases (*name) multiply"],
  "of aliases": [`a: [${many(1_001, (i) => `&a${i} 1,*a${i}`).join(",")}]`, "its aliases (*name) multiply"],
  "of aliases that stand for nothing": [
    `b: [${many(5_000, (i) => `*a${i}`).join(",")}]`,
    "the alias *a0 stands for",
  ],
  "of steps": [`spec: {steps: [${"{fault: pull-plug},".repeat(1_001)}]}`, "must have at most 1000 steps"],
  "of faults that are in together": [
    `spec: {steps: [{parallel: [${"{fault: pull-plug},".repeat(1_001)}]}]}`,
    "spec.steps[0].parallel must have at most 1000 faults",
  ],
  "of tunables": [
    `spec: {steps: [{fault: pull-plug, tunables: {${many(1_001, (i) => `K${i}: 1`).join(", ")}}}]}`,
    "spec.steps[0].tunables must have at most 1000 keys",
  ],
  "of probes": [
    `spec: {probes: [${"{type: http},".repeat(1_001)}]}`,
    "probes are 1001, expected at most 1000",
  ],
  "of lists in lists": [`a:\n${"- ".repeat(30_000)}b\nc: 1\n`, "nested more than 50 levels deep"],
  "of lists in lists in a map": [`a:\n  ${"- ".repeat(30_000)}b\n  c: [`, "nested more than 50 levels deep"],
  "of one long name": [`spec: {steps: [{fault: ${"l".repeat(200_000)}}]}`, "unknown fault"],
};

test.each(Object.entries(files))("a file %s is refused", (_, [text, message]) => {
  let said: unknown = null;
  try {
    loadExperiment({
      file: "e.yaml",
      text,
      faults: [testFault("pull-plug")],
      probes: builtinProbes,
      env: {},
    });
  } catch (error) {
    said = error;
  }
  expect(said).toBeInstanceOf(InvalidExperiment);
  expect(String(said)).toContain(message);
});

test("a key that stands twice is told where it stands again, before what is wrong behind it", () => {
  const load = (text: string) => () => loadExperiment({ file: "e.yaml", text, faults: [], env: {} });
  expect(load("a: 1\nb:\n  c: 1\n  c: 2\nd: [")).toThrow("e.yaml:4:3: not valid YAML: this key stands twice");
  expect(load("a: 1\nb: [1, 2\na: 3")).toThrow(/e\.yaml:[23]:\d+: not valid YAML: (?!this key)/);
  expect(load("a: {x: 1, 'x': 2}")).toThrow("e.yaml:1:11: not valid YAML: this key stands twice");
});

test("the nearest name is found, however long the others and the wrong one are", () => {
  expect(nearest("lambda-throtle", ["lambda-throttle", "x"])).toBe("lambda-throttle");
  expect(nearest("lambda-throttle".repeat(50_000), ["lambda-throttle", "x"])).toBeNull();
});
