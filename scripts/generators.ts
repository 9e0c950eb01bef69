import { iamNames } from "../packages/unplug/src/contract/actions.ts";
import type { Action } from "../packages/unplug/src/contract/aws.ts";
import type { AnyFault } from "../packages/unplug/src/contract/fault.ts";
import { describeTunables } from "../packages/unplug/src/engine/tunables.ts";
import { builtinFaults } from "../packages/unplug/src/faults/index.ts";
import { experimentSchema } from "../packages/unplug/src/load/experiment-schema.ts";
import { guardRailsSchema } from "../packages/unplug/src/load/load-guard-rails.ts";
import { builtinProbes } from "../packages/unplug/src/probes/index.ts";
import { reportSchema } from "../packages/unplug/src/report/report-json.ts";
import { builtinResources } from "../packages/unplug/src/resources/index.ts";
import { manPage } from "./man-page.ts";
import { nodeOptionModule } from "./node-option.ts";
import { referencePages } from "./reference-pages.ts";
import { tunableTable } from "./tunable-table.ts";

/** Derives files from code. What it makes is committed, and `npm run check` fails when the code has moved on. */
export interface Generator {
  /** Folders in which every file is one of this generator's; a file there that it no longer makes is removed. */
  readonly owns: readonly string[];
  /** Path below the root of the repository -> text. */
  readonly files: () => Promise<ReadonlyMap<string, string>>;
}

const reference: Generator = {
  owns: ["docs/reference"],
  files: () =>
    Promise.resolve(
      new Map([
        ["docs/reference/README.md", overview()],
        ...referencePages.map(({ file, title, text }): [string, string] => [
          `docs/reference/${file}`,
          `${[NOTICE, `# ${title}`, "", ...text()].join("\n").trimEnd()}\n`,
        ]),
        ...builtinFaults.map((fault): [string, string] => [`docs/reference/${fault.id}.md`, page(fault)]),
      ]),
    ),
};

const schema: Generator = {
  owns: ["schema"],
  files: () =>
    Promise.resolve(
      new Map([
        [
          "schema/experiment.schema.json",
          `${JSON.stringify(experimentSchema(builtinFaults, builtinProbes), null, 2)}\n`,
        ],
        ["schema/guard-rails.schema.json", `${JSON.stringify(guardRailsSchema(), null, 2)}\n`],
        ["schema/report.schema.json", `${JSON.stringify(reportSchema(), null, 2)}\n`],
      ]),
    ),
};

const manual: Generator = {
  owns: ["man"],
  files: () => Promise.resolve(new Map([["man/unplug.1", manPage()]])),
};

const interceptor: Generator = {
  owns: [],
  files: () => Promise.resolve(new Map([["packages/interceptor/src/node-option.ts", nodeOptionModule()]])),
};

export const generators: readonly Generator[] = [reference, schema, manual, interceptor];

const NOTICE = "<!-- Generated from the code: node scripts/node24.js scripts/generate.ts -->";

function overview(): string {
  const rows = builtinFaults.map(({ id, summary }) => `| [${id}](${id}.md) | ${summary} |`);
  return [
    NOTICE,
    "# Reference",
    "",
    ...referencePages.map(({ file, title, about }) => `- [${title}](${file}): ${about}`),
    "- [Manual page](../../man/unplug.1): `man unplug`",
    "",
    "The JSON Schema of an experiment file is [schema/experiment.schema.json](../../schema/experiment.schema.json), that of",
    "guard rails [schema/guard-rails.schema.json](../../schema/guard-rails.schema.json), that of what is reported as JSON",
    "[schema/report.schema.json](../../schema/report.schema.json).",
    "",
    "| Fault | |",
    "| --- | --- |",
    ...rows,
    "",
  ].join("\n");
}

function page(fault: AnyFault): string {
  const tunables = describeTunables(fault);
  const example = Object.entries(fault.example).map(([name, value]) => `${name}=${String(value)}`);
  return [
    NOTICE,
    `# ${fault.id}`,
    "",
    `${fault.summary}.`,
    "",
    "```",
    `unplug fault ${fault.id} ${example.join(" ")} REGION=us-east-1`,
    "```",
    "",
    "## What a run of it answers",
    "",
    ...fault.questions.map((question) => `- ${question}`),
    "",
    "## Tunables",
    "",
    ...tunableTable(tunables.filter(({ common }) => !common)),
    "",
    "Common to all faults:",
    "",
    ...tunableTable(tunables.filter(({ common }) => common)),
    "",
    "## Permissions",
    "",
    ...permissions(fault),
    "",
  ].join("\n");
}

/** `unplug policy` scopes them to the resources of one run. */
function permissions(fault: AnyFault): readonly string[] {
  const resources = builtinResources.filter(({ kind }) => fault.kinds.includes(kind));
  const arming = resources.find(({ kind }) => kind === fault.kinds.at(-1));
  const required = [
    ...fault.actions.required,
    ...(arming?.actions.read ?? []),
    ...(arming?.actions.write ?? []),
  ];
  const others = resources.filter((resource) => resource !== arming);
  const optional = [
    ...fault.actions.optional,
    ...others.flatMap(({ actions }) => [...actions.read, ...actions.write]),
  ];
  return [
    `Required: ${names(required)}.`,
    ...(optional.length === 0
      ? []
      : ["", `Without these a run says or guards less, and still restores: ${names(optional)}.`]),
    "",
    "`unplug policy` prints them as a document, scoped to the resources of the run that you mean.",
  ];
}

function names(actions: readonly Action[]): string {
  return [...new Set(actions.flatMap(iamNames))]
    .sort()
    .map((action) => `\`${action}\``)
    .join(", ");
}
