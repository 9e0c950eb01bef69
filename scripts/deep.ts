// npm run deep: the long lane. Its result is a committed page, docs/deep.md.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { root, runCommand, runTool, seconds } from "./run-command.ts";
import { countsLine, countTests, type TestCounts } from "./test-counts.ts";

const folder = mkdtempSync(join(tmpdir(), "unplug-deep-"));
const json = join(folder, "report.json");
const paths = process.argv.slice(2);
try {
  const args = ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${json}`, ...paths];
  const env = { ...process.env, UNPLUG_DEEP: "1" };
  const { code, ms } = await runTool("vitest/vitest.mjs", args, { inherit: true, env });
  const counts = countTests(existsSync(json) ? readFileSync(json, "utf8") : null, code);
  // A part of the lane is no result of the lane.
  if (paths.length === 0) writeFileSync(join(root, "docs/deep.md"), page(counts, ms, await commit()));
  console.log(countsLine(counts));
  process.exitCode = counts.failed > 0 ? code || 1 : code;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function page(counts: TestCounts, ms: number, revision: string): string {
  const notRun = [...counts.notRun].map(([why, count]) => `- not run: ${count}, because ${why}`);
  return `${[
    "# The long lane, last time",
    "",
    "Written by `npm run deep`.",
    "",
    `- date: ${new Date().toISOString().slice(0, 10)}`,
    `- commit: ${revision}`,
    `- machine: Node.js ${process.version}, ${process.platform} ${process.arch}, ${cpus().length} cores`,
    `- time: ${seconds(ms)}`,
    `- result: ${countsLine(counts)}`,
    ...notRun,
  ].join("\n")}\n`;
}

async function commit(): Promise<string> {
  const { code, output } = await runCommand("git", ["rev-parse", "--short=12", "HEAD"]);
  if (code !== 0) return "none yet";
  const { output: changed } = await runCommand("git", ["status", "--porcelain", "--untracked-files=no"]);
  return `${output.trim()}${changed.trim() === "" ? "" : ", with changes that are not committed"}`;
}
