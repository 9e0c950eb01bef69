import { iamName } from "../contract/actions.ts";
import type { FaultStep, WaitStep } from "../contract/experiment.ts";
import { placeText, refKey } from "../contract/place.ts";
import type { ExperimentPlan, Permission, ProbePlan, StepPlan } from "../contract/plan.ts";
import { changeLines } from "./change-text.ts";
import { durationText, instantText } from "./clock-text.ts";
import { type Look, withLook } from "./look.ts";
import { eachOnce, probeLines } from "./plan-probes-text.ts";
import { printable } from "./printable.ts";
import { table, wrap, wrapIndented } from "./wrap.ts";

/**
 * What a run would do, for people: printed by `plan`, and by `run` before its first write.
 *
 * `brief` is for a run, which has an id, and the permissions too, as far as it gets.
 */
export function planText(plan: ExperimentPlan, look?: Partial<Look>, { brief = false } = {}): string {
  const full = withLook(look);
  const { style, unicode, width } = full;
  const { experiment } = plan;
  const title = style.bold(
    printable(`Plan of ${experiment.name}${brief ? `, run ${plan.run}` : ""}`, unicode),
  );
  const about = experiment.description === "" ? [] : wrap(printable(experiment.description, unicode), width);
  const steps = plan.steps.flatMap((step, i) => [
    "",
    ...(step.kind === "wait"
      ? waitLines(step, i + 1, full)
      : stepLines(step, plan.probes, { ...full, brief, number: i + 1 })),
  ]);
  const whole = runLines(plan, { ...full, brief });
  return [title, ...about, ...steps, ...whole, "", ...wholeLines(plan, full)].join("\n");
}

function waitLines({ name, waitMs }: WaitStep, number: number, { style, unicode }: Look): readonly string[] {
  return [`${number}. ${style.bold(printable(name, unicode))}: waits ${durationText(waitMs)}`];
}

/** What belongs to no step. */
function runLines(
  { probes, guardRails, preflight }: ExperimentPlan,
  look: Look & { brief: boolean },
): readonly string[] {
  const own = probes.filter(({ step }) => step === null);
  const { notes = [], warnings = [], refused = [] } = preflight ?? {};
  const found = [...(look.brief ? [] : notes), ...warnings, ...refused];
  if (own.length === 0 && guardRails === undefined && found.length === 0) return [];
  const yellow = { ...look, style: { ...look.style, dim: look.style.yellow } };
  const of = (role: ProbePlan["role"]) => probeLines(own.filter((probe) => probe.role === role));
  return [
    "",
    look.style.bold("The whole run"),
    ...section("probes", of("hypothesis"), look),
    ...section("stops unless", of("stop"), look),
    ...section("guard rails", guardRails?.files ?? [], look, "kept"),
    ...(look.brief ? [] : section("preflight", notes, look)),
    ...section("warnings", warnings, yellow),
    ...section("refused", [...(guardRails?.refused ?? []), ...refused], yellow),
    ...(look.brief
      ? []
      : section("permissions", permissionLines(own.flatMap(({ permissions }) => permissions)), look, "kept")),
  ];
}

function stepLines(
  plan: StepPlan,
  probes: readonly ProbePlan[],
  look: Look & { brief: boolean; number: number },
): readonly string[] {
  const { style, unicode, width, number } = look;
  const own = probes.filter((probe) => probe.step === plan.step.name);
  const { step, timing } = plan;
  const what = `unplugs ${some(plan.targets.map(({ title }) => title))} in ${placeText(plan.place)}, as ${plan.identity}`;
  const [first = "", ...rest] = wrap(
    printable(`${step.name}: ${what}`, unicode),
    width,
    `${number}. `,
    "   ",
  );
  const sequence = timing.serial ? "one target after the other" : "all targets at once";
  const cycles = timing.cycles === 1 ? "" : `, ${timing.cycles} cycles`;
  return [
    style.bold(first),
    ...rest.map(style.bold),
    ...section("fault", [`${step.fault}${weightText(step, own)}`], look),
    ...section("tunables", tunableLines(plan), look, "kept"),
    ...section("defaults", defaultLine(plan), look),
    ...section("targets", table(plan.targets.map(({ title, ref }) => [title, ref.id])), look, "kept"),
    ...section("reach", reachLines(plan), look),
    ...section("changes", editLines(plan), look),
    ...section(
      "time",
      [
        `${plan.iterations} ${plan.iterations === 1 ? "iteration" : "iterations"} (${sequence}${cycles}), each held ${durationText(timing.holdMs)}`,
        `longest time that any one target is unplugged: ${unplugged(plan)}`,
        `length of this step: ${durationText(plan.lengthMs)}${watchText(plan)}`,
        `nothing of it is unplugged after ${instantText(plan.until)}, if it begins now`,
      ],
      look,
    ),
    ...section("probes", probeLines(own), look),
    ...section("nets", plan.nets, look),
    ...section("warnings", plan.warnings, { ...look, style: { ...style, dim: style.yellow } }),
    ...section("by hand", plan.byHand, look, "kept"),
    ...(look.brief
      ? []
      : section(
          "permissions",
          permissionLines([...plan.permissions, ...own.flatMap(({ permissions }) => permissions)]),
          look,
          "kept",
        )),
  ];
}

const MOST_WEIGHT = 10;

/** Where nothing is judged, nothing is weighed. */
function weightText({ weight }: FaultStep, probes: readonly ProbePlan[]): string {
  return weight === MOST_WEIGHT || probes.length === 0
    ? ""
    : `, weight ${weight} of ${MOST_WEIGHT} in the score`;
}

function reachLines({ targets }: StepPlan): readonly string[] {
  return targets.flatMap(({ title, reach }) => (reach === undefined ? [] : [`${title}: ${reach}`]));
}

function watchText({ watchMs }: StepPlan): string {
  return watchMs === 0 ? "" : `, and up to ${durationText(watchMs)} more while the workload comes back`;
}

/** The hold is what a user asked for; the rest is patience that is hardly ever used up. */
function unplugged({ timing, longestUnpluggedMs }: StepPlan): string {
  return `${durationText(timing.holdMs)} and the time to confirm and restore, ${durationText(longestUnpluggedMs)} if AWS uses up every timeout`;
}

function tunableLines({ step }: StepPlan): readonly string[] {
  const given = step.tunables.filter(({ source }) => source !== "default");
  return table(given.map(({ name, value, source }) => [name, shownValue(value), `(${source})`]));
}

function defaultLine({ step }: StepPlan): readonly string[] {
  const pairs = step.tunables.flatMap(({ name, value, source }) =>
    source === "default" ? [`${name} ${shownValue(value)}`] : [],
  );
  return pairs.length === 0 ? [] : [pairs.join(", ")];
}

function shownValue(value: string | number | boolean): string {
  return value === "" ? '""' : String(value);
}

/** Edits that change the same fields in the same way are told once. */
function editLines(plan: StepPlan): readonly string[] {
  const groups = new Map<string, { titles: string[]; lines: readonly string[] }>();
  const titles = new Map(plan.targets.map(({ ref, title }) => [refKey(ref), title]));
  for (const planned of plan.edits) {
    const lines = changeLines(planned.edit.before, planned.edit.after);
    const does = `${planned.edit.ref.kind}${planned.edit.optional === true ? ", left out where it is not permitted" : ""}${planned.arms ? ", unplugs" : ""}`;
    const key = JSON.stringify([does, lines]);
    const group = groups.get(key) ?? { titles: [], lines: lines.map((line) => `  ${line}  (${does})`) };
    group.titles.push(titles.get(planned.target) ?? planned.edit.ref.id);
    groups.set(key, group);
  }
  return [...groups.values()].flatMap((group) => [some(group.titles), ...group.lines]);
}

function permissionLines(permissions: readonly Permission[]): readonly string[] {
  return table(
    eachOnce(permissions).map((one) => [
      iamName(one),
      one.optional ? `${one.resource} (optional)` : one.resource,
    ]),
  );
}

function wholeLines({ steps, lengthMs }: ExperimentPlan, { style, width }: Look): readonly string[] {
  const faults = steps.filter((step) => step.kind === "fault");
  const latest = faults.reduce<number | null>((last, { until }) => Math.max(last ?? until, until), null);
  const longest = Math.max(0, ...faults.map(({ longestUnpluggedMs }) => longestUnpluggedMs));
  const text =
    latest === null
      ? `The whole run takes about ${durationText(lengthMs)}; it unplugs nothing.`
      : `The whole run takes about ${durationText(lengthMs)}; no target is unplugged for longer than ${durationText(longest)}; ` +
        `nothing is unplugged after ${instantText(latest)}, if it begins now.`;
  return wrap(text, width).map(style.bold);
}

const LABEL = 13;

/** A label and its lines; `kept` ones are never broken, since people copy them. */
function section(
  label: string,
  lines: readonly string[],
  { style, unicode, width }: Look,
  how: "wrapped" | "kept" = "wrapped",
): readonly string[] {
  const indent = " ".repeat(3 + LABEL);
  return lines
    .flatMap((line) => {
      const shown = printable(line, unicode);
      return how === "kept" ? [indent + shown] : wrapIndented(shown, width, indent);
    })
    .map((line, i) => (i === 0 ? `   ${style.dim(label.padEnd(LABEL))}${line.slice(indent.length)}` : line));
}

function some(titles: readonly string[]): string {
  if (titles.length <= 3) return titles.join(", ");
  return `${titles.slice(0, 3).join(", ")} and ${titles.length - 3} more`;
}
