import type { Candidate } from "./candidates.ts";

export async function probeTypes(): Promise<readonly Candidate[]> {
  const { builtinProbes } = await import("../../probes/index.ts");
  return builtinProbes.map(({ type, summary }) => ({ value: type, about: summary }));
}
