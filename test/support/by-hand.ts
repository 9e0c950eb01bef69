import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { onTestFinished } from "vitest";
import type { Edit } from "../../packages/unplug/src/contract/edit.ts";
import type { Recorded } from "../../packages/unplug/src/contract/journal.ts";
import { byHandScript } from "../../packages/unplug/src/engine/by-hand-script.ts";
import { builtinResources } from "../../packages/unplug/src/resources/index.ts";

/** Edits that a run has intended, of targets of these names. */
export function intended(edits: readonly { readonly target: string; readonly value: Edit }[]): Recorded[] {
  return edits.map(({ target, value }, i) => {
    const edit = { edit: i + 1, step: "s", iteration: 1, target, value, arms: value.arms === true };
    return { sequence: i + 1, at: 0, event: { type: "edit.intended", ...edit } };
  });
}

export function scriptOf(events: readonly Recorded[]): Promise<string> {
  return byHandScript("r-1", events, { resources: builtinResources });
}

export interface Shelled {
  readonly code: number;
  readonly said: string;
  /** What `aws` was asked, in order. */
  readonly asked: readonly string[];
}

export interface PretendedAws {
  /** Whose credentials they are. */
  readonly account: string;
  /** What is in the function, for `aws` and for `cases`, which may write it: a file. */
  readonly code?: string;
  /** More of a `case "$*" in` of sh, by what `aws` is asked. */
  readonly cases?: readonly string[];
  /** What an address gives to `curl`. */
  readonly download?: string;
}

/** Runs the script with an `aws` that says who it is, and fails for everything that has "bad" in it. */
export async function runByHand(
  script: string,
  { account, code = "", cases = [], download = "" }: PretendedAws,
): Promise<Shelled> {
  const folder = mkdtempSync(join(tmpdir(), "unplug-script-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [list, file] = [join(folder, "asked"), join(folder, "restore.sh")];
  writeFileSync(list, "");
  writeFileSync(join(folder, "code"), code);
  const own = [
    `sts*) echo ${account} ;;`,
    "*bad*) exit 254 ;;",
    ...cases,
    `*get-function-configuration*) cat '${folder}/code' ;;`,
  ];
  const program = (name: string, lines: readonly string[]) =>
    writeFileSync(join(folder, name), `#!/bin/sh\ncode='${folder}/code'\n${lines.join("\n")}\n`, {
      mode: 0o755,
    });
  program("aws", [`echo "$*" >> '${list}'`, 'case "$*" in', ...own, "esac"]);
  program("curl", [
    `echo "curl $(cat)" >> '${list}'`,
    "for last; do :; done",
    `printf %s '${download}' > "$last"`,
  ]);
  writeFileSync(file, script);
  const env = { PATH: `${folder}${delimiter}${process.env["PATH"]}`, TMPDIR: folder };
  const ended = await promisify(execFile)("sh", [file], { env, timeout: 60_000 }).then(
    ({ stdout, stderr }) => ({ code: 0, said: stdout + stderr }),
    (error: { code: number; stdout: string; stderr: string }) => ({
      code: error.code,
      said: error.stdout + error.stderr,
    }),
  );
  return { ...ended, asked: readFileSync(list, "utf8").trimEnd().split("\n") };
}
