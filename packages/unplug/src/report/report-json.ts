import * as z from "zod";
import { probeJsonSchema } from "./probe-json.ts";
import { runJson, runJsonSchema } from "./run-json.ts";
import type { RunView } from "./run-view.ts";

const instant = z.number().describe("Milliseconds since 1970");

const sample = z.object({
  about: instant.describe("Milliseconds since 1970: what it tells of, its data's lag taken off"),
  at: instant,
  phase: z.enum(["baseline", "fault", "transition", "after"]),
  result: z.enum(["passed", "failed", "errored", "missing"]),
  attempts: z.int(),
  measures: z.record(z.string(), z.union([z.number(), z.string(), z.boolean(), z.null()])),
  text: z.string().nullable().describe("Why it did not pass; null when it did"),
});

const series = z.object({
  step: z.string(),
  channel: z.string(),
  subject: z.string(),
  points: z.array(
    z.object({
      at: instant,
      value: z.number().nullable(),
      phase: z.enum(["baseline", "fault", "after"]),
    }),
  ),
});

/** What `report --as json` writes: the object of `--format json`, with each check and each sample. Members are only added. */
const reportJsonSchema = runJsonSchema.extend({
  probes: z.array(probeJsonSchema.extend({ samples: z.array(sample) })),
  series: z.array(series),
});

/** The JSON Schema that is published. `--format json` prints the same without samples and series. */
export function reportSchema(): object {
  const { $schema, ...schema } = z.toJSONSchema(reportJsonSchema);
  return {
    $schema,
    $id: "https://unplug.dev/v1/report.schema.json",
    title: "A run of Unplug, as `unplug report --as json` writes it",
    ...schema,
  };
}

type ReportJson = z.output<typeof reportJsonSchema>;

export function reportJson(view: RunView, { alive = false }: { readonly alive?: boolean } = {}): ReportJson {
  const run = runJson(view, { alive });
  const json = {
    ...run,
    probes: run.probes.map((probe, i) => ({
      ...probe,
      samples: (view.probes[i]?.checks ?? []).map(
        ({ about, at, phase, result, attempts, measures, text }) => ({
          about,
          at,
          phase,
          result,
          attempts,
          measures,
          text,
        }),
      ),
    })),
    series: view.series.map(({ step, channel, subject, points }) => ({
      step,
      channel,
      subject,
      points: points.map(([at, value, phase]) => ({ at, value, phase })),
    })),
  };
  // Through JSON, so that a number that is none cannot keep a run from being told.
  return reportJsonSchema.parse(JSON.parse(JSON.stringify(json)));
}
