import type { EventOf } from "../contract/events.ts";
import type { Recorded } from "../contract/journal.ts";
import { changeLines, differences, driftWords, valueText } from "./change-text.ts";
import { clockText, durationText, elapsedText, instantText } from "./clock-text.ts";
import { failureText, isRefusal } from "./failure-text.ts";
import { isUntold, mendCommand } from "./left.ts";
import { type Look, withLook } from "./look.ts";
import { printable } from "./printable.ts";
import { checkWords } from "./probe-words.ts";
import { type EditView, findIteration, findStep, type RunView, remainingEdits } from "./run-view.ts";
import { editTitle } from "./target-status.ts";
import { wrap } from "./wrap.ts";

type Tone = "plain" | "good" | "doubtful" | "bad";

interface Told {
  readonly step: string | null;
  /** What it is about; empty for the step or run itself. */
  readonly subject: string;
  readonly text: string;
  readonly tone: Tone;
}

/**
 * One line for one event, for pipes and CI: UTC clock, time since the run began, step, subject, what happened.
 *
 * A terminal's is broken at its width. Where there is but one step, nobody needs its name.
 *
 * `view` is the fold of this event and those before it (or more). Null for a quiet event: what a person gains nothing
 * from, like single samples and writes that are only about to be made.
 */
export function eventLine(recorded: Recorded, view: RunView, look?: Partial<Look>): string | null {
  const { style, unicode, width, terminal } = withLook(look);
  const told = tell(recorded, view);
  if (told === null) return null;
  const since = elapsedText(recorded.at - (view.startedAt ?? recorded.at));
  const paint = { plain: (text: string) => text, good: style.green, doubtful: style.yellow, bad: style.red };
  const step = view.steps.length === 1 ? "" : style.bold(printable(told.step ?? "run", unicode));
  const text = paint[told.tone](printable(told.text, unicode));
  const words = [step, printable(told.subject, unicode), text].filter((word) => word !== "");
  const [head, body] = [style.dim(`${clockText(recorded.at)} ${since}`), words.join("  ")];
  return terminal ? wrap(body, width, `${head} `, "    ").join("\n") : `${head} ${body}`;
}

function tell(recorded: Recorded, view: RunView): Told | null {
  const { event } = recorded;
  switch (event.type) {
    case "run.started":
      return say(
        null,
        "",
        `run ${view.run} of ${event.experiment.name} started by ${event.by} (Unplug ${event.version})`,
      );
    case "step.planned":
      if (event.iterations === 0 && event.targets.length === 0) return null;
      return say(
        event.step,
        "",
        `planned: ${count(event.targets.length, "target")}, ${count(event.iterations, "iteration")}, ` +
          `nothing is unplugged after ${instantText(event.until)}`,
      );
    case "step.refused":
      return say(event.step, "", `refused, nothing was changed: ${event.reason}`, "bad");
    case "step.skipped":
      return say(event.step, "", `skipped: ${event.reason}`, "doubtful");
    case "ramp.started":
      return say(event.step, "", `ramp ${event.when} the fault, ${durationText(event.ms)}`);
    case "interval.started":
      return say(event.step, "", `healthy interval, ${durationText(event.ms)}`);
    case "wait.started":
      return say(event.step, "", `waiting ${durationText(event.ms)}`);
    case "sampled":
      return null;
    case "evidence":
      return event.evidence.length === 0
        ? null
        : say(event.step, "evidence", event.evidence.map(({ text }) => text).join(" "));
    case "probe.checked":
      return tellCheck(event, view);
    case "steady.absent":
      return say(
        event.step,
        "",
        `the steady state is not there, so nothing is injected: ${event.reasons.join("; ")}`,
        "bad",
      );
    default:
      return tellEnd(event, view) ?? tellIteration(event, view) ?? tellEdit(recorded, view);
  }
}

/** The first check of a probe, and each whose result is not that of the one before. */
function tellCheck({ probe: key, askedAt, check }: EventOf<"probe.checked">, view: RunView): Told | null {
  const probe = view.probes.find((one) => one.key === key);
  if (probe === undefined) return null;
  const { checks, spec, step, role } = probe;
  const i = checks.findLastIndex((one) => one.askedAt === askedAt && one.about === check.about);
  if (checks[i - 1]?.result === check.result) return null;
  const what = role === "stop" ? "stop condition" : "probe";
  const why = check.text === null ? "" : `: ${check.text}`;
  const tones = { passed: "good", failed: "bad", errored: "doubtful", missing: "plain" } as const;
  return say(
    step,
    `${what} ${spec.name} (${spec.mode})`,
    `${checkWords[check.result]}${why}`,
    tones[check.result],
  );
}

function tellEnd(event: Recorded["event"], view: RunView): Told | null {
  switch (event.type) {
    case "abort.requested": {
      const { by, signal, leave } = event.request;
      const then = leave ? "nothing is restored, on that word" : "restoring at once";
      return say(
        null,
        "",
        `abort requested by ${by}${signal === null ? "" : ` (${signal})`}: ${then}`,
        "doubtful",
      );
    }
    case "journal.lost":
      return say(
        null,
        "",
        `journal lost (${failureText(event.failure)}): no further injection, restoring from memory`,
        "bad",
      );
    case "run.failed":
      return say(null, "", `${failedWord(event)}: ${failureText(event.failure)}`, "bad");
    case "run.finished":
      return say(null, "", "finished");
    case "run.closed":
      if (isUntold(view)) return say(null, "", "closed: what could be told to be ours is out", "doubtful");
      return remainingEdits(view).length === 0
        ? say(null, "", "closed: nothing of ours is left", "good")
        : say(null, "", "closed: what was left in stays, and nobody is told of it any more", "doubtful");
    default:
      return null;
  }
}

function tellIteration(event: Recorded["event"], view: RunView): Told | null {
  if (!("iteration" in event) || event.type === "edit.intended") return null;
  const step = findStep(view, event.step ?? "");
  const item = findIteration(step, event.iteration);
  const targets = count(item?.targets.length ?? step?.targets.length ?? 0, "target");
  const only = event.iteration === null || (step !== undefined && step.planned < 2);
  const which = only ? "" : `iteration ${event.iteration} of ${step?.planned ?? "?"}`;
  switch (event.type) {
    case "iteration.started":
      return say(event.step, which, `injecting into ${targets}`);
    case "inject.confirmed":
      return say(event.step, which, `confirmed: ${targets} unplugged`, "doubtful");
    case "inject.failed":
      return say(event.step, which, `not injected: ${failureText(event.failure)}`, "bad");
    case "hold.started":
      return say(event.step, which, `held until ${clockText(event.until)}`);
    case "inject.lost": {
      const title = step?.targets.find(({ ref }) => ref.id === event.ref.id)?.title ?? event.ref.id;
      return say(event.step, title, `lost in the hold: ${event.reason}`, "bad");
    }
    case "hold.ended": {
      const over = event.overrunMs < 1000 ? "" : `, ${durationText(event.overrunMs)} late`;
      return say(event.step, which, `hold ended${over}`);
    }
    case "restore.started":
      return say(event.step, which, `restoring (${event.by})`);
    case "iteration.ended":
      // Where there is nothing but it, the run's own end says the same.
      return which === "" && view.steps.length === 1 ? null : say(event.step, which, "ended");
    default:
      return null;
  }
}

function tellEdit({ at, event }: Recorded, view: RunView): Told | null {
  if (!("edit" in event)) return null;
  const edit = view.edits.findLast((item) => item.edit === event.edit);
  const title = edit === undefined ? `edit ${event.edit}` : editTitle(view, edit);
  const on = (text: string, tone?: Tone) => say(edit?.step ?? null, title, text, tone);
  switch (event.type) {
    case "edit.intended":
      return edit?.arms === true && edit.found ? on(`found: ${foundText(edit)}`) : null;
    case "edit.made":
      return edit?.arms === true && !edit.found ? on(`${changeText(edit)}, accepted`) : null;
    case "edit.failed": {
      if (edit?.optional === true && event.certain)
        return on(
          `left out, not permitted: ${event.failure.code}; without this marker only this machine's journal, or the lines printed by hand, can restore`,
          "doubtful",
        );
      const what = event.certain ? "not written" : "may have been written";
      return on(`${what}: ${failureText(event.failure)}`, "bad");
    }
    case "undo.beside":
      return on(event.told, "doubtful");
    case "undone":
      if (event.told !== undefined) return on(`put back, accepted: ${event.told}`, "doubtful");
      return edit?.arms === true ? on("put back, accepted") : null;
    case "undo.failed":
      if (isRepeated(event, view, at)) return null;
      return on(`not put back yet: ${failureText(event.failure)}`, "doubtful");
    case "proved":
      return edit?.arms === true ? on("put back, proved", "good") : null;
    case "drift": {
      const words = driftWords(differences(event.before, event.now)).join("; ");
      const theirs = `somebody else changed it: ${words === "" ? "and changed it back" : words}`;
      return on(`our part is out; ${event.told ?? theirs}`, "doubtful");
    }
    case "gone":
      return on("gone: somebody deleted it", "doubtful");
    case "kept":
      return on(keptText(event), "doubtful");
    case "pending":
      return on(`put back, AWS is still at it (${event.status}); run "${mendCommand(view)}"`, "bad");
    case "failed":
      return on(`NOT put back: ${failureText(event.failure)}; run "${mendCommand(view)}"`, "bad");
    case "left":
      return on(`left in on the word of ${event.by}; run "${mendCommand(view)}"`, "bad");
    default:
      return null;
  }
}

/** Asked again and again, AWS says the same: once is enough. */
function isRepeated({ edit, failure }: EventOf<"undo.failed">, { failures }: RunView, at: number): boolean {
  const before = failures.findLast((one) => one.edit === edit && one.during === "undo" && one.at < at);
  return before !== undefined && failureText(before.failure) === failureText(failure);
}

function keptText({ what, failure }: EventOf<"kept">): string {
  return `stays, inert, since it may not be taken out: ${what}: ${failureText(failure)}`;
}

function failedWord({ defect, failure }: EventOf<"run.failed">): string {
  if (defect) return "defect in Unplug";
  return isRefusal(failure) ? "refused" : "failed";
}

function say(step: string | null, subject: string, text: string, tone: Tone = "plain"): Told {
  return { step, subject, text, tone };
}

function changeText(edit: EditView): string {
  return changeLines(edit.before, edit.after).join(", ");
}

/** `enabled false, was true before`: what somebody else's restore came upon. */
function foundText({ before, after }: EditView): string {
  return differences(before, after)
    .map(
      ({ path, before: was, after: is }) =>
        `${path === "" ? "" : `${path} `}${valueText(is)}, was ${valueText(was)} before`,
    )
    .join("; ");
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}
