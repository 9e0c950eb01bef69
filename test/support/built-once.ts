import { createHash, randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";

const cache = join(import.meta.dirname, "../../node_modules/.cache");

/** What a program is made of, and by what: a change of either makes it again. */
export interface Recipe {
  readonly folder: string;
  readonly facts: readonly unknown[];
  readonly sources: readonly string[];
}

/** The path of what `make` made at the path that it was given, now or earlier. Rejects as it does. */
export async function builtOnce(
  { folder, facts, sources }: Recipe,
  make: (to: string) => Promise<unknown>,
): Promise<string> {
  const hash = createHash("sha256").update(JSON.stringify(facts));
  for (const path of sources) hash.update(readFileSync(path));
  const made = join(cache, folder, `${basename(sources[0] ?? "")}-${hash.digest("hex").slice(0, 16)}`);
  if (existsSync(made)) return made;
  mkdirSync(join(cache, folder), { recursive: true });
  // Others may build it at the same time: whoever is first has built it.
  const half = `${made}.${randomUUID()}`;
  try {
    await make(half);
    renameSync(half, made);
  } catch (error) {
    if (!existsSync(made)) throw error;
  } finally {
    rmSync(half, { recursive: true, force: true });
  }
  return made;
}
