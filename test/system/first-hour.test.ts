import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { CommanderError } from "commander";
import { expect, inject, test } from "vitest";
import { commandNotes } from "../../packages/unplug/src/cli/command-help.ts";
import { buildProgram } from "../../packages/unplug/src/cli/program.ts";
import { builtinFaults } from "../../packages/unplug/src/faults/index.ts";
import { Lab } from "../support/lab.ts";

const lines = Object.values(commandNotes).flatMap(({ examples }) => examples.map(({ line }) => line));

/** The block fault's layer stays in as yet, and the run says so with 4. */
const whole = builtinFaults.filter(({ id }) => id !== "lambda-block-tcp-connection");

/** Commands whose examples are run, where they look for no run: the others break, wait or need a network. */
const harmless = ["plan", "policy", "restore", "runs", "faults", "schema", "completion", "help"];

test("every example of the help is taken by the parser, and the harmless ones do what they say", async () => {
  await using lab = await Lab.open({ timing: "none" });
  await lab.addFed("orders", 1);
  const faults = await lab.unplug(["faults", "lambda-throttle", "--example"]);
  const { bin, cache } = inject("command");
  // Notes what it is given, and goes on as the command itself where that harms nobody.
  writeFileSync(
    join(lab.folder, "unplug"),
    `#!/bin/sh
for word; do printf '%s\\n' "$word"; done > "$TOLD"
case "$*" in *r-2026* | *--function*) exit 0 ;; esac
case "$1" in ${harmless.join(" | ")}) exec '${process.execPath}' '${bin}' "$@" ;; esac
`,
    { mode: 0o755 },
  );

  // Starts a test as Go does.
  writeFileSync(join(lab.folder, "go"), '#!/bin/sh\nexec sh -c "$3 ./a.test"\n', { mode: 0o755 });

  const ends = await Promise.all(
    lines.map(async (line, i) => {
      // One of them writes the file that others read.
      const cwd = join(lab.folder, String(i));
      mkdirSync(cwd);
      writeFileSync(join(cwd, "experiment.yaml"), faults.stdout);
      const told = join(cwd, "told");
      const PATH = `${lab.folder}${delimiter}${process.env["PATH"]}`;
      const GITHUB_STEP_SUMMARY = join(cwd, "summary");
      const env = { ...lab.env, PATH, TOLD: told, XDG_CACHE_HOME: cache, GITHUB_STEP_SUMMARY };
      const child = spawn("bash", ["-c", line], {
        cwd,
        env,
        stdio: ["ignore", "ignore", "pipe"],
      });
      const [err, code] = await Promise.all([
        child.stderr.setEncoding("utf8").toArray(),
        new Promise((resolve) => child.once("close", resolve)),
      ]);
      const words = readFileSync(told, "utf8").trimEnd().split("\n");
      return { line, code, err: code === 0 ? "" : err.join(""), parsed: await parsed(words) };
    }),
  );

  const expected = lines.map((line) => ({
    line,
    code: 0,
    err: "",
    parsed: /unplug ([a-z]+)/.exec(line)?.[1],
  }));
  expect(ends).toEqual(expected);
});

/** The command that it would start; what is wrong with it when it starts none. */
async function parsed(words: readonly string[]): Promise<string | undefined> {
  const silent = { write: () => true };
  let started: string | undefined;
  const shell = { env: {}, stdout: silent, stderr: silent, readInput: () => Promise.resolve("") };
  const program = buildProgram(shell, "", () => {
    started = words[0];
    return Promise.resolve();
  });
  try {
    await program.parseAsync([...words], { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) return error.message;
    throw error;
  }
  return started ?? words[0];
}

test("the starter file of a fault runs once it names a function that there is", async () => {
  await using lab = await Lab.open({ timing: "none" });

  const ends = await Promise.all(
    whole.map(async ({ id }) => {
      await lab.addFunction(id, { memory: 512 });
      await lab.addMappings(id, 1);
      const { stdout } = await lab.unplug(["faults", id, "--example"]);
      const file = join(lab.folder, `${id}.yaml`);
      writeFileSync(file, stdout.replace(/FUNCTION_NAME: \S+/, `FUNCTION_NAME: ${id}`));
      const { code, stdout: said } = await lab.unplug(["run", file, "--set", `${id}.TOTAL_CHAOS_DURATION=1`]);
      return { id, code, said: code === 0 ? "" : said.slice(-2000) };
    }),
  );

  expect(ends).toEqual(whole.map(({ id }) => ({ id, code: 0, said: "" })));
});
