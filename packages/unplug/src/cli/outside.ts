import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Refusal } from "../contract/refusal.ts";
import type { Outside } from "../engine/parts.ts";
import { runProgram } from "./run-program.ts";
import type { Shell } from "./shell.ts";

/** What probes reach on this machine: the store of secrets, files, commands. */
export function outsideOf(env: Shell["env"], secretsFolder: string): Outside {
  return {
    async secret(name) {
      if (!/^\w[\w.-]*$/.test(name))
        throw new Refusal(
          `"${name}" names no secret.`,
          [],
          "Use letters, digits, dots, dashes, underscores.",
        );
      const path = join(secretsFolder, name);
      const text = await readFile(path, "utf8").catch(() => null);
      if (text !== null) return text.replace(/\r?\n$/, "");
      throw new Refusal(
        `There is no secret "${name}".`,
        [],
        `Put it into ${path}, or set UNPLUG_SECRETS to the folder that holds it.`,
      );
    },
    file: (path) => readFile(path, "utf8"),
    command: (argv, options) => runProgram(argv, { ...options, env: { ...env, ...options.env } }),
  };
}
