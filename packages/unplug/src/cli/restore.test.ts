import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type OpenJournal, openJournal } from "../journal/sqlite-journal.ts";
import { runCommandLine } from "./command-line.ts";

let folder: string;
let journal: OpenJournal;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "unplug-restore-test-"));
  journal = openJournal(folder, { now: () => Date.UTC(2026, 0, 31) });
});

afterEach(async () => {
  vi.unstubAllEnvs();
  journal.close();
  await rm(folder, { recursive: true, force: true });
});

/** `unplug restore`, with nobody behind AWS's address; the SDK reads the process's environment. */
async function restore(...args: readonly string[]) {
  const aws = {
    AWS_ACCESS_KEY_ID: "x",
    AWS_SECRET_ACCESS_KEY: "x",
    AWS_REGION: "us-east-1",
    AWS_ENDPOINT_URL: "http://127.0.0.1:1",
  };
  for (const [name, value] of Object.entries(aws)) vi.stubEnv(name, value);
  let [out, err] = ["", ""];
  const code = await runCommandLine(["restore", ...args], {
    env: { ...aws, UNPLUG_HOME: folder },
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    readInput: () => Promise.resolve(""),
  });
  return { code, out, err };
}

describe("a restore that is refused prints one JSON object to those who ask for JSON", () => {
  test("of a run that is not known", async () => {
    const { code, out, err } = await restore("r-1", "--format", "json");

    expect(JSON.parse(out)).toEqual({
      runId: "r-1",
      refused: expect.stringMatching(/^There is no run r-1\.\n/),
      exitCode: 3,
    });
    expect({ code, err }).toEqual({ code: 3, err: expect.stringMatching(/^Refused: There is no run r-1\./) });
    expect((await restore("r-1")).out).toBe("");
  });

  test("of a run that goes on, as the journal tells it", async () => {
    await journal.take("r-2", []);
    const { code, out } = await restore("r-2", "--format", "json");

    expect(JSON.parse(out)).toMatchObject({
      runId: "r-2",
      state: "running",
      steps: [],
      refused: expect.stringContaining("r-2"),
      exitCode: 3,
    });
    expect(code).toBe(3);
  });

  test("of a function that cannot be asked for", async () => {
    const { code, out } = await restore("--function", "orders", "--format", "json");

    expect(JSON.parse(out)).toMatchObject({
      refused: expect.stringContaining("ECONNREFUSED"),
      exitCode: 3,
    });
    expect(code).toBe(3);
  });
});

test("a run that cannot be read keeps no other from being restored", async () => {
  for (const run of ["r-bad", "r-good"]) {
    await journal.take(run, []);
    // Its process is over, and did not close it.
    await journal.append(run, 1, [{ type: "run.finished" }]);
  }
  const database = new DatabaseSync(join(folder, "journal.db"));
  database.prepare("UPDATE events SET body = '{' WHERE run = ?").run("r-bad");
  database.close();

  const { code, out, err } = await restore("--all", "--format", "json");

  const refused = expect.stringMatching(/cannot be read/);
  const told = out
    .trim()
    .split(/(?<=^\})\n/m)
    .map((text): unknown => JSON.parse(text));
  expect(told).toHaveLength(2);
  expect(told).toContainEqual({ runId: "r-bad", refused, exitCode: 4 });
  expect(told).toContainEqual(expect.objectContaining({ runId: "r-good", state: "finished", left: [] }));
  expect(code).toBe(4);
  expect(err).toContain("Run r-good: nothing of it is left");
  expect((await journal.runs()).map(({ run, closed }) => [run, closed])).toEqual([
    ["r-good", true],
    ["r-bad", false],
  ]);
});

test("nothing to restore is told to people, and is no JSON", async () => {
  const told = "Nothing to restore: no run of a dead process is unfinished.\n";
  expect(await restore("--all", "--format", "json")).toEqual({ code: 0, out: "", err: told });
  expect(await restore("--all")).toEqual({ code: 0, out: told, err: "" });
});

test("a region that nobody knows is taken, with a notice that names the nearest", async () => {
  expect((await restore("--function", "orders", "--region", "us-esat-1")).err).toMatch(
    /^The region us-esat-1 is none that this Unplug knows \(did you mean "us-east-1"\?\); it is taken as it is\.\n/,
  );
});
