import type { Timing } from "../../contract/events.ts";
import type { FaultStep } from "../../contract/experiment.ts";
import { placeText } from "../../contract/place.ts";
import { durationText, instantText } from "../clock-text.ts";
import type { RunView, StepView } from "../run-view.ts";
import { html, type Markup } from "./markup.ts";

const MOST_TARGETS = 100;

/** What was planned: where, as whom, on what, with which tunables and times. */
export function planSection(view: RunView): Markup | null {
  if (view.steps.length === 0) return null;
  return html`<section aria-labelledby="plan">
<h2 id="plan">Plan</h2>
${view.steps.map((step) => stepPart(view, step))}
</section>`;
}

function stepPart(view: RunView, step: StepView): Markup {
  const planned = view.experiment?.steps.find((one) => one.name === step.name);
  const facts: readonly (readonly [string, string])[] = [
    ["Fault", step.fault ?? "none: it waits"],
    ["State", step.reason === null ? step.state : `${step.state}: ${step.reason}`],
    ...(step.kind === "fault" ? [["Weight", String(step.weight)] as const] : []),
    ...(step.place === null ? [] : [["Place", placeText(step.place)] as const]),
    ...(step.identity === null ? [] : [["Identity", step.identity] as const]),
    ...(step.timing === null ? [] : [["Timing", timingText(step.timing)] as const]),
    ...(step.until === null ? [] : [["Nothing unplugged after", instantText(step.until)] as const]),
  ];
  const more = step.targets.length - MOST_TARGETS;
  return html`<h3>${step.name}</h3>
<dl class="facts">${facts.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
${step.targets.length === 0 ? null : html`<p class="dim">Targets</p><ul>${step.targets.slice(0, MOST_TARGETS).map(({ title, status }) => html`<li>${title}: ${status}</li>`)}</ul>`}
${more > 0 ? html`<p class="dim">and ${more} more</p>` : null}
${step.warnings.length === 0 ? null : html`<p class="dim">Warnings</p><ul>${step.warnings.map((warning) => html`<li>${warning}</li>`)}</ul>`}
${planned?.kind === "fault" && planned.tunables.length > 0 ? tunableTable(planned) : null}`;
}

function timingText({ holdMs, intervalMs, rampMs, serial, cycles }: Timing): string {
  return [
    `held ${durationText(holdMs)}`,
    ...(cycles > 1 ? [`${cycles} cycles`, `healthy interval ${durationText(intervalMs)}`] : []),
    ...(rampMs > 0 ? [`ramp ${durationText(rampMs)}`] : []),
    serial ? "one target after the other" : "all targets together",
  ].join(", ");
}

const sources = {
  argument: "argument",
  file: "file",
  environment: "environment",
  default: "default",
} as const;

function tunableTable({ name, tunables }: FaultStep): Markup {
  return html`<div class="scroll" role="region" aria-label="${`Tunables of ${name}`}" tabindex="0"><table>
<thead><tr><th scope="col">Tunable</th><th scope="col">Value</th><th scope="col">From</th></tr></thead>
<tbody>${tunables.map(
    (one) =>
      html`<tr><td><code>${one.name}</code></td><td>${String(one.value)}</td><td>${sources[one.source]}</td></tr>`,
  )}</tbody></table></div>`;
}
