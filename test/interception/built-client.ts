import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { goCache } from "../support/built-go.ts";
import { builtOnce } from "../support/built-once.ts";

export const clientFolder = join(import.meta.dirname, "clients");
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
  const facts = [compiler, said.stdout, said.stderr, args("source", "made"), env];
  return builtOnce({ folder: "unplug-interception", facts, sources: [path] }, (to) =>
    run(compiler, args(path, to), { env: { ...process.env, GOCACHE: goCache, ...env } }),
  );
}
