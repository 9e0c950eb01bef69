import { iamName } from "../contract/actions.ts";
import { expectedText } from "../contract/expectation.ts";
import type { Permission, ProbePlan } from "../contract/plan.ts";
import type { ProbeTiming } from "../contract/probe.ts";
import { durationText } from "./clock-text.ts";

const noData = { fail: "no data fails", pass: "no data passes", wait: "no data is waited for" } as const;

/** What each probe asks and expects, one sentence each. */
export function probeLines(probes: readonly ProbePlan[]): readonly string[] {
  return probes.map(({ spec, role }) => {
    const often = spec.mode === "Continuous" || spec.mode === "OnChaos";
    const how = [
      spec.type,
      ...(role === "stop" ? [] : [spec.mode]),
      ...(often ? [`every ${durationText(spec.run.intervalMs)}`] : []),
    ];
    const expected = spec.expect.map((one) => `${one.measure} ${expectedText(one)}`).join(", ");
    const late = spec.lagMs === 0 ? "" : `; its data is ${durationText(spec.lagMs)} late`;
    const run = runTexts(spec.run).map((text) => `; ${text}`);
    return `${spec.name} (${how.join(", ")}): ${expected}; ${noData[spec.missing]}${late}${run.join("")}`;
  });
}

/** How it is asked: what differs from one attempt at once, of which none may fail. */
function runTexts({
  timeoutMs,
  attempts,
  initialDelayMs,
  tolerate,
  stopOnFailure,
}: ProbeTiming): readonly string[] {
  return [
    `given up after ${durationText(timeoutMs)}${attempts === 1 ? "" : `, tried ${attempts} times`}`,
    ...(initialDelayMs === 0 ? [] : [`first asked after ${durationText(initialDelayMs)}`]),
    ...(tolerate === 0 ? [] : [`${Number((tolerate * 100).toFixed(2))}% of its checks may fail`]),
    ...(stopOnFailure ? ["ends the run when it fails"] : []),
  ];
}

/** Each permission once; one that is needed is not optional as well. */
export function eachOnce(permissions: readonly Permission[]): readonly Permission[] {
  const found = new Map<string, Permission>();
  for (const one of permissions) {
    const key = `${iamName(one)} ${one.resource}`;
    if (found.get(key)?.optional !== false) found.set(key, one);
  }
  return [...found.values()];
}
