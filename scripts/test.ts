// npm test: what a laptop can run in a few minutes; with --long (npm run test:long) the sweeps that take longer. What the
// machine lacks is named at the end; with CI=true that is a failure.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root, runTool } from "./run-command.ts";
import { type Counts, countsLine, countTests, failureLines } from "./test-counts.ts";

const folder = mkdtempSync(join(tmpdir(), "unplug-test-"));
const json = join(folder, "report.json");
try {
  const reporters = ["default", "json", "./scripts/hang-reporter.ts"].map((name) => `--reporter=${name}`);
  const given = process.argv.slice(2);
  const paths = given.filter((argument) => argument !== "--long");
  const { code } = await runTool(
    "vitest/vitest.mjs",
    ["run", ...reporters, `--outputFile.json=${json}`, ...paths],
    {
      inherit: true,
      ...(paths.length < given.length ? { env: { ...process.env, UNPLUG_LANE: "long" } } : {}),
    },
  );
  const counts = countTests(existsSync(json) ? readFileSync(json, "utf8") : null, code);
  for (const line of failureLines(counts, root)) console.log(line);
  for (const name of counts.skippedNames) console.log(`skipped: ${name.replace(`${root}/`, "")}`);
  for (const [why, count] of counts.notRun) {
    console.log(`NOT RUN here: ${count} ${count === 1 ? "test" : "tests"}, because ${why}`);
  }
  const total = process.env["CI"] === "true" ? asFailures(counts, [...counts.notRun.values()]) : counts;
  console.log(countsLine(total));
  process.exitCode = total.failed > 0 ? code || 1 : code;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function asFailures(counts: Counts, notRun: readonly number[]): Counts {
  const missing = notRun.reduce((sum, count) => sum + count, 0);
  return { ...counts, failed: counts.failed + missing, skipped: counts.skipped - missing };
}
