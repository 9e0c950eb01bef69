import { type Command, Option } from "commander";
import type { Start } from "./program.ts";
import type { SchemaFlags } from "./schema.ts";
import type { Shell } from "./shell.ts";

/** The commands that tell what an experiment may be made of. */
export function addCatalogue(program: Command, shell: Shell, start: (command: Start) => Promise<void>): void {
  program
    .command("faults [id]")
    .description("the faults, or one with its tunables")
    .option("--example", "an experiment file to start from")
    .action((id: string | undefined, flags: { example?: boolean }) =>
      start(async () => (await import("./faults.ts")).faultsCommand(id, flags, shell)),
    );
  program
    .command("probes [type]")
    .description("the types of probe, or one with its settings and measures")
    .action((type: string | undefined) =>
      start(async () => (await import("./probes.ts")).probesCommand(type, shell)),
    );
  program
    .command("schema")
    .description("the JSON Schema of an experiment file, of guard rails, or of what is reported as JSON")
    .addOption(
      new Option("--of <what>", "of which")
        .choices(["experiment", "guard-rails", "report"])
        .default("experiment"),
    )
    .action((flags: SchemaFlags) =>
      start(async () => (await import("./schema.ts")).schemaCommand(flags, shell)),
    );
}
