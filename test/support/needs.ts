import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { test } from "vitest";

declare module "vitest" {
  interface TaskMeta {
    /** Why the test is not run on this machine; scripts/test.ts counts by it. */
    notRun?: string;
  }
}

interface Program {
  readonly command: string;
  /** A variable of the environment that names the program where PATH has another one first. */
  readonly variable: string;
  readonly howToGet: string;
}

const programs = {
  "aws-cli": {
    command: "aws",
    variable: "UNPLUG_AWS_CLI",
    howToGet: "apt-get install awscli, brew install awscli",
  },
  python3: { command: "python3", variable: "UNPLUG_PYTHON", howToGet: "apt-get install python3" },
} satisfies Record<string, Program>;

export type Need = keyof typeof programs;

/** What a test needs and this machine may lack. */
export interface Availability {
  /** Where the program is; null when it is not installed. */
  readonly path: string | null;
  /** Declares a test that is handed the program's path. Without the program it is skipped and reported as not run. */
  readonly test: (name: string, run: (path: string) => Promise<void> | void, timeoutMs?: number) => void;
}

/** Looks for a program; tests that cannot do without it are declared with the `test` of what it returns. */
export function needs(need: Need, env: NodeJS.ProcessEnv = process.env): Availability {
  const program = programs[need];
  const path = env[program.variable] ?? onPath(program.command, env["PATH"] ?? "");
  const notRun = `'${program.command}' is not installed (${program.howToGet}, or name it in ${program.variable})`;
  return {
    path,
    test: (name, run, timeoutMs) => {
      if (path === null) test.skip(name, { meta: { notRun } }, () => undefined);
      else test(name, timeoutMs === undefined ? {} : { timeout: timeoutMs }, () => run(path));
    },
  };
}

function onPath(command: string, path: string): string | null {
  const candidates = path.split(delimiter).map((folder) => join(folder, command));
  return candidates.find(isExecutable) ?? null;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
