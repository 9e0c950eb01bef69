/** What the end of an invocation's log tells. Milliseconds; null: it is not told. */
export interface LambdaReport {
  readonly durationMs: number | null;
  readonly billedMs: number | null;
  readonly initMs: number | null;
  /** Whether the environment failed to start. */
  readonly isInitFailed: boolean;
}

/** Reads the record that Lambda writes at the end, as plain text or JSON. Source: Lambda, log formats. */
export function readReport(log: string): LambdaReport {
  const lines = log.split("\n");
  const json = lines.map(parsed);
  const report = json.find(({ type }) => type === "platform.report") ?? {};
  const metrics = recordOf(recordOf(report["record"])["metrics"]);
  const plain = lines.findLast((line) => line.startsWith("REPORT RequestId:")) ?? "";
  return {
    durationMs: numberOf(metrics["durationMs"]) ?? field(plain, "Duration"),
    billedMs: numberOf(metrics["billedDurationMs"]) ?? field(plain, "Billed Duration"),
    initMs: numberOf(metrics["initDurationMs"]) ?? field(plain, "Init Duration"),
    // A start that took too long is tried again: the last one counts.
    isInitFailed:
      /Status: (error|timeout)/.test(lines.findLast((line) => line.startsWith("INIT_REPORT")) ?? "") ||
      isFailedInit(json.findLast(({ type }) => type === "platform.initReport") ?? {}),
  };
}

function isFailedInit({ record }: Readonly<Record<string, unknown>>): boolean {
  return ["error", "failure", "timeout"].includes(String(recordOf(record)["status"]));
}

/** Fields are separated by tabs: `Duration` is not the end of `Billed Duration`. */
function field(line: string, name: string): number | null {
  const match = new RegExp(`(?:^|\\t|: \\S+[ \\t]+)${name}: ([\\d.]+) ms`).exec(line);
  return match === null ? null : Number(match[1]);
}

function parsed(line: string): Readonly<Record<string, unknown>> {
  // What a function itself writes may be a quarter of a million lines that are none: each would cost an exception.
  if (!line.startsWith("{") || !line.includes('"platform.')) return {};
  try {
    return recordOf(JSON.parse(line));
  } catch {
    return {};
  }
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

function numberOf(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}
