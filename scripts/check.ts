// npm run check: everything about the code that needs no run of it. All checks run, also after one has failed.
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { buildPackage, packageFolder } from "./build-package.ts";
import { findBadFiles } from "./check-files.ts";
import { analyse, checkNative, type NotRun } from "./check-native.ts";
import { missingPlatforms } from "./lock-platforms.ts";
import { root, runCommand, runTool, seconds } from "./run-command.ts";
import { countsLine } from "./test-counts.ts";

interface Check {
  readonly name: string;
  /** What is wrong, ready to print; empty when nothing is. */
  readonly run: () => Promise<string | NotRun>;
}

const checks: readonly Check[] = [
  {
    name: "format",
    run: () => tool("@biomejs/biome/bin/biome", "check", "--linter-enabled=false", "--error-on-warnings"),
  },
  { name: "lint", run: () => tool("oxlint/bin/oxlint", "--deny-warnings") },
  { name: "types", run: () => tool("typescript/bin/tsc", "--noEmit") },
  {
    name: "dead code",
    run: () => tool("knip/bin/knip.js", "--treat-config-hints-as-errors", "--no-progress"),
  },
  { name: "files", run: async () => findBadFiles(root, await ourFiles()).join("\n") },
  { name: "generated", run: generated },
  { name: "lock", run: async () => missingPlatforms(readLock()).join("\n") },
  { name: "package", run: published },
  { name: "native", run: checkNative },
  { name: "analysis", run: analyse },
];

const words = { passed: "ok     ", failed: "FAILED ", skipped: "NOT RUN" };
const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !checks.some((check) => check.name === name));
if (unknown.length > 0) {
  console.error(
    `no such check: ${unknown.join(", ")}; there are ${checks.map(({ name }) => name).join(", ")}`,
  );
  process.exit(2);
}
const counts = { passed: 0, failed: 0, skipped: 0 };
for (const { name, run } of checks.filter((check) => chosen.length === 0 || chosen.includes(check.name))) {
  const started = performance.now();
  const said = await run().catch((error: unknown) =>
    error instanceof Error ? error.message : String(error),
  );
  const time = seconds(performance.now() - started).padStart(8);
  const outcome = outcomeOf(said);
  console.log(`${words[outcome]} ${name.padEnd(10)} ${time}`);
  if (said !== "") console.log(`${typeof said === "string" ? said.trimEnd() : `because ${said.notRun}`}\n`);
  counts[outcome]++;
}
console.log(countsLine(counts));
process.exitCode = counts.failed > 0 ? 1 : 0;

/** What a laptop lacks is no failure of it; CI lacks nothing. */
function outcomeOf(said: string | NotRun): keyof typeof words {
  if (said === "") return "passed";
  return typeof said === "string" || process.env["CI"] === "true" ? "failed" : "skipped";
}

async function tool(script: string, ...args: string[]): Promise<string> {
  const { code, output } = await runTool(script, args);
  return code === 0 ? "" : `${output.trimEnd()}\n(exit code ${code})`;
}

async function generated(): Promise<string> {
  const { code, output } = await runCommand(process.execPath, ["scripts/generate.ts", "--check"]);
  return code === 0 ? "" : output;
}

async function published(): Promise<string> {
  const folder = join(packageFolder, "../check");
  try {
    await buildPackage({ from: root, to: folder });
    return await tool("publint/src/cli.js", "--strict", folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What is committed or about to be, and is there. */
async function ourFiles(): Promise<string[]> {
  const { code, output } = await runCommand("git", [
    "ls-files",
    "-co",
    "--exclude-standard",
    "--deduplicate",
  ]);
  if (code !== 0) throw new Error(`git does not list the files:\n${output}`);
  const deleted = new Set((await runCommand("git", ["ls-files", "-d"])).output.split("\n"));
  return output.split("\n").filter((file) => file !== "" && !deleted.has(file));
}

function readLock() {
  return JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
}
