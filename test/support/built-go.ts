import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { builtOnce } from "./built-once.ts";

const run = promisify(execFile);
/** What Go keeps of its own library, built in other ways than it came. */
export const goCache = join(import.meta.dirname, "../../node_modules/.cache/unplug-go-build");

/** A program of one file in Go. */
export interface GoBuild {
  /** The command `go`. */
  readonly go: string;
  readonly source: string;
  readonly flags?: readonly string[];
  /** GOARCH, CGO_ENABLED and the like. What differs from a plain build also builds Go's own library, which takes a while. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The path of what was built, now or earlier. Rejects with what the compiler said. */
export async function builtGo({ go, source, flags = [], env = {} }: GoBuild): Promise<string> {
  const inherited = { ...process.env, GOTOOLCHAIN: "local" };
  const { stdout: version } = await run(go, ["version"], { env: inherited });
  const own = { ...inherited, GO111MODULE: "off", GOCACHE: goCache, GOFLAGS: "", ...env };
  const recipe = { folder: "unplug-go", facts: [version, flags, env], sources: [source] };
  return builtOnce(recipe, (to) => run(go, ["build", ...flags, "-o", to, source], { env: own }));
}
