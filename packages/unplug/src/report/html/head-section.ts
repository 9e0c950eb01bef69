import { durationText, instantText } from "../clock-text.ts";
import { groundsText } from "../grounds-text.ts";
import { mendCommand, whatIsLeft } from "../left.ts";
import { type Outcome, stepOutcome, type Verdict } from "../outcome.ts";
import { aliveText } from "../phase-text.ts";
import { hypothesisLines, scoreText } from "../probe-words.ts";
import type { RunView } from "../run-view.ts";
import { lastLine } from "../summary-text.ts";
import { html, type Markup } from "./markup.ts";

const tones: Readonly<Record<Verdict, "good" | "bad" | "doubt">> = {
  passed: "good",
  failed: "bad",
  inconclusive: "doubt",
  error: "bad",
  aborted: "doubt",
};

/** What the run came to: the verdict in a line, the three outcomes apart, the score. */
export function headSection(view: RunView, result: Outcome, alive: boolean): Markup {
  const { experiment, run, by, startedAt } = view;
  const end = view.finishedAt ?? view.lastAt;
  const facts = [
    `Run ${run}`,
    ...(by === null ? [] : [`by ${by}`]),
    ...(startedAt === null ? [] : [`began ${instantText(startedAt)}`]),
    ...(startedAt === null || end === null ? [] : [`took ${durationText(end - startedAt)}`]),
  ].join(", ");
  const verdict = alive
    ? html`<p><span class="verdict doubt">Goes on</span> ${aliveText(view)}</p>`
    : html`<p><span class="verdict ${tones[result.verdict]}">${result.verdict}</span>${lastLine(view).replace(/^[A-Z]+/, "")}</p>`;
  return html`<header>
<h1>${experiment?.name ?? "Unknown experiment"}</h1>
<p class="dim">${facts}</p>
${experiment === null || experiment.description === "" ? null : html`<p>${experiment.description}</p>`}
${verdict}
</header>`;
}

export function outcomeSection(view: RunView, result: Outcome, alive: boolean): Markup {
  const faults = view.steps.filter(({ kind }) => kind === "fault");
  const injected = faults.filter(({ iterations }) =>
    iterations.some(({ confirmedAt }) => confirmedAt !== null),
  );
  const [all, ...others] = hypothesisLines(view, result);
  const [hypothesis = "", passed] = all.split(/: (?<rest>.*)/s);
  const restores =
    faults.length < 2 ? [] : faults.map((step) => `${step.name}: ${stepOutcome(view, step).restore}`);
  const score =
    result.resilienceScore === null || alive
      ? "none"
      : scoreText(result.resilienceScore).slice("resilience score ".length);
  return html`<dl class="outcomes">
${card(
  "Injection",
  result.injection,
  injected.map((step) => `${faults.length < 2 ? "" : `${step.name}: `}${groundsText(view, step)}`),
)}
${card("Hypothesis", hypothesis, passed === undefined ? others : [passed, ...others])}
${card("Restore", alive ? "the run goes on" : result.restore, restores)}
${card("Resilience score", score, ["0 to 100: the share of probes that passed, weighted by step"])}
</dl>`;
}

function card(title: string, value: string, lines: readonly string[]): Markup {
  return html`<div><dt>${title}</dt><dd>${value}</dd>${lines.map((line) => html`<dd class="dim">${line}</dd>`)}</div>`;
}

const MOST_LEFT = 200;

/** What somebody must still take out, and how: by the command, and by hand. */
export function leftSection(view: RunView, byHand: string | null): Markup | null {
  const left = whatIsLeft(view);
  if (left.length === 0) return null;
  const more = left.length - MOST_LEFT;
  return html`<section class="notice" aria-labelledby="left">
<h2 id="left">Left in: someone must act</h2>
<ul>${left.slice(0, MOST_LEFT).map(({ title, text }) => html`<li>${title}: ${text}</li>`)}</ul>
${more > 0 ? html`<p>and ${more} more</p>` : null}
<p>Mend it with:</p>
<pre>${mendCommand(view)}</pre>
<p>Where Unplug itself is not to be had, this writes the plain AWS CLI calls: <code>unplug show ${view.run} --as aws-cli</code></p>
${byHand === null ? null : html`<details><summary>The calls by hand</summary><pre>${byHand}</pre></details>`}
</section>`;
}
