import { execFile } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { promisify } from "node:util";

const cache = join(import.meta.dirname, "../../node_modules/.cache/unplug-go-programs");
const run = promisify(execFile);

/** A program in Go. */
export interface GoBuild {
  /** Go's own command, of whichever version. */
  readonly go: string;
  readonly source: string;
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Where packages of the standard library lie that have been built for others: that takes minutes, and each program seconds. */
export const goCache = join(cache, "packages");

/** The path of what was built, now or earlier. Rejects with what Go said. */
export async function builtGo({ go, source, flags = [], env = {} }: GoBuild): Promise<string> {
  const { stdout: version } = await run(go, ["version"], { env: { ...process.env, GOTOOLCHAIN: "local" } });
  const identity = JSON.stringify([go, version, flags, env]);
  const hash = createHash("sha256").update(identity).update(readFileSync(source)).digest("hex");
  const made = join(cache, `${basename(source, ".go")}-${hash.slice(0, 16)}`);
  if (existsSync(made)) return made;
  mkdirSync(cache, { recursive: true });
  // Others may build it at the same time: whoever is first has built it.
  const half = `${made}.${randomUUID()}`;
  const settings = {
    GOCACHE: goCache,
    GO111MODULE: "off",
    GOFLAGS: "",
    GOTOOLCHAIN: "local",
    CGO_ENABLED: "0",
  };
  try {
    await run(go, ["build", ...flags, "-o", half, source], { env: { ...process.env, ...settings, ...env } });
    renameSync(half, made);
  } catch (error) {
    if (!existsSync(made)) throw error;
  } finally {
    rmSync(half, { force: true });
  }
  return made;
}
