import { readFile } from "node:fs/promises";
import { Refusal } from "../contract/refusal.ts";
import type { Secrets } from "../contract/secrets.ts";
import type { Outside } from "../engine/parts.ts";
import { fileTrouble } from "./file-trouble.ts";
import { runProgram } from "./run-program.ts";
import type { Shell } from "./shell.ts";

/** What probes reach on this machine: secrets, files, commands. */
export function outsideOf(env: Shell["env"], secrets: Secrets): Outside {
  return {
    async secret(name) {
      const found = await secrets.find(name);
      if (found === null) throw new Refusal(`There is no secret "${name}".`, [], secrets.remedy(name));
      return ("text" in found ? found.text : await fileText(found.path, name)).replace(/\r?\n$/, "");
    },
    file: (path) => readFile(path, "utf8"),
    command: (argv, options) => runProgram(argv, { ...options, env: { ...env, ...options.env } }),
  };
}

async function fileText(path: string, name: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new Refusal(`The secret "${name}" cannot be read: ${path}: ${fileTrouble(error)}.`);
  }
}
