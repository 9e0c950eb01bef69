/** One `--set STEP.TUNABLE=VALUE`. */
export interface Override {
  readonly step: string;
  readonly tunable: string;
  readonly value: string;
  /** As typed, without the value: what messages name. */
  readonly typed: string;
}

/** Reads `--set`; the last one for a tunable wins. */
export function readOverrides(sets: readonly string[]): {
  overrides: readonly Override[];
  problems: readonly string[];
} {
  const overrides = new Map<string, Override>();
  const problems: string[] = [];
  for (const set of sets) {
    const match = /^([A-Za-z0-9_-]+)\.([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(set);
    const [, step, tunable, value] = match ?? [];
    if (step === undefined || tunable === undefined || value === undefined) {
      problems.push(`--set ${set}: expected STEP.TUNABLE=VALUE, like db-outage.TOTAL_CHAOS_DURATION=60`);
      continue;
    }
    const typed = `${step}.${tunable}`;
    overrides.set(typed, { step, tunable, value, typed });
  }
  return { overrides: [...overrides.values()], problems };
}

/** Reads `NAME=VALUE`; null when it is none. */
export function readAssignment(text: string): { name: string; value: string } | null {
  const match = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(text);
  return match?.[1] === undefined || match[2] === undefined ? null : { name: match[1], value: match[2] };
}
