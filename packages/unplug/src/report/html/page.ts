import { outcome } from "../outcome.ts";
import type { RunView } from "../run-view.ts";
import { configurationSection } from "./configuration-section.ts";
import { findingsSection } from "./findings-section.ts";
import { headSection, leftSection, outcomeSection } from "./head-section.ts";
import { html } from "./markup.ts";
import { planSection } from "./plan-section.ts";
import { probeSection, seriesSection } from "./probe-section.ts";
import { reportTime } from "./report-time.ts";
import { STYLE } from "./style.ts";
import { logSection, timelineSection } from "./timeline-section.ts";

/** What a page is made of; `view` has no value of a variable in it. */
export interface PageInput {
  readonly view: RunView;
  readonly alive: boolean;
  /** The plain AWS CLI calls that restore; null where nothing is left, or they are not to be shown. */
  readonly byHand: string | null;
}

// It needs nothing from anywhere, and may have nothing: what a name from AWS smuggled in would load or run nothing.
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/** A run as one HTML file that needs no script, no network and no other file. */
export function htmlPage({ view, alive, byHand }: PageInput): string {
  const result = outcome(view);
  const time = reportTime(view);
  const title = `${view.experiment?.name ?? "Unknown experiment"}: ${alive ? "goes on" : result.verdict}`;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<link rel="icon" href="data:,">
<title>${title}</title>
<style>${{ markup: STYLE }}</style>
</head>
<body>
${headSection(view, result, alive)}
<main>
${alive ? null : leftSection(view, byHand)}
${outcomeSection(view, result, alive)}
${timelineSection(view, time)}
${probeSection(view, time)}
${seriesSection(view, time)}
${findingsSection(alive ? result.findings.filter(({ kind }) => kind !== "left") : result.findings)}
${configurationSection(view)}
${planSection(view)}
${logSection(view)}
</main>
<footer>Made from the journal of run ${view.run} by Unplug; the run was made by Unplug ${view.version ?? "of unknown version"}.</footer>
</body>
</html>
`;
  return page.markup;
}
