import type { Json } from "../contract/json.ts";
import type { CheckPhase, ProbeMode } from "../contract/probe.ts";
import { least, quantile } from "../contract/statistics.ts";
import { durationText } from "./clock-text.ts";
import type { Finding } from "./findings.ts";
import { type JudgedProbe, judgedProbes } from "./probe-results.ts";
import type { CheckView, RunView } from "./run-view.ts";

/** What the probes of a run say beyond passed and failed, and which of the usual questions none of them asked. */
export function probeFindings(view: RunView): readonly Finding[] {
  const first = view.steps.find((step) => step.iterations.some(({ confirmedAt }) => confirmedAt !== null));
  if (first === undefined) return [];
  const probes = judgedProbes(view);
  const asked = probes.filter(({ checks }) => checks.length > 0);
  return [
    ...asked.flatMap((probe) => told(probe, probe.step ?? first.name)),
    ...asked.flatMap((probe) => alarm(view, probe, probe.step ?? first.name)),
    ...unasked(probes).map(({ id, text }) => ({
      kind: "unasked" as const,
      step: first.name,
      id: `${first.name}/unasked/${id}`,
      answered: false,
      text,
      numbers: {},
    })),
  ];
}

/** How the numbers of a probe were before, during and after the fault. */
function told({ key, spec, checks }: JudgedProbe, step: string): readonly Finding[] {
  const phases = (["baseline", "fault", "after"] as const).flatMap((phase) => {
    const mine = checks.filter((check) => check.phase === phase);
    return mine.length === 0 ? [] : [{ phase, checks: mine }];
  });
  // Of one phase alone there is nothing to compare.
  if (phases.length < 2) return [];
  const parts = phases.map(({ phase, checks: mine }) => {
    const bad = mine.filter(({ result }) => result === "failed" || result === "errored").length;
    const values = numbersOf(mine).map(([name, sorted]) => `${name} ${spread(sorted)}`);
    const share =
      bad === 0
        ? `${mine.length} ${mine.length === 1 ? "check" : "checks"}`
        : `${bad} of ${mine.length} checks not passed`;
    return `${words[phase]} ${[share, ...values].join(", ")}`;
  });
  const numbers = Object.fromEntries(phases.map(({ phase, checks: mine }) => [phase, figures(mine)]));
  const text = `Probe "${spec.name}" (${spec.mode}): ${parts.join("; ")}.`;
  return [{ kind: "probe", step, id: `${step}/probe/${key}`, answered: true, text, numbers }];
}

const words: Readonly<Record<Exclude<CheckPhase, "transition">, string>> = {
  baseline: "before the fault",
  fault: "while it was in",
  after: "after it",
};

/** At most so many numbers of a probe are told; a body's JSON may have any number. */
const MOST_MEASURES = 2;

function numbersOf(checks: readonly CheckView[]): readonly (readonly [string, readonly number[]])[] {
  const found = new Map<string, number[]>();
  for (const { measures } of checks) {
    for (const [name, value] of Object.entries(measures)) {
      if (typeof value !== "number" || name.includes(".") || name === "statusCode") continue;
      const all = found.get(name) ?? [];
      all.push(value);
      found.set(name, all);
    }
  }
  return [...found]
    .slice(0, MOST_MEASURES)
    .map(([name, values]) => [name, values.sort((a, b) => a - b)] as const);
}

function figures(checks: readonly CheckView[]): Json {
  const notPassed = checks.filter(({ result }) => result === "failed" || result === "errored").length;
  const measures = Object.fromEntries(
    numbersOf(checks).map(([name, sorted]) => [
      name,
      { p50: quantile(sorted, 0.5), p95: quantile(sorted, 0.95), max: sorted.at(-1) ?? null },
    ]),
  );
  return { checks: checks.length, notPassed, measures };
}

function spread(sorted: readonly number[]): string {
  const [low, high] = [sorted[0] ?? 0, sorted.at(-1) ?? 0];
  if (low === high) return short(low);
  return `${short(quantile(sorted, 0.5))} (p50), ${short(high)} at most`;
}

function short(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** Whether an alarm fired, and how soon: by the first look that found it in ALARM. */
function alarm(
  view: RunView,
  { key, spec, step: own, checks }: JudgedProbe,
  step: string,
): readonly Finding[] {
  if (spec.type !== "cloudwatch-alarm") return [];
  const confirmed = view.steps
    .filter(({ name }) => own === null || name === own)
    .flatMap(({ iterations }) => iterations.flatMap(({ confirmedAt }) => confirmedAt ?? []));
  if (confirmed.length === 0) return [];
  const said = alarmSaid(spec.mode, checks, least(confirmed));
  const text = `The alarm of probe ${JSON.stringify(spec.name)} ${said.text}.`;
  return [{ kind: "alarm", step, id: `${step}/alarm/${key}`, ...said, text }];
}

/** `from`: the confirmation, in milliseconds since 1970. A look tells of the instant that it is about, and of none when it erred. */
function alarmSaid(
  mode: ProbeMode,
  checks: readonly CheckView[],
  from: number,
): Pick<Finding, "answered" | "text" | "numbers"> {
  const unknown = (text: string) => ({ answered: false, text, numbers: {} });
  const known = checks.filter(({ measures }) => typeof measures["state"] === "string");
  if (known.some(({ phase, measures }) => phase === "baseline" && isFiring(measures["state"])))
    return unknown("was in ALARM before the fault: whether it fires is not known");
  const looks = known.filter(({ about }) => about >= from);
  const last = looks.at(-1);
  if (last === undefined) {
    const lost = checks.findLast(({ about }) => about >= from);
    const why =
      lost === undefined
        ? "nobody looked at it since the confirmation"
        : `no look at it since the confirmation found its state (${lost.text ?? "no reason given"})`;
    return unknown(`may have fired or not: ${why}`);
  }
  const since = (about: number) => `${durationText(about - from)} after the confirmation`;
  const isWatched = mode === "Continuous" || mode === "OnChaos";
  const fired = looks.find(({ measures }) => isFiring(measures["state"]));
  if (fired === undefined && !isWatched)
    return unknown(
      "may have fired or not: it was looked at after the restore only, when it was not in ALARM",
    );
  if (fired === undefined)
    return {
      answered: true,
      text: `never fired: it was looked at until ${since(last.about)}`,
      numbers: { firedMs: null, watchedMs: last.about - from },
    };
  if (!isWatched)
    return unknown(
      `was in ALARM ${since(fired.about)}, when it was first looked at: when it fired is not known`,
    );
  const calm = looks.find(({ about, measures }) => about > fired.about && measures["state"] === "OK");
  const back = calm === undefined ? "" : `. It was OK again ${since(calm.about)}`;
  return {
    answered: true,
    text: `fired ${since(fired.about)} of the fault${back}`,
    numbers: { firedMs: fired.about - from, okAgainMs: calm === undefined ? null : calm.about - from },
  };
}

function isFiring(state: unknown): boolean {
  return state === "ALARM";
}

/** What runs of these faults are most often made for, and nobody can answer who was not told whom to ask. */
function unasked(probes: readonly JudgedProbe[]): readonly { id: string; text: string }[] {
  const has = (...types: readonly string[]) => probes.some(({ spec }) => types.includes(spec.type));
  const asksFor = (measure: string) =>
    probes.some(({ spec }) => spec.expect.some((expectation) => expectation.measure === measure));
  // Who states no hypothesis asked for the damage alone, and was told that none is stated.
  if (probes.length === 0) return [];
  return [
    ...(has("cloudwatch-alarm")
      ? []
      : [
          {
            id: "alarm",
            text: "Whether an alarm fires was not asked: a probe of type cloudwatch-alarm asks.",
          },
        ]),
    ...(has("http", "cloudwatch", "prometheus", "command")
      ? []
      : [
          {
            id: "callers",
            text: "How callers fared was not asked: a probe of type http asks the service itself, one of type cloudwatch API Gateway, Step Functions or EventBridge.",
          },
        ]),
    ...(asksFor("lost") || asksFor("duplicates") || !has("backlog")
      ? []
      : [
          {
            id: "lost",
            text: "Whether messages were lost or handled twice was not asked: a backlog probe asks that expects `lost` and `duplicates` and names its evidence.",
          },
        ]),
  ];
}
