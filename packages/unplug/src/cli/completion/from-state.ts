import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { RunHead } from "../../contract/journal.ts";
import type { Environment } from "../../load/variables.ts";
import { stateFolder } from "../home.ts";
import type { Shell } from "../shell.ts";
import type { Candidate } from "./candidates.ts";

/** The runs in the journal that a command can do something about, newest first; all of them for one that reads. */
export async function runs(
  command: string,
  flags: ReadonlyMap<string, unknown>,
  shell: Shell,
): Promise<readonly Candidate[]> {
  // To look must not make a folder.
  if (!existsSync(stateFolder(shell.env))) return [];
  const { openStateJournal } = await import("../parts.ts");
  const journal = openStateJournal(shell);
  try {
    const heads = await journal.runs();
    return heads.filter((head) => fits(head, command, flags)).map(runCandidate);
  } finally {
    journal.close();
  }
}

function fits({ alive, closed }: RunHead, command: string, flags: ReadonlyMap<string, unknown>): boolean {
  if (command === "restore") return !closed && !alive;
  if (command === "abort") return alive || (flags.has("--leave") && !closed);
  return true;
}

function runCandidate({ run, startedAt, alive, closed }: RunHead): Candidate {
  const state = alive ? "running" : closed ? "over" : "unfinished";
  return { value: run, about: `${state}, of ${new Date(startedAt).toISOString().slice(0, 16)}Z` };
}

/** The one that the environment names: a list of all would be old soon. */
export function regions(env: Environment): readonly Candidate[] {
  const named = [env["AWS_REGION"], env["AWS_DEFAULT_REGION"]].filter(
    (one) => one !== undefined && one !== "",
  );
  return [...new Set(named)].map((value) => ({ value: String(value), about: "of the environment" }));
}

/** What the encrypted store holds; names alone. */
export async function secretNames(env: Environment): Promise<readonly Candidate[]> {
  const { secretStore } = await import("../../secrets/secret-store.ts");
  return (await secretStore(stateFolder(env)).list()).map(({ name }) => ({ value: name, about: "" }));
}

/** The profiles of the AWS files. */
export async function profiles(env: Environment): Promise<readonly Candidate[]> {
  const folder = join(env["HOME"] ?? homedir(), ".aws");
  const files = [
    env["AWS_CONFIG_FILE"] ?? join(folder, "config"),
    env["AWS_SHARED_CREDENTIALS_FILE"] ?? join(folder, "credentials"),
  ];
  const texts = await Promise.all(files.map((file) => readFile(file, "utf8").catch(() => "")));
  const names = texts.flatMap((text) =>
    [...text.matchAll(/^[^\S\n]*\[\s*(?:profile\s+)?([^\]\s]+)\s*\]/gm)].map(([, name]) => name ?? ""),
  );
  return [...new Set(names)].map((value) => ({ value, about: "" }));
}
