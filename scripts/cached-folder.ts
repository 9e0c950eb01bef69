import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./run-command.ts";

export interface CachedFolder {
  /** Of the folder in node_modules/.cache. */
  readonly name: string;
  /** For people: what lies in it. */
  readonly title: string;
  /** Says all that the content depends on. */
  readonly stamp: string;
}

/** A network may fail once; what fails so often is not there. */
const TRIES = 3;

/** Fills the folder unless it was filled under the same stamp; it is there whole or not at all. Failure: exit code 1. */
export async function cachedFolder(
  { name, title, stamp }: CachedFolder,
  fill: (made: string) => Promise<void>,
): Promise<void> {
  const cache = join(root, "node_modules/.cache");
  const folder = join(cache, name);
  const stamped = join(folder, "stamp");
  if (existsSync(stamped) && readFileSync(stamped, "utf8") === stamp) {
    console.log(`${title}: already in ${folder}`);
    return;
  }
  mkdirSync(cache, { recursive: true });
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    const made = mkdtempSync(join(cache, `${name}-`));
    try {
      await fill(made);
      writeFileSync(join(made, "stamp"), stamp);
      rmSync(folder, { recursive: true, force: true });
      renameSync(made, folder);
      console.log(`${title}: fetched to ${folder}`);
      return;
    } catch (error) {
      console.error(`${title}, try ${attempt} of ${TRIES}: ${messageOf(error)}`);
    } finally {
      rmSync(made, { recursive: true, force: true });
    }
  }
  process.exitCode = 1;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
