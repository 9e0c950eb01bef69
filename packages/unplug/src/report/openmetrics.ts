import { greatest } from "../contract/statistics.ts";
import { whatIsLeft } from "./left.ts";
import { exitCode, outcome, stepOutcome } from "./outcome.ts";
import { printable } from "./printable.ts";
import { probeResult } from "./probe-results.ts";
import type { RunView } from "./run-view.ts";
import { faultWindows } from "./windows.ts";

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [labels: Labels, value: number];

interface Family {
  readonly name: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

const verdicts = ["passed", "failed", "inconclusive", "error", "aborted"] as const;
const probeVerdicts = ["passed", "failed", "errored", "not-run"] as const;

/**
 * Finished runs as gauges, in what OpenMetrics and Prometheus's own text format have in common.
 *
 * The newest run of each experiment has all of them, without its id but in `unplug_run_info`: the series stay the same from
 * run to run. Older ones are counted.
 *
 * `unreadable`: how many more there are whose events cannot be read; left out where one run is told.
 */
export function openMetrics(
  views: readonly RunView[],
  { unreadable }: { readonly unreadable?: number } = {},
): string {
  const newest = new Map<string, RunView>();
  for (const view of views) {
    const name = nameOf(view);
    const known = newest.get(name);
    if (known === undefined || (view.startedAt ?? 0) > (known.startedAt ?? 0)) newest.set(name, view);
  }
  const shown = [...newest.values()];
  const families = [
    runCounts(views),
    ...(unreadable === undefined ? [] : [unreadableCount(unreadable)]),
    ...runFamilies(shown),
    ...stepFamilies(shown),
    ...probeFamilies(shown),
  ];
  return [...families.flatMap(familyLines), "# EOF", ""].join("\n");
}

function nameOf(view: RunView): string {
  return view.experiment?.name ?? "unknown";
}

function runCounts(views: readonly RunView[]): Family {
  const counts = new Map<string, Sample>();
  for (const view of views) {
    const labels = { experiment: nameOf(view), verdict: outcome(view).verdict };
    const key = JSON.stringify(labels);
    counts.set(key, [labels, (counts.get(key)?.[1] ?? 0) + 1]);
  }
  return { name: "unplug_runs", help: "Finished runs in the journal.", samples: [...counts.values()] };
}

function unreadableCount(count: number): Family {
  const help = "Runs in the journal that cannot be read, and are told nowhere else.";
  return { name: "unplug_unreadable_runs", help, samples: [[{}, count]] };
}

function runFamilies(views: readonly RunView[]): readonly Family[] {
  const each = (name: string, help: string, value: (view: RunView) => number | null): Family => ({
    name: `unplug_run_${name}`,
    help,
    samples: views.flatMap((view) => {
      const number = value(view);
      return number === null ? [] : [[{ experiment: nameOf(view) }, number] as const];
    }),
  });
  const end = (view: RunView) => view.finishedAt ?? view.lastAt;
  return [
    {
      name: "unplug_run_info",
      help: "The newest finished run of each experiment.",
      samples: views.map((view) => [
        { experiment: nameOf(view), run: view.run, version: view.version ?? "unknown" },
        1,
      ]),
    },
    {
      name: "unplug_run_verdict",
      help: "1 for the verdict of the newest finished run, 0 for the others.",
      samples: views.flatMap((view) => states({ experiment: nameOf(view) }, verdicts, outcome(view).verdict)),
    },
    each("exit_code", "The exit code of the newest finished run.", exitCode),
    each(
      "resilience_score",
      "0 to 100; not there without a probe that was asked.",
      (view) => outcome(view).resilienceScore,
    ),
    each("start_timestamp_seconds", "When it began.", ({ startedAt }) => scaled(startedAt)),
    each("end_timestamp_seconds", "When it ended.", (view) => scaled(end(view))),
    each("duration_seconds", "How long it took.", (view) => {
      const at = end(view);
      return at === null || view.startedAt === null ? null : (at - view.startedAt) / 1000;
    }),
    each("left_edits", "What is not proved out of a target.", (view) => whatIsLeft(view).length),
  ];
}

function stepFamilies(views: readonly RunView[]): readonly Family[] {
  const steps = views.flatMap((view) =>
    view.steps
      .filter(({ kind }) => kind === "fault")
      .map((step) => ({
        view,
        step,
        labels: { experiment: nameOf(view), step: step.name, fault: step.fault ?? "unknown" },
      })),
  );
  const windows = steps.map(({ view, step, labels }) => ({ labels, all: faultWindows(view, step.name) }));
  return [
    {
      name: "unplug_step_injection",
      help: "1 for what became of the injection, 0 for the others.",
      samples: steps.flatMap(({ view, step, labels }) =>
        states(
          labels,
          ["confirmed", "lost", "failed", "skipped"],
          stepOutcome(view, step).injection,
          "injection",
        ),
      ),
    },
    {
      name: "unplug_step_fault_windows",
      help: "How often the fault was in.",
      samples: windows.map(({ labels, all }) => [labels, all.length]),
    },
    {
      name: "unplug_step_unplugged_seconds",
      help: "How long the fault was in, all iterations together.",
      samples: windows.map(({ labels, all }) => [
        labels,
        all.reduce((sum, { from, to }) => sum + to - from, 0) / 1000,
      ]),
    },
    {
      name: "unplug_step_restore_seconds",
      help: "From the start of the restore to its proof, the longest of all iterations.",
      samples: steps.flatMap(({ step, labels }) => {
        const spans = step.iterations.flatMap(({ restoreStartedAt, restoredAt }) =>
          restoreStartedAt === null || restoredAt === null ? [] : [restoredAt - restoreStartedAt],
        );
        return spans.length === 0 ? [] : [[labels, greatest(spans) / 1000] as const];
      }),
    },
  ];
}

function probeFamilies(views: readonly RunView[]): readonly Family[] {
  const probes = views.flatMap((view) =>
    view.probes.map((probe) => ({
      probe,
      verdict: probeResult(view, probe).verdict,
      labels: {
        experiment: nameOf(view),
        step: probe.step ?? "",
        probe: probe.spec.name,
        type: probe.spec.type,
        mode: probe.spec.mode,
        role: probe.role,
      },
    })),
  );
  return [
    {
      name: "unplug_probe_verdict",
      help: "1 for what the probe came to, 0 for the others.",
      samples: probes.flatMap(({ verdict, labels }) => states(labels, probeVerdicts, verdict)),
    },
    {
      name: "unplug_probe_checks",
      help: "Checks of the probe by their result.",
      samples: probes.flatMap(({ probe, labels }) =>
        (["passed", "failed", "errored", "missing"] as const).map(
          (result) =>
            [{ ...labels, result }, probe.checks.filter((check) => check.result === result).length] as const,
        ),
      ),
    },
  ];
}

/** One sample for each value that it might have. */
function states(labels: Labels, all: readonly string[], is: string, label = "verdict"): readonly Sample[] {
  return all.map((one) => [{ ...labels, [label]: one }, one === is ? 1 : 0]);
}

function scaled(at: number | null): number | null {
  return at === null ? null : at / 1000;
}

/** A family without a sample is not told. */
function familyLines({ name, help, samples }: Family): readonly string[] {
  if (samples.length === 0) return [];
  return [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} gauge`,
    ...samples.map(([labels, value]) => `${name}${labelsText(labels)} ${value}`),
  ];
}

function labelsText(labels: Labels): string {
  const told = Object.entries(labels).map(([name, value]) => {
    const text = printable(value.toWellFormed()).replace(/[\\"]/g, "\\$&");
    return `${name}="${text}"`;
  });
  return told.length === 0 ? "" : `{${told.join(",")}}`;
}
