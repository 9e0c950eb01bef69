import type { Look } from "../../report/look.ts";
import { printable } from "../../report/printable.ts";
import { wrapIndented } from "../../report/wrap.ts";

const subjects = ["clock", "endpoint", "identity", "permissions", "journal", "runs", "account"] as const;
/** What a finding is about, in the order in which it is told. */
export type Subject = (typeof subjects)[number];

/**
 * One thing that was found.
 *
 * `good`: as it should be. `note`: worth knowing. `unknown`: could not be looked at. `bad`: a run would be refused.
 * `left`: something of ours is where it should no longer be.
 */
export interface Finding {
  readonly subject: Subject;
  readonly state: "good" | "note" | "unknown" | "bad" | "left";
  /** One line, without a full stop. */
  readonly text: string;
  /** A command, or what to do. */
  readonly mend?: string;
}

const marks: Readonly<Record<Finding["state"], string>> = {
  good: "ok",
  note: "note",
  unknown: "not known",
  bad: "BAD",
  left: "LEFT",
};

const SUBJECT = 12;
const MARK = 10;

/** For people: a line for each finding, and the command that mends it below. */
export function diagnosisText(findings: readonly Finding[], look: Look): string {
  const { style, unicode, width } = look;
  const paint = {
    good: style.green,
    note: style.dim,
    unknown: style.yellow,
    bad: style.red,
    left: style.red,
  };
  const indent = " ".repeat(SUBJECT + MARK);
  const lines = sorted(findings).flatMap(({ subject, state, text, mend }, i, all) => {
    const [first = "", ...rest] = wrapIndented(printable(text, unicode), width, indent);
    const label = all[i - 1]?.subject === subject ? "" : subject;
    const head = `${style.bold(label.padEnd(SUBJECT))}${paint[state](marks[state].padEnd(MARK))}`;
    // People copy it: it is never broken.
    return [
      head + first.slice(indent.length),
      ...rest,
      ...(mend === undefined ? [] : [`${indent}-> ${printable(mend, unicode)}`]),
    ];
  });
  return [...lines, "", summaryOf(findings)].join("\n");
}

function summaryOf(findings: readonly Finding[]): string {
  const count = (state: Finding["state"]) => findings.filter((one) => one.state === state).length;
  const [left, bad, unknown] = [count("left"), count("bad"), count("unknown")];
  const parts = [
    left === 0
      ? "Nothing of Unplug's is left, as far as could be seen"
      : `${left} left: mend each by its command`,
    ...(bad === 0 ? [] : [`${bad} that would stop a run`]),
    ...(unknown === 0 ? [] : [`${unknown} could not be looked at`]),
  ];
  return `${parts.join("; ")}.`;
}

export function diagnosisJson(findings: readonly Finding[], exitCode: number): string {
  return JSON.stringify({ exitCode, findings: sorted(findings) }, null, 2);
}

function sorted(findings: readonly Finding[]): readonly Finding[] {
  return [...findings].sort((a, b) => subjects.indexOf(a.subject) - subjects.indexOf(b.subject));
}
