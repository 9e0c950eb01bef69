import type { TunableDescription } from "../packages/unplug/src/engine/tunables.ts";

/** Tunables as a table in Markdown. */
export function tunableTable(tunables: readonly TunableDescription[]): readonly string[] {
  const rows = tunables.map((tunable) => {
    const standard = tunable.required
      ? "(required)"
      : tunable.default === ""
        ? '""'
        : (tunable.default ?? "");
    return `| \`${tunable.name}\` | ${tunable.description} | ${standard} | ${values(tunable)} |`;
  });
  return ["| Tunable | | Default | Values |", "| --- | --- | --- | --- |", ...rows];
}

function values({ range, unit, values: all }: TunableDescription): string {
  if (range === null) return all.join(", ");
  return `${range.min} to ${range.max}${unit === null ? "" : ` ${unit}`}`;
}
