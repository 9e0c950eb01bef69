import { htmlPage } from "./html/page.ts";
import { junitXml } from "./junit-xml.ts";
import { markdown } from "./markdown.ts";
import { maskedView } from "./masked-view.ts";
import { openMetrics } from "./openmetrics.ts";
import { reportJson } from "./report-json.ts";
import type { RunView } from "./run-view.ts";

export const formNames = ["html", "junit", "json", "markdown", "openmetrics"] as const;
export type FormName = (typeof formNames)[number];

/** What a report is made of. */
export interface ReportInput {
  readonly view: RunView;
  /** Its process goes on: there is no verdict yet. */
  readonly alive: boolean;
  /** The plain AWS CLI calls that would restore; null where nothing is left. */
  readonly byHand: string | null;
}

/** One way to write a run down. */
export interface Form {
  /** Its name in the folder of `--out`. */
  readonly file: string;
  /** It tells of a run that goes on, too. */
  readonly early: boolean;
  /** `view` has no value of a variable in it. */
  readonly text: (input: ReportInput) => string;
}

export const forms: Readonly<Record<FormName, Form>> = {
  html: { file: "report.html", early: true, text: htmlPage },
  json: {
    file: "report.json",
    early: true,
    text: ({ view, alive }) => `${JSON.stringify(reportJson(view, { alive }))}\n`,
  },
  junit: { file: "junit.xml", early: false, text: ({ view }) => junitXml(view) },
  markdown: { file: "report.md", early: true, text: ({ view, alive }) => markdown(view, { alive }) },
  openmetrics: { file: "metrics.prom", early: false, text: ({ view }) => openMetrics([view]) },
};

/** A run in one of its forms, from its events alone. */
export function reportText(form: FormName, input: ReportInput): string {
  return forms[form].text({ ...input, view: maskedView(input.view) });
}
