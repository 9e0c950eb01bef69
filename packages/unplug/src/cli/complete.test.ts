import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openJournal } from "../journal/sqlite-journal.ts";
import { secretStore } from "../secrets/secret-store.ts";
import { runCommandLine } from "./command-line.ts";
import { freeText, places, sources } from "./completion/candidates.ts";
import { placeholderOf } from "./completion/position.ts";
import { buildProgram } from "./program.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "unplug-complete-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What is offered for the last word. */
async function offers(
  words: readonly string[],
  env: Record<string, string> = {},
): Promise<readonly string[]> {
  const { out, err } = await complete(words, env);
  expect(err).toBe("");
  return out
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith(":"))
    .map((line) => line.split("\t")[0] ?? "");
}

async function complete(words: readonly string[], env: Record<string, string> = {}) {
  let [out, err] = ["", ""];
  await runCommandLine(["__complete", "--", ...words], {
    env: { HOME: folder, UNPLUG_HOME: join(folder, "home"), ...env },
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    readInput: () => Promise.resolve(""),
  });
  return { out, err };
}

const silent = { write: () => true };
const program = buildProgram(
  { env: {}, stdout: silent, stderr: silent, readInput: () => Promise.resolve("") },
  "0",
  () => Promise.resolve(),
);

test("everything that has a value is completed, or said to be free text", () => {
  const unknown = places(program)
    .filter(({ argChoices }) => argChoices === undefined)
    .map(placeholderOf)
    .filter((name) => sources[name] === undefined && !freeText.includes(name));

  expect(unknown).toEqual(["words"]);
});

test("the first word is any command but the hidden one", async () => {
  const all = await offers([""]);

  expect(all).toEqual(program.commands.map((one) => one.name()).filter((name) => name !== "__complete"));
  expect(all).toContain("run");
  expect(await offers(["fau"])).toEqual(["fault", "faults"]);
});

test.each([
  [["runs", "--f"], ["--format"]],
  [
    ["runs", "--format", ""],
    ["human", "json"],
  ],
  [["runs", "--format=j"], ["--format=json"]],
  [
    ["runs", "--format", "json", "--"],
    ["--all", "--help"],
  ],
  [
    ["runs", ""],
    ["--all", "--format", "--help"],
  ],
  [["plan", "f", "--set", "a.B=c", "--s"], ["--set"]],
  [
    ["exec", "--behavior", ""],
    ["refuse", "timeout", "hang"],
  ],
  [
    ["demo", ""],
    ["toggle", "block"],
  ],
  [["completion", "z"], ["zsh"]],
  [["help", "sho"], ["show"]],
  [["fault", "lambda-th"], ["lambda-throttle"]],
  [["fault", "lambda-throttle", "FUNC"], ["FUNCTION_NAME="]],
  [["fault", "lambda-throttle", "FUNCTION_NAME=f", "FUNC"], []],
  [
    ["fault", "lambda-throttle", "SEQUENCE="],
    ["SEQUENCE=parallel", "SEQUENCE=serial"],
  ],
  [["fault", "lambda-throttle", "CYCLES="], ["CYCLES=1"]],
  [["probes", "prom"], ["prometheus"]],
  [["fault", "nonsense", ""], []],
  [["nonsense", ""], []],
  [["schema", "--help", "x"], []],
])("%j is completed to %j", async (words, expected) => {
  expect(await offers(words)).toEqual(expected);
});

test("the store gives the names of file secrets, where credentials are asked for, too", async () => {
  const home = join(folder, "with-secrets");
  await secretStore(home).add("chaos", "text", 0);

  expect(await offers(["restore", "--secret", ""], { UNPLUG_HOME: home })).toEqual(["chaos"]);
  expect(await offers(["secret", "remove", ""], { UNPLUG_HOME: home })).toEqual(["chaos"]);
});

test("the environment and the AWS files give region and profile", async () => {
  const config = join(folder, "config");
  writeFileSync(config, "[default]\nregion = x\n[profile blue]\n");
  const env = { AWS_CONFIG_FILE: config, AWS_REGION: "eu-north-1" };

  expect(await offers(["restore", "--profile", ""], env)).toEqual(["default", "blue"]);
  expect(await offers(["restore", "--region", ""], env)).toEqual(["eu-north-1"]);
  expect(await offers(["fault", "lambda-throttle", "AWS_PROFILE=b"], env)).toEqual(["AWS_PROFILE=blue"]);
  expect(await offers(["fault", "lambda-throttle", "REGION="], env)).toEqual(["REGION=eu-north-1"]);
});

test("a file's steps and variables are read from it", async () => {
  const file = join(folder, "e.yaml");
  const step = "{ fault: lambda-throttle, name: cap, tunables: { FUNCTION_NAME: '${NAME}' } }";
  writeFileSync(file, `spec: { steps: [{ wait: 1s }, ${step}] }\n`);

  expect(await offers(["run", file, "--set", "cap.SEQ"])).toEqual(["cap.SEQUENCE="]);
  expect(await offers(["run", file, "--set", "cap.SEQUENCE=p"])).toEqual(["cap.SEQUENCE=parallel"]);
  expect(await offers(["run", file, "--var", ""])).toEqual(["NAME="]);
  writeFileSync(file, "spec: { steps: [{");
  expect(await offers(["run", file, "--set", ""])).toEqual([]);
  expect(await offers(["run", join(folder, "none.yaml"), "--set", ""])).toEqual([]);
});

test("runs are offered to the commands that can do something about them", async () => {
  const journal = openJournal(join(folder, "home"), { now: () => 0 });
  await journal.take("r-dead", ["a"]);
  // Lets go of its lock and leaves it unclosed, as a process does that dies.
  await journal.append("r-dead", 0, [{ type: "run.finished" }]);
  await journal.take("r-over", ["b"]);
  await journal.append("r-over", 0, [{ type: "run.closed" }]);
  await journal.take("r-alive", ["c"]);

  expect([...(await offers(["show", ""]))].sort()).toEqual(["r-alive", "r-dead", "r-over"]);
  expect(await offers(["restore", ""])).toEqual(["r-dead"]);
  expect(await offers(["abort", ""])).toEqual(["r-alive"]);
  expect(await offers(["abort", "--leave", "r-d"])).toEqual(["r-dead"]);
  journal.close();
});

test("no folder is made where no journal is", async () => {
  expect(await offers(["show", ""])).toEqual([]);
  expect(await offers(["show", ""], { UNPLUG_HOME: "/proc/none" })).toEqual([]);
});

test.each([
  [["run", ""], ":files\t.yaml\t.yml\t.json"],
  [["run", "x", "--out", ""], ":folders"],
  [["show", "r", "-o", ""], ":files"],
  [["exec", "--block", "h", "--", "cu"], ":command\t4"],
  [["exec", "curl", "--he"], ":command\t1"],
])("for %j the shell itself is asked: %s", async (words, line) => {
  expect((await complete(words)).out).toBe(`${line}\n`);
});
