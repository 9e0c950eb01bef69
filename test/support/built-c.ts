import { execFile } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { promisify } from "node:util";

const cache = join(import.meta.dirname, "../../node_modules/.cache/unplug-c");
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
  const hash = createHash("sha256").update(JSON.stringify([compiler, version, flags, sources]));
  for (const path of [...sources, ...headers]) hash.update(readFileSync(path));
  const made = join(cache, `${basename(sources[0] ?? "")}-${hash.digest("hex").slice(0, 16)}`);
  if (existsSync(made)) return made;
  mkdirSync(cache, { recursive: true });
  // Others may build it at the same time: whoever is first has built it.
  const half = `${made}.${randomUUID()}`;
  try {
    await run(compiler, [...flags, "-o", half, ...sources]);
    renameSync(half, made);
  } catch (error) {
    if (!existsSync(made)) throw error;
  } finally {
    rmSync(half, { force: true });
  }
  return made;
}
