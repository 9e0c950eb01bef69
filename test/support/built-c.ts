import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { builtOnce } from "./built-once.ts";

const run = promisify(execFile);

/** A program or a library in C. */
export interface CBuild {
  readonly compiler: string;
  readonly flags: readonly string[];
  readonly sources: readonly string[];
  /** What the sources include of ours: a change of these builds again. */
  readonly headers?: readonly string[];
}

/** The path of what was built, now or earlier. Rejects with what the compiler said. */
export async function builtC({ compiler, flags, sources, headers = [] }: CBuild): Promise<string> {
  const { stdout: version } = await run(compiler, ["--version"]);
  const recipe = {
    folder: "unplug-c",
    facts: [compiler, version, flags, sources],
    sources: [...sources, ...headers],
  };
  return builtOnce(recipe, (to) => run(compiler, [...flags, "-o", to, ...sources]));
}
