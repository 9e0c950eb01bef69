import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { fold } from "../report/fold.ts";
import { probed } from "../report/probed.fixture.ts";
import { newView } from "../report/run-view.ts";
import { makeOutFolder, writeOut } from "./out-folder.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "unplug-out-test-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const reports = { view: fold(probed.met, newView("r1")), alive: false, byHand: null };
const files = { result: "{}\n", events: probed.met, summary: "PASSED", reports };

test("a folder has every report, and what it had before is named before it is replaced", async () => {
  const inside = join(folder, "a", "b");
  expect(await makeOutFolder(inside)).toEqual([]);
  expect(await writeOut(inside, files)).toBeNull();

  expect((await readdir(inside)).toSorted()).toEqual([
    "events.ndjson",
    "junit.xml",
    "metrics.prom",
    "report.html",
    "report.json",
    "report.md",
    "result.json",
    "summary.txt",
  ]);
  await writeFile(join(inside, "notes.txt"), "mine");
  expect(await makeOutFolder(inside)).toContain("report.html");
  expect(await makeOutFolder(inside)).not.toContain("notes.txt");
});

test("a report that cannot be written leaves the run its outcome", async () => {
  expect(await writeOut(join(folder, "gone"), files)).toContain("the run's outcome is above");
});
