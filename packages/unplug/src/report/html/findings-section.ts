import type { Finding } from "../findings.ts";
import { html, type Markup } from "./markup.ts";

const MOST = 300;

/** What the run found out, with the evidence for it, and what it could not tell. */
export function findingsSection(findings: readonly Finding[]): Markup | null {
  if (findings.length === 0) return null;
  const answered = findings.filter((finding) => finding.answered);
  const open = findings.filter((finding) => !finding.answered);
  return html`<section aria-labelledby="findings">
<h2 id="findings">Findings</h2>
${list(answered)}
${open.length === 0 ? null : html`<h3>Not answered</h3>${list(open)}`}
</section>`;
}

function list(findings: readonly Finding[]): Markup {
  const more = findings.length - MOST;
  return html`<ul>${findings.slice(0, MOST).map(item)}</ul>
${more > 0 ? html`<p class="dim">and ${more} more: see the JSON</p>` : null}`;
}

function item({ kind, text, step, numbers }: Finding): Markup {
  const evidence = ["channel", "subject", "grounds"].flatMap((name) => {
    const value = numbers[name];
    return typeof value === "string" && value !== "" ? [value] : [];
  });
  return html`<li>${text}${evidence.length === 0 ? null : html` <span class="dim">Evidence: ${[...new Set(evidence)].join(", ")} (${kind} of ${step})</span>`}</li>`;
}
