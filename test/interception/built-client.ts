import { execFile } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { promisify } from "node:util";

export const clientFolder = join(import.meta.dirname, "clients");
const cache = join(import.meta.dirname, "../../node_modules/.cache/unplug-interception");
const run = promisify(execFile);

/** How a client's source becomes a program. */
export interface Build {
  readonly compiler: string;
  /** Asks the compiler for its version: another one builds again. */
  readonly version: string;
  readonly source: string;
  /** `made` is where the program is wanted; for Java, the folder of its classes. */
  readonly args: (source: string, made: string) => readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** The path of what was built, now or earlier. Rejects with what the compiler said. */
export async function builtClient({ compiler, version, source, args, env = {} }: Build): Promise<string> {
  const path = join(clientFolder, source);
  const said = await run(compiler, [version]);
  const identity = JSON.stringify([compiler, said.stdout, said.stderr, args("source", "made"), env]);
  const hash = createHash("sha256").update(identity).update(readFileSync(path)).digest("hex");
  const made = join(cache, `${basename(source)}-${hash.slice(0, 16)}`);
  if (existsSync(made)) return made;
  mkdirSync(cache, { recursive: true });
  // Others may build it at the same time: whoever is first has built it.
  const half = `${made}.${randomUUID()}`;
  try {
    await run(compiler, args(path, half), { env: { ...process.env, GOCACHE: join(cache, "go"), ...env } });
    renameSync(half, made);
  } catch (error) {
    if (!existsSync(made)) throw error;
  } finally {
    rmSync(half, { recursive: true, force: true });
  }
  return made;
}
