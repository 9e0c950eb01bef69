import { expect, test } from "vitest";
import { fc } from "../../../../test/support/fast-check.ts";
import { testFault } from "./fault-for-test.ts";
import { InvalidExperiment } from "./invalid-experiment.ts";
import { loadExperiment } from "./load-experiment.ts";

const faults = [testFault("pull-plug"), testFault("cut-wire")];

const whole = `apiVersion: unplug.dev/v1
kind: Experiment
metadata: { name: orders }
spec:
  description: &said Orders survives.
  requireEffect: true
  steps:
    - fault: pull-plug
      name: first
      weight: 3
      tunables: &common
        FUNCTION_NAME: "\${NAME:-orders}"
        EVENT_UUIDS: 3e7aaf2e-7647-4539-9a60-bf62253cc8a5,all
        TOTAL_CHAOS_DURATION: 5m
        SEQUENCE: serial
    - wait: 30s
    - { fault: cut-wire, tunables: { <<: *common, CYCLES: 2, REGION: us-east-1 } }
`;

/** What takes YAML, numbers and variables apart. */
const pieces = [
  ...Array.from("{}[]:,-?&*!|>'\"%@`#~<=\\\t\r\n "),
  ...Array.from("\u0000\u00a0\u202e\ufeff\ufffd\u{1f50c}٣"),
  "<<: ",
  "*common",
  "*said",
  "&common ",
  "---\n",
  "...\n",
  "!!binary ",
  "!!set ",
  "!!timestamp ",
  "__proto__: ",
  "${",
  "${NAME}",
  "$$",
  ".nan",
  "-.inf",
  "0x10",
  "1e999",
  "-1",
  "0.5",
  "null",
  "yes",
  "2026-01-01",
  "? ",
  "- ",
  "  ",
  "[".repeat(300),
  "x".repeat(5000),
];

const mutation = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  removed: fc.nat({ max: 30 }),
  piece: fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 8, unit: "binary" })),
  /** Of the file itself, put in elsewhere: an alias before its anchor, a step in a step. */
  moved: fc.option(fc.tuple(fc.nat({ max: whole.length }), fc.nat({ max: 60 }))),
});

test("a mutated file is an experiment, or has problems with their places; nothing is thrown but these", () => {
  let [taken, refused] = [0, 0];
  fc.assert(
    fc.property(fc.array(mutation, { maxLength: 5 }), fc.boolean(), (mutations, named) => {
      const text = mutations.reduce((before, { at, removed, piece, moved }) => {
        const from = Math.floor(at * before.length);
        const inserted = moved === null ? piece : whole.slice(moved[0], moved[0] + moved[1]);
        return before.slice(0, from) + inserted + before.slice(from + removed);
      }, whole);
      const env = { AWS_REGION: "eu-west-1", ...(named ? { NAME: "billing" } : {}) };
      try {
        const { experiment } = loadExperiment({ file: "e.yaml", text, faults, env });
        taken += 1;
        expect(experiment.steps.length).toBeGreaterThan(0);
      } catch (error) {
        if (!(error instanceof InvalidExperiment)) throw error;
        refused += 1;
        expect(error.problems).not.toEqual([]);
        for (const problem of error.problems) {
          expect(problem).toMatch(/^e\.yaml:[1-9]\d*:[1-9]\d*: \S/);
          expect(problem).not.toMatch(/call stack|\bundefined\b|\[object|    at /);
        }
      }
    }),
    { numRuns: 300, endOnFailure: true },
  );
  // Else the mutations were too small, or too large, to try both.
  expect(taken).toBeGreaterThan(10);
  expect(refused).toBeGreaterThan(100);
});
