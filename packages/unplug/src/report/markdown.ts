import { durationText, instantText } from "./clock-text.ts";
import { groundsText } from "./grounds-text.ts";
import { mendCommand, whatIsLeft } from "./left.ts";
import { type Outcome, outcome, type Verdict } from "./outcome.ts";
import { aliveText } from "./phase-text.ts";
import { printable } from "./printable.ts";
import { type JudgedProbe, judgedProbes } from "./probe-results.ts";
import { expectations, probeWords, scoreText } from "./probe-words.ts";
import type { RunView } from "./run-view.ts";
import { lastLine } from "./summary-text.ts";

const marks: Readonly<Record<Verdict, string>> = {
  passed: "✅",
  failed: "❌",
  inconclusive: "❔",
  error: "❌",
  aborted: "⏹️",
};

/** A run for a CI's job summary, in GitHub's Markdown: one line, the outcomes, a table of probes, the findings. */
export function markdown(view: RunView, { alive = false }: { readonly alive?: boolean } = {}): string {
  const result = outcome(view);
  const name = escaped(view.experiment?.name ?? "unknown experiment");
  const head = alive ? `⏳ ${name}: goes on` : `${marks[result.verdict]} ${name}: ${result.verdict}`;
  return [
    `## ${head}`,
    "",
    escaped(alive ? aliveText(view) : lastLine(view)),
    "",
    ...outcomeTable(view, result),
    ...probeTable(judgedProbes(view)),
    ...findingList(result),
    ...(alive ? [] : leftList(view)),
    `<sub>${escaped(about(view))}</sub>`,
    "",
  ].join("\n");
}

function outcomeTable(view: RunView, result: Outcome): readonly string[] {
  const injected = view.steps.filter(({ iterations }) =>
    iterations.some(({ confirmedAt }) => confirmedAt !== null),
  );
  const grounds = injected.map((step) => groundsText(view, step));
  return [
    "| Injection | Hypothesis | Restore |",
    "| --- | --- | --- |",
    row([
      [result.injection, ...grounds].join(", "),
      [result.hypothesis, scoreText(result.resilienceScore)].filter((text) => text !== "").join(", "),
      result.restore,
    ]),
    "",
  ];
}

const probeMarks = { passed: "✅", failed: "❌", errored: "❔", "not-run": "➖" } as const;

function probeTable(probes: readonly JudgedProbe[]): readonly string[] {
  if (probes.length === 0) return [];
  const rows = probes.map(({ spec, step, result: { verdict, text, passed, judged } }) =>
    row([
      `${probeMarks[verdict]} ${spec.name}${step === null ? "" : ` of ${step}`}`,
      `${spec.type}, ${spec.mode}`,
      expectations(spec).join("; "),
      `${probeWords[verdict]}${text === null ? "" : `: ${text}`}`,
      `${passed} of ${judged}`,
    ]),
  );
  return [
    "| Probe | Type, mode | Expected | Result | Checks passed |",
    "| --- | --- | --- | --- | ---: |",
    ...rows,
    "",
  ];
}

/** More than anybody reads there; GitHub takes 1 MiB for a step. */
const MOST_FINDINGS = 50;

function findingList({ findings }: Outcome): readonly string[] {
  if (findings.length === 0) return [];
  const lines = findings
    .slice(0, MOST_FINDINGS)
    .map(({ answered, text }) => `- ${answered ? "" : "**Not answered:** "}${escaped(text)}`);
  const more = findings.length - MOST_FINDINGS;
  return ["### Findings", "", ...lines, ...(more > 0 ? [`- and ${more} more: see the JSON`] : []), ""];
}

function leftList(view: RunView): readonly string[] {
  const left = whatIsLeft(view);
  if (left.length === 0) return [];
  return [
    "### ⚠️ Left in",
    "",
    ...left.slice(0, MOST_FINDINGS).map(({ title, text }) => `- ${escaped(`${title}: ${text}`)}`),
    ...(left.length > MOST_FINDINGS ? [`- and ${left.length - MOST_FINDINGS} more`] : []),
    "",
    `Mend it with: \`${mendCommand(view)}\``,
    "",
  ];
}

function about({ run, version, by, startedAt, finishedAt, lastAt }: RunView): string {
  const end = finishedAt ?? lastAt;
  return [
    `run ${run}`,
    ...(by === null ? [] : [`by ${by}`]),
    ...(startedAt === null ? [] : [`began ${instantText(startedAt)}`]),
    ...(startedAt === null || end === null ? [] : [durationText(end - startedAt)]),
    `Unplug ${version ?? "of unknown version"}`,
  ].join(", ");
}

function row(cells: readonly string[]): string {
  return `| ${cells.map(escaped).join(" | ")} |`;
}

/** Text that Markdown leaves as it is, on one line; `@` would call people. */
function escaped(text: string): string {
  return printable(text.toWellFormed())
    .replace(/[\\`*_~[\]|#!]/g, "\\$&")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll("@", "&#64;");
}
