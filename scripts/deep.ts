// npm run deep [FILE...]: the long lane, on inputs that chance chooses anew. Its result is a committed page, docs/deep.md.
import { randomInt } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { type Ended, root, runCommand, runTool, seconds } from "./run-command.ts";
import { countsLine, countTests, failureLines, type TestCounts } from "./test-counts.ts";

/** For the fuzzers of C, and once more for all of those in TypeScript. */
const FUZZ_SECONDS = "120";

const folder = mkdtempSync(join(tmpdir(), "unplug-deep-"));
const json = join(folder, "report.json");
const paths = process.argv.slice(2);
const seed = process.env["UNPLUG_SEED"] ?? String(randomInt(1, 1_000_000));
try {
  console.log(`UNPLUG_SEED=${seed}`);
  const args = ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${json}`, ...paths];
  const env = { ...process.env, UNPLUG_DEEP: "1", UNPLUG_SEED: seed };
  const { code, ms } = await runTool("vitest/vitest.mjs", args, { inherit: true, env });
  const counts = countTests(existsSync(json) ? readFileSync(json, "utf8") : null, code);
  // A part of the lane is no result of the lane.
  const fuzzed = paths.length === 0 ? await fuzz() : null;
  if (fuzzed !== null) writeFileSync(join(root, "docs/deep.md"), page(counts, ms, fuzzed, await commit()));
  for (const line of failureLines(counts, root)) console.log(line);
  console.log(countsLine(counts));
  process.exitCode = counts.failed > 0 ? code || 1 : code || (fuzzed?.code ?? 0);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function fuzz(): Promise<Ended> {
  const ended = await runCommand(process.execPath, ["scripts/fuzz.ts", FUZZ_SECONDS, seed]);
  console.log(ended.output);
  return ended;
}

function page(counts: TestCounts, ms: number, fuzzed: Ended, revision: string): string {
  const notRun = [...counts.notRun].map(([why, count]) => `- not run: ${count}, because ${why}`);
  return `${[
    "# The long lane, last time",
    "",
    "Written by `npm run deep`.",
    "",
    `- date: ${new Date().toISOString().slice(0, 10)}`,
    `- commit: ${revision}`,
    `- machine: Node.js ${process.version}, ${process.platform} ${process.arch}, ${cpus().length} cores`,
    `- inputs: UNPLUG_SEED=${seed}`,
    `- time: ${seconds(ms)}`,
    `- result: ${countsLine(counts)}`,
    `- parsers fuzzed for ${seconds(fuzzed.ms)}: ${fuzzed.output.trimEnd().split("\n").at(-1) ?? ""}`,
    ...notRun,
  ].join("\n")}\n`;
}

async function commit(): Promise<string> {
  const { code, output } = await runCommand("git", ["rev-parse", "--short=12", "HEAD"]);
  if (code !== 0) return "none yet";
  const { output: changed } = await runCommand("git", ["status", "--porcelain", "--untracked-files=no"]);
  return `${output.trim()}${changed.trim() === "" ? "" : ", with changes that are not committed"}`;
}
