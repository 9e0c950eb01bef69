import { exampleLines, standards } from "../packages/unplug/src/cli/probe-text.ts";
import { iamName } from "../packages/unplug/src/contract/actions.ts";
import type { AnyProbe } from "../packages/unplug/src/contract/probe.ts";
import { describeSettings } from "../packages/unplug/src/load/describe-settings.ts";
import { builtinProbes } from "../packages/unplug/src/probes/index.ts";

/** What the page of all types of probe says, without its title. */
export function probePage(): readonly string[] {
  return [
    "What a probe is, when it is asked and what can be expected: [Probes](../probes.md). `unplug probes TYPE` prints the same",
    "as this page.",
    "",
    ...builtinProbes.flatMap(section),
  ];
}

function section(probe: AnyProbe): readonly string[] {
  const { type, summary, measures } = probe;
  const settings = describeSettings(probe).map((one) => [
    `\`${one.name}\``,
    cell(one.description),
    one.required ? "(required)" : (one.default ?? ""),
    one.values,
  ]);
  const measured = Object.entries(measures).map(([name, { kind, description }]) => [
    `\`${name}\``,
    kind,
    cell(description),
  ]);
  return [
    `## ${type}`,
    "",
    `${summary.replace(/\.$/, "")}.`,
    "",
    "```yaml",
    ...exampleLines(probe),
    "```",
    "",
    `| Setting, under \`${type}:\` | | Default | Values |`,
    "| --- | --- | --- | --- |",
    ...settings.map(row),
    "",
    "| Measure | Kind | |",
    "| --- | --- | --- |",
    ...measured.map(row),
    "",
    standards(probe).join(" "),
    "",
    ...permissions(probe),
  ];
}

/** Of the example, which shows what the type asks of AWS; nothing for one that does not. */
function permissions({ permissions: ask, settings, example }: AnyProbe): readonly string[] {
  const place = { account: "000000000000", region: "us-east-1", endpoint: null };
  const actions = ask?.(settings.parse(example.settings), place).map((one) => `\`${iamName(one)}\``) ?? [];
  return actions.length === 0
    ? []
    : [`It asks for ${[...new Set(actions)].join(", ")} as in the example.`, ""];
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replace(/<(?=[a-z])/g, "&lt;");
}
