import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openJournal } from "../packages/unplug/src/journal/sqlite-journal.ts";
import { manyChecks } from "../packages/unplug/src/report/page.fixture.ts";
import { buildPackage, packageFolder } from "./build-package.ts";
import { type Measured, median } from "./measured.ts";
import { root, runCommand } from "./run-command.ts";

const rounds = 7;
const samples = 10_000;
const formats = ["html", "json", "junit", "markdown"] as const;

/** How long the published `unplug report` takes for a run with so many checks of a probe, its start included, and how large the file is. */
export async function benchReport(): Promise<Measured> {
  await buildPackage({ from: root, to: packageFolder });
  const home = mkdtempSync(join(tmpdir(), "unplug-bench-"));
  try {
    await writeJournal(home);
    const figures: Record<string, number> = {};
    for (const format of formats) {
      const file = join(home, `report.${format}`);
      const times: number[] = [];
      for (let round = 0; round < rounds; round += 1) times.push(await reportOnce(home, format, file));
      figures[`ms, ${format}`] = median(times);
      figures[`MB, ${format}`] = statSync(file).size / 1e6;
    }
    return { says: [`medians of ${rounds} rounds, each a process of its own`], figures };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

async function writeJournal(home: string): Promise<void> {
  const events = manyChecks(samples);
  const first = events[0]?.at ?? 0;
  const journal = openJournal(home, { now: () => first });
  await journal.take("r-bench", []);
  // The journal takes several events of one instant at once.
  for (const [at, all] of Map.groupBy(events, ({ at: instant }) => instant))
    await journal.append(
      "r-bench",
      at,
      all.map(({ event }) => event),
    );
  journal.close();
}

async function reportOnce(home: string, format: string, file: string): Promise<number> {
  rmSync(file, { force: true });
  const { code, output, ms } = await runCommand(
    process.execPath,
    ["bin/unplug.js", "report", "r-bench", "--as", format, "-o", file],
    { cwd: packageFolder, env: { ...process.env, UNPLUG_HOME: home } },
  );
  if (code !== 0) throw new Error(`unplug report ended with ${code}:\n${output}`);
  return ms;
}
