import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { needs } from "../../../../test/support/needs.ts";
import type { Recorded } from "../contract/journal.ts";
import { openJournal } from "../journal/sqlite-journal.ts";
import { probed } from "../report/probed.fixture.ts";
import { stories } from "../report/stories.fixture.ts";
import { runCommandLine } from "./command-line.ts";

let folder: string;
let alive: ReturnType<typeof openJournal>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "unplug-report-test-"));
  const journal = openJournal(folder, { now: () => Date.UTC(2026, 0, 31) });
  const runs = { "r-met": probed.met, "r-unmet": probed.unmet, "r-left": stories.restoreFailed.map(whole) };
  for (const [run, events] of Object.entries(runs)) {
    await journal.take(run, []);
    for (const { at, event } of events) await journal.append(run, at, [event]);
  }
  await journal.take("r-alive", []);
  await journal.append(
    "r-alive",
    Date.UTC(2026, 0, 31),
    stories.died.map(({ event }) => event),
  );
  alive = journal;
});

/** With all that a mapping's state has: the calls by hand are made of it. */
function whole(recorded: Recorded): Recorded {
  const { event } = recorded;
  if (event.type !== "edit.intended") return recorded;
  const state = {
    functionArn: "arn:aws:lambda:us-east-1:123456789012:function:orders",
    batchSize: 10,
    batchingWindowSeconds: 0,
    parallelizationFactor: null,
    maximumRecordAgeSeconds: null,
    maximumRetryAttempts: null,
    bisectsBatchOnError: null,
    tumblingWindowSeconds: null,
    responseTypes: [],
    maximumConcurrency: null,
    pollers: null,
    onFailure: null,
  };
  const value = { ...event.value, before: { ...state, enabled: true }, after: { ...state, enabled: false } };
  return { ...recorded, event: { ...event, value } };
}

afterAll(async () => {
  alive.close();
  await rm(folder, { recursive: true, force: true });
});

async function report(...args: readonly string[]) {
  let [out, err] = ["", ""];
  const code = await runCommandLine(["report", ...args], {
    env: { UNPLUG_HOME: folder },
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    readInput: () => Promise.resolve(""),
  });
  return { code, out, err };
}

test("a report is made from the journal alone, Markdown unless another form is asked for", async () => {
  expect(await report("r-unmet")).toMatchObject({ code: 0, err: "", out: expect.stringContaining("## ❌") });
  expect((await report("r-unmet", "--as", "junit")).out).toContain("<testsuites>");
  expect(JSON.parse((await report("r-unmet", "--as", "json")).out)).toMatchObject({ verdict: "failed" });
});

test("a file that was there is replaced whole, and that is said", async () => {
  const file = join(folder, "report.html");
  expect(await report("r-unmet", "--as", "html", "-o", file)).toEqual({ code: 0, out: "", err: "" });
  const again = await report("r-met", "--as", "html", "-o", file);
  expect(again).toEqual({ code: 0, out: "", err: `${file}: the file that was there is replaced.\n` });
  expect(await readFile(file, "utf8")).toContain("</html>");
});

test("what is left has the calls by hand in the page", async () => {
  const { out } = await report("r-left", "--as", "html");
  expect(out).toContain("unplug restore r-left");
  expect(out).toContain("aws lambda update-event-source-mapping");
});

test("a run that goes on is told as such, and not as a result", async () => {
  expect((await report("r-alive")).out).toContain("goes on");
  const refused = await report("r-alive", "--as", "junit");
  expect(refused.code).toBe(3);
  expect(refused.err).toContain("Run r-alive goes on, and has no verdict that could be told as junit.");
});

test("a command line that makes no sense is refused before anything is read", async () => {
  expect(await report()).toMatchObject({ code: 2, err: expect.stringContaining("Expected a run") });
  expect(await report("--all")).toMatchObject({ code: 2, err: expect.stringContaining("--as openmetrics") });
  expect(await report("r-met", "--all", "--as", "openmetrics")).toMatchObject({ code: 2 });
  expect(await report("r-met", "-o", join(folder, "no", "such"))).toMatchObject({
    code: 2,
    err: expect.stringContaining("there is no such file or folder"),
  });
});

needs("promtool").test(
  "all runs that are over are metrics that Prometheus reads without a complaint",
  async (promtool) => {
    const { out } = await report("--all", "--as", "openmetrics");
    expect(out).not.toContain("r-alive");
    expect(out).toContain('unplug_runs{experiment="orders-survives",verdict="passed"} 1');
    const { status, stderr, stdout } = spawnSync(promtool, ["check", "metrics"], {
      timeout: 60_000,
      input: out,
      encoding: "utf8",
    });
    expect({ status, said: `${stdout}${stderr}` }).toEqual({ status: 0, said: "" });
  },
);

test("of all runs, one that cannot be read is counted and named, and keeps none from being told", async () => {
  await alive.take("r-bad", []);
  await alive.append("r-bad", 1, [{ type: "run.finished" }, { type: "run.closed" }]);
  const database = new DatabaseSync(join(folder, "journal.db"));
  try {
    expect((await report("--all", "--as", "openmetrics")).out).toContain("unplug_unreadable_runs 0\n");
    database.exec("UPDATE events SET body = char(27) WHERE run = 'r-bad'");
    const { code, out, err } = await report("--all", "--as", "openmetrics");
    expect({ code, err }).toEqual({
      code: 0,
      // What the file holds is quoted, and must not steer the terminal.
      err: expect.stringMatching(/^Run r-bad is left out, as it cannot be read: \P{Cc}+\n$/u),
    });
    expect(out).toContain("unplug_unreadable_runs 1\n");
    expect(out).toContain('unplug_runs{experiment="orders-survives",verdict="passed"} 1');
  } finally {
    database.exec("DELETE FROM events WHERE run = 'r-bad'");
    database.close();
  }
});

test("the schema of reports is printed beside that of experiments", async () => {
  let out = "";
  const shell = {
    env: {},
    stdout: { write: (text: string) => (out += text) },
    stderr: { write: () => true },
    readInput: () => Promise.resolve(""),
  };
  expect(await runCommandLine(["schema", "--of", "report"], shell)).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ $id: "https://unplug.dev/v1/report.schema.json" });
});
