import * as z from "zod";
import { probeModes } from "../contract/probe.ts";
import { probeResult } from "./probe-results.ts";
import { expectations } from "./probe-words.ts";
import type { ProbeView, RunView } from "./run-view.ts";

/** One probe, and what its checks come to. */
export const probeJsonSchema = z.object({
  name: z.string(),
  type: z.string(),
  mode: z.enum(probeModes),
  /** Null: the run's own. */
  step: z.string().nullable(),
  /** `stop`: a stop condition, no part of hypothesis and score. */
  role: z.enum(["hypothesis", "stop"]),
  verdict: z
    .enum(["passed", "failed", "errored", "not-run"])
    .describe("Of a run that goes on: as it stands now"),
  passed: z.int().describe("Checks that passed, of those that count in its mode"),
  judged: z.int().describe("Checks that count in its mode"),
  text: z.string().nullable().describe("Why it did not pass, expected and got; null when it did"),
  expected: z.array(z.string()),
  checks: z
    .object({ passed: z.int(), failed: z.int(), errored: z.int(), missing: z.int() })
    .describe("All of its checks, also those that are only compared with"),
});

export type ProbeJson = z.output<typeof probeJsonSchema>;

export function probeJson(view: RunView, probe: ProbeView): ProbeJson {
  const { step, role, spec, checks } = probe;
  const count = (result: keyof ProbeJson["checks"]) =>
    checks.filter((check) => check.result === result).length;
  return {
    name: spec.name,
    type: spec.type,
    mode: spec.mode,
    step,
    role,
    ...probeResult(view, probe),
    expected: [...expectations(spec)],
    checks: {
      passed: count("passed"),
      failed: count("failed"),
      errored: count("errored"),
      missing: count("missing"),
    },
  };
}
