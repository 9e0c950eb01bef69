import { stringify } from "yaml";
import { expectedText } from "../contract/expectation.ts";
import type { AnyProbe } from "../contract/probe.ts";
import { describeSettings } from "../load/describe-settings.ts";
import { wrap } from "../report/wrap.ts";
import { describedTable } from "./described-table.ts";
import { settingFacts } from "./fault-text.ts";

/** A type of probe as `unplug probes TYPE` tells it. */
export function probeText(probe: AnyProbe, width: number): string {
  const { type, summary, measures } = probe;
  const settings = describeSettings(probe).map((one) => [
    one.name,
    one.required ? "required" : (one.default ?? ""),
    one.values,
    one.description,
  ]);
  const measured = Object.entries(measures).map(([name, { kind, description }]) => [name, kind, description]);
  return [
    type,
    ...wrap(summary, width, "  "),
    "",
    `Settings, under \`${type}:\`:`,
    ...describedTable(["NAME", "DEFAULT", "VALUES", ""], settings, width, settingFacts),
    "",
    "It measures, for `expect:`:",
    ...describedTable(["NAME", "KIND", ""], measured, width, ([, kind = ""]) => kind),
    "",
    ...standards(probe).flatMap((line) => wrap(line, width)),
    "",
    "Example, in `probes:` of an experiment or of a step:",
    ...exampleLines(probe).map((line) => `  ${line}`),
  ].join("\n");
}

/** What holds where the author leaves it out, a sentence each. */
export function standards({ expects, defaults = {}, late = "failure" }: AnyProbe): readonly string[] {
  const expected = expects?.map((one) => `${one.measure} is ${expectedText(one)}`).join(", ");
  const { lagMs = 0, missing = "fail", timing = {} } = defaults;
  const times = Object.entries({
    timeout: timing.timeoutMs,
    interval: timing.intervalMs,
  }).flatMap(([name, ms]) => (ms === undefined ? [] : [`${name} is ${ms / 1000}s`]));
  const own = [
    lagMs === 0 ? [] : [`lag is ${lagMs / 1000}s`],
    missing === "fail" ? [] : [`missing is ${missing}`],
  ].flat();
  const said = [...times, ...own];
  return [
    expected === undefined
      ? "`expect:` is required."
      : `Where \`expect:\` is left out, it expects: ${expected}.`,
    ...(said.length === 0 ? [] : [`Where they are left out, ${said.join(", ")}.`]),
    late === "error"
      ? "No answer in time is an error: nobody could be asked."
      : "No answer in time is a failure of what is asked.",
  ];
}

/** Its example as YAML, a line each. */
export function exampleLines({ type, example }: AnyProbe): readonly string[] {
  const { settings, expect } = example;
  const probe = {
    name: `my-${type}`,
    type,
    mode: "Continuous",
    [type]: settings,
    ...(expect === undefined ? {} : { expect }),
  };
  return stringify([probe], { lineWidth: 0 }).trimEnd().split("\n");
}
