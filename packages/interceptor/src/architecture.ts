/** A processor architecture, in the words of Lambda's `Architectures`. */
export type Architecture = "x86_64" | "arm64";

export const architectures: readonly Architecture[] = ["x86_64", "arm64"];

/** The architecture of a `process.arch`; null when there is no interceptor for it. */
export function architectureOf(nodeArch: string): Architecture | null {
  if (nodeArch === "x64") return "x86_64";
  return nodeArch === "arm64" ? "arm64" : null;
}
