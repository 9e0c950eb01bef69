import { refKey } from "../contract/place.ts";
import { changeLines } from "./change-text.ts";
import { durationText, instantText } from "./clock-text.ts";
import { failureText, isRefusal } from "./failure-text.ts";
import type { Finding } from "./findings.ts";
import { groundsText } from "./grounds-text.ts";
import { mendCommand, whatIsLeft } from "./left.ts";
import { type Look, withLook } from "./look.ts";
import { exitOf, type Outcome, outcome, type RestoreOutcome, stepOutcome, type Verdict } from "./outcome.ts";
import { printable, printableLines } from "./printable.ts";
import { hypothesisLines, scoreText } from "./probe-words.ts";
import { type RunView, type StepView } from "./run-view.ts";
import { editTitle } from "./target-status.ts";
import { table, wrap } from "./wrap.ts";

/** The end of a run for people: the three outcomes apart, findings, drift, what is left, and one line that says it all. */
export function summaryText(view: RunView, look?: Partial<Look>): string {
  const full = withLook(look);
  const result = outcome(view);
  return [
    ...headLines(view, full),
    "",
    ...outcomeLines(view, result, full),
    ...refusalLines(view, full),
    ...findingLines(result.findings, full),
    ...driftLines(view, full),
    ...leftLines(view, full),
    "",
    lastLine(view, full),
  ].join("\n");
}

/** The run in one line: verdict, injection and its grounds, restore, drift, what to do, the exit code and its meaning. */
export function lastLine(view: RunView, look?: Partial<Look>): string {
  const { style, unicode, width, terminal } = withLook(look);
  const result = outcome(view);
  const { code, meaning } = exitOf(view);
  const reasons = result.reasons.length === 0 ? "" : ` (${result.reasons.join("; ")})`;
  const text = [
    `${[injectionText(view, result), ...hypothesisText(result), restoreWords[result.restore]].join("; ")}${reasons}.`,
    ...driftSentence(view),
    ...(result.restore === "failed" || result.restore === "not-begun" ? [`Run "${mendCommand(view)}".`] : []),
    `Exit ${code}: ${meaning}.`,
  ].join(" ");
  const verdict = paintVerdict(result.verdict, { style })(result.verdict.toUpperCase());
  const line = `${verdict}: ${printable(text, unicode)}`;
  return terminal ? wrap(line, width, "", "  ").join("\n") : line;
}

const restoreWords: Readonly<Record<RestoreOutcome, string>> = {
  proved: "restore proved",
  drifted: "our part is out, proved",
  failed: "restore NOT proved",
  "not-begun": "not restored yet",
  "not-needed": "nothing to restore",
};

function paintVerdict(verdict: Verdict, { style }: Pick<Look, "style">): (text: string) => string {
  const paint = {
    passed: style.green,
    failed: style.red,
    inconclusive: style.yellow,
    error: style.red,
    aborted: style.yellow,
  };
  return (text) => style.bold(paint[verdict](text));
}

function injectionText(view: RunView, { injection }: Outcome): string {
  if (injection === "skipped") {
    return view.edits.some(({ status }) => status !== "refused")
      ? "injection not confirmed"
      : "nothing was injected";
  }
  if (injection === "failed") return "injection failed";
  const injected = view.steps.filter((step) =>
    step.iterations.some(({ confirmedAt }) => confirmedAt !== null),
  );
  const grounds = injected.map((step) =>
    injected.length === 1 ? groundsText(view, step) : `${step.name}: ${groundsText(view, step)}`,
  );
  return [`injection ${injection}`, ...grounds].join(", ");
}

/** Nothing where no probe was asked. */
function hypothesisText({ hypothesis, resilienceScore }: Outcome): readonly string[] {
  if (hypothesis === "none") return [];
  const score = scoreText(resilienceScore);
  return [`hypothesis ${hypothesis === "errored" ? "open" : hypothesis}${score === "" ? "" : `, ${score}`}`];
}

function driftSentence(view: RunView): readonly string[] {
  const told = view.edits.flatMap((edit) =>
    edit.drift?.told === undefined ? [] : [`Drift: ${editTitle(view, edit)}: ${edit.drift.told}.`],
  );
  const titles = (end: "drift" | "gone") => [
    ...new Set(
      view.edits
        .filter((edit) => edit.end === end && edit.drift?.told === undefined)
        .map((edit) => editTitle(view, edit)),
    ),
  ];
  const [drift, gone] = [titles("drift"), titles("gone")];
  return [
    ...(drift.length === 0 ? [] : [`Drift: somebody else changed ${drift.join(", ")}.`]),
    ...new Set(told),
    ...(gone.length === 0 ? [] : [`Gone: somebody deleted ${gone.join(", ")}.`]),
  ];
}

function headLines(view: RunView, { style, unicode }: Look): readonly string[] {
  const name = printable(view.experiment?.name ?? "unknown experiment", unicode);
  const end = view.finishedAt ?? view.lastAt;
  const length = view.startedAt === null || end === null ? [] : [durationText(end - view.startedAt)];
  const start = view.startedAt === null ? [] : [`began ${instantText(view.startedAt)}`];
  return [`${style.bold(name)}  ${style.dim([`run ${view.run}`, ...start, ...length].join(", "))}`];
}

function outcomeLines(view: RunView, result: Outcome, look: Look): readonly string[] {
  const steps = view.steps.filter(({ kind }) => kind === "fault");
  const each = (text: (step: StepView) => string) =>
    steps.length < 2 ? [] : steps.map((step) => `${step.name}: ${text(step)}`);
  const [only] = steps;
  const alone = steps.length === 1 && only !== undefined ? injectionOfStep(view, only) : null;
  return [
    ...labelled(
      "Injection",
      [alone ?? result.injection, ...each((step) => injectionOfStep(view, step))],
      look,
    ),
    ...labelled("Hypothesis", hypothesisLines(view, result), look),
    ...labelled(
      "Restore",
      [restoreText(view, result.restore), ...each((step) => stepOutcome(view, step).restore)],
      look,
    ),
  ];
}

function injectionOfStep(view: RunView, step: StepView): string {
  const { injection } = stepOutcome(view, step);
  const failure = step.iterations.find((item) => item.failure !== null)?.failure;
  if (injection === "confirmed" || injection === "lost") return `${injection}, ${groundsText(view, step)}`;
  if (failure != null) return `failed: ${failureText(failure)}`;
  if (injection === "failed") return "failed: its process ended before it was confirmed";
  return `skipped: ${step.reason?.split("\n", 1)[0] ?? "the run ended before it was confirmed"}`;
}

function restoreText(view: RunView, restore: RestoreOutcome): string {
  const watched = view.series.some(({ points }) => points.some(([, , phase]) => phase === "after"));
  const seen = watched
    ? "The workload was watched after it."
    : "The effect on the workload after it was not observed.";
  if (restore === "proved") return `proved: every target's configuration was read as it was before. ${seen}`;
  if (restore === "drifted") {
    const isTold = view.edits.every(
      ({ end, drift }) => end !== "gone" && (drift === null || drift.told !== undefined),
    );
    const why = isTold ? "what is not as before is told below" : "somebody else changed or deleted a target";
    return `drifted: our part is out; ${why}. ${seen}`;
  }
  if (restore === "not-begun") return `not restored yet: ${mendCommand(view)}`;
  return restore === "failed"
    ? "failed: not everything of ours is proved out, see below"
    : "not needed: nothing was changed";
}

/** A refusal in full: each culprit on a line, then what to do. */
function refusalLines(view: RunView, { style, unicode }: Look): readonly string[] {
  const run = view.failures.filter(({ failure }) => isRefusal(failure)).map(({ failure }) => failure.message);
  const steps = view.steps.flatMap(({ state, reason }) =>
    state === "refused" && reason !== null ? [reason] : [],
  );
  return [...run, ...steps].flatMap((reason) => [
    "",
    style.bold("Refused"),
    ...printableLines(reason, unicode).map((line) => `  ${line}`),
  ]);
}

function findingLines(all: readonly Finding[], { style, unicode, width }: Look): readonly string[] {
  const shown = all.filter(({ kind }) => kind !== "drift" && kind !== "gone" && kind !== "left");
  if (shown.length === 0) return [];
  const texts = [...Map.groupBy(shown, likeness).values()].flatMap((alike) => {
    const told = (alike.length <= MOST_ALIKE ? alike : alike.slice(0, 3)).map(({ answered, text }) =>
      answered ? text : `Not answered: ${text}`,
    );
    const more = `${alike.length - told.length} more like these: --format json, or --out, has them all.`;
    return told.length === alike.length ? told : [...told, more];
  });
  const lines = texts.flatMap((text) =>
    wrap(printable(text, unicode), width, unicode ? "  • " : "  * ", "    "),
  );
  return ["", style.bold("Findings"), ...lines];
}

/** More findings than these that say the same of different things drown the rest. */
const MOST_ALIKE = 5;

/** Of one kind, step, channel and verdict. */
function likeness({ kind, step, answered, numbers }: Finding): string {
  return JSON.stringify([kind, step, answered, numbers["channel"], numbers["verdict"], numbers["about"]]);
}

function driftLines(view: RunView, { style, unicode }: Look): readonly string[] {
  const lines = view.edits.flatMap((edit) => {
    const title = editTitle(view, edit);
    if (edit.end === "gone") return [`  ${title}: deleted by somebody else`];
    if (edit.drift === null) return [];
    const changes = changeLines(edit.drift.before, edit.drift.now);
    return [
      `  ${title}${edit.drift.told === undefined ? "" : `: ${edit.drift.told}`}`,
      ...(changes.length === 0 ? ["changed and changed back"] : changes).map((line) => `    ${line}`),
    ];
  });
  return lines.length === 0
    ? []
    : [
        "",
        style.bold("Drift (was before -> is now; nothing of it is ours)"),
        ...lines.map((line) => printable(line, unicode)),
      ];
}

function leftLines(view: RunView, { style, unicode }: Look): readonly string[] {
  const left = whatIsLeft(view);
  if (left.length === 0) return [];
  const rows = table(left.map(({ title, text }) => [title, text].map((cell) => printable(cell, unicode))));
  const places = new Set(
    left.flatMap(({ edit }) =>
      view.edits.filter((item) => item.edit === edit).map(({ ref }) => refKey({ ...ref, kind: "", id: "" })),
    ),
  );
  const where = places.size > 1 ? ` (in ${places.size} places)` : "";
  return [
    "",
    style.bold(style.red(`Left in${where}`)),
    ...rows.map((row) => `  ${row}`),
    `  Mend it with: ${style.bold(mendCommand(view))}`,
  ];
}

function labelled(
  label: string,
  lines: readonly string[],
  { style, unicode, width }: Look,
): readonly string[] {
  const indent = " ".repeat(12);
  const all = lines.flatMap((line) => wrap(printable(line, unicode), width, indent, `${indent}  `));
  return all.map((line, i) => (i === 0 ? `${style.dim(label.padEnd(12))}${line.slice(12)}` : line));
}
