import { failureText } from "./failure-text.ts";
import { groundsText } from "./grounds-text.ts";
import { mendCommand, whatIsLeft } from "./left.ts";
import { type Outcome, outcome, stepOutcome } from "./outcome.ts";
import { probeResult } from "./probe-results.ts";
import { expectations } from "./probe-words.ts";
import type { ProbeView, RunView, StepView } from "./run-view.ts";
import { attributes, xmlText } from "./xml-text.ts";

interface TestCase {
  readonly classname: string;
  readonly name: string;
  readonly ms: number;
  /** `failure`: what was expected did not hold. `error`: it could not be told, or was not done. */
  readonly result: "passed" | "failure" | "error" | "skipped";
  /** One line for lists; the rest stands in `text`. */
  readonly message: string;
  readonly type: string;
  readonly text: string;
}

/**
 * A run as JUnit XML, so that a CI shows each probe, each injection and each restore as a test.
 *
 * It is valid against what the two XML Schemas in use have in common: those of Jenkins and of Ant's JUnit task.
 */
export function junitXml(view: RunView): string {
  const result = outcome(view);
  const name = view.experiment?.name ?? "unknown experiment";
  const told = [
    ...view.steps.filter(({ kind }) => kind === "fault").map((step) => injectionCase(view, step, name)),
    ...view.probes.map((probe) => probeCase(view, probe, name)),
    ...view.steps.filter(({ kind }) => kind === "fault").map((step) => restoreCase(view, step, name)),
  ];
  const cases = [...told, verdictCase(view, result, { name, told })];
  const count = (wanted: TestCase["result"]) => cases.filter((one) => one.result === wanted).length;
  const ms = (view.finishedAt ?? view.lastAt ?? 0) - (view.startedAt ?? view.lastAt ?? 0);
  const suite = attributes({
    name,
    package: "unplug",
    id: 0,
    timestamp: new Date(clamp(view.startedAt ?? 0)).toISOString().slice(0, 19),
    hostname: (view.by ?? "").split("@").at(-1) || "unknown",
    tests: cases.length,
    failures: count("failure"),
    errors: count("error"),
    skipped: count("skipped"),
    time: seconds(ms),
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    "<testsuites>",
    `  <testsuite${suite}>`,
    "    <properties>",
    ...Object.entries(properties(view, result)).map(
      ([key, value]) => `      <property${attributes({ name: key, value })}/>`,
    ),
    "    </properties>",
    ...cases.flatMap(caseLines),
    `    <system-out>${xmlText(result.findings.map(({ text }) => text).join("\n"))}</system-out>`,
    `    <system-err>${xmlText(result.reasons.join("\n"))}</system-err>`,
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

function properties(view: RunView, result: Outcome): Readonly<Record<string, string>> {
  return {
    run: view.run,
    version: view.version ?? "unknown",
    verdict: result.verdict,
    injection: result.injection,
    hypothesis: result.hypothesis,
    restore: result.restore,
    "resilience score": String(result.resilienceScore ?? "none"),
  };
}

function injectionCase(view: RunView, step: StepView, experiment: string): TestCase {
  const { injection } = stepOutcome(view, step);
  const first = step.iterations[0];
  const failure = step.iterations.find((item) => item.failure !== null)?.failure;
  const lost = step.iterations.flatMap((item) => item.lost)[0];
  const shared = {
    classname: `${experiment}.${step.name}`,
    name: `inject ${step.fault ?? step.name}`,
    ms: first?.confirmedAt == null ? 0 : first.confirmedAt - first.startedAt,
    type: injection,
  };
  const why =
    failure == null ? (step.reason ?? "the run ended before it was confirmed") : failureText(failure);
  if (injection === "confirmed") return { ...shared, result: "passed", message: "", text: "" };
  if (injection === "skipped" && step.state !== "refused")
    return { ...shared, result: "skipped", ...messageOf(why) };
  return { ...shared, result: "error", ...messageOf(injection === "lost" ? (lost?.reason ?? why) : why) };
}

function probeCase(view: RunView, probe: ProbeView, experiment: string): TestCase {
  const { spec, step, checks, role } = probe;
  const { verdict, text, passed, judged } = probeResult(view, probe);
  const results = { passed: "passed", failed: "failure", errored: "error", "not-run": "skipped" } as const;
  const told = [
    text ?? "",
    `expected ${expectations(spec).join("; ")}`,
    `${passed} of ${judged} checks passed`,
    ...checks.flatMap((check) =>
      check.text === null ? [] : [`${new Date(clamp(check.about)).toISOString()} ${check.text}`],
    ),
  ];
  return {
    classname: `${experiment}.${step ?? (role === "stop" ? "stop conditions" : "probes")}`,
    name: `${spec.name} (${spec.type}, ${spec.mode})`,
    ms: (checks.at(-1)?.at ?? 0) - (checks[0]?.askedAt ?? 0),
    result: results[verdict],
    message: text?.split("\n", 1)[0] ?? "",
    type: verdict,
    text: told.slice(0, MOST_LINES).join("\n"),
  };
}

/** Of ten thousand checks that failed nobody reads more. */
const MOST_LINES = 100;

function restoreCase(view: RunView, step: StepView, experiment: string): TestCase {
  const { restore } = stepOutcome(view, step);
  const spans = step.iterations.map(({ restoreStartedAt, restoredAt }) =>
    restoreStartedAt === null || restoredAt === null ? 0 : restoredAt - restoreStartedAt,
  );
  const shared = {
    classname: `${experiment}.${step.name}`,
    name: "restore",
    ms: Math.max(0, ...spans),
    type: restore,
  };
  if (restore === "not-needed") return { ...shared, result: "skipped", ...messageOf("nothing was changed") };
  if (restore === "proved" || restore === "drifted")
    return { ...shared, result: "passed", message: "", text: "" };
  const left = whatIsLeft(view).filter((item) => item.step === step.name);
  const lines = [
    `not proved out; run: ${mendCommand(view)}`,
    ...left.map(({ title, text }) => `${title}: ${text}`),
  ];
  return { ...shared, result: "error", ...messageOf(lines.join("\n")) };
}

/** What no other case shows (no effect, an abort, a defect) must still be red. */
function verdictCase(
  view: RunView,
  { verdict, reasons, injection }: Outcome,
  { name, told }: { readonly name: string; readonly told: readonly TestCase[] },
): TestCase {
  const isValid = verdict === "passed" || verdict === "failed";
  const isTold = told.some(({ result }) => result === "error" || result === "failure");
  const grounds = view.steps.map((step) => `${step.name}: ${groundsText(view, step)}`);
  return {
    classname: name,
    name: "the run has an answer",
    ms: 0,
    type: verdict,
    result: isValid ? "passed" : isTold && verdict !== "aborted" ? "skipped" : "error",
    ...messageOf([`${verdict}, injection ${injection}`, ...reasons, ...grounds].join("\n")),
  };
}

function messageOf(text: string): { readonly message: string; readonly text: string } {
  return { message: text.split("\n", 1)[0] ?? "", text };
}

function caseLines({ classname, name, ms, result, message, type, text }: TestCase): readonly string[] {
  const head = `    <testcase${attributes({ classname, name, time: seconds(ms) })}`;
  if (result === "passed") return [`${head}/>`];
  if (result === "skipped")
    return [`${head}>`, `      <skipped${attributes({ message })}/>`, "    </testcase>"];
  const inner = `      <${result}${attributes({ message, type })}>${xmlText(text)}</${result}>`;
  return [`${head}>`, inner, "    </testcase>"];
}

function seconds(ms: number): string {
  return (Math.max(0, ms) / 1000).toFixed(3);
}

/** An instant that no calendar knows must not keep a run from being told. */
function clamp(at: number): number {
  return Number.isFinite(at) ? Math.min(8.64e15, Math.max(0, at)) : 0;
}
