import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { isAlive } from "../../../../test/support/is-alive.ts";
import { runProgram } from "./run-program.ts";

const env = { PATH: process.env["PATH"] };
const never = new AbortController().signal;

function run(...argv: readonly string[]) {
  return runProgram(argv, { env, signal: never });
}

/** Numbers in what was printed: ids of processes, that end with the test if with nothing before. */
function pids(text: string): readonly number[] {
  const found = text.trim().split(/\s+/).map(Number);
  onTestFinished(() => {
    for (const pid of found) if (isAlive(pid)) process.kill(pid, "SIGKILL");
  });
  return found;
}

test("a program is run with its arguments as they are, and nothing on its standard input", async () => {
  const script = 'printf "%s|" "$@"; cat; echo "oh no" >&2; exit 3';

  expect(await run("sh", "-c", script, "sh", "a b", "$HOME", "")).toEqual({
    exitCode: 3,
    signal: null,
    stdout: "a b|$HOME||",
    stderr: "oh no\n",
  });
});

test("one that a signal ends says which", async () => {
  expect(await run("sh", "-c", "kill -SEGV $$")).toMatchObject({ exitCode: null, signal: "SIGSEGV" });
});

test("one that there is not, or that may not be executed, is refused", async () => {
  const folder = await mkdtemp(join(tmpdir(), "unplug-program-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "plain");
  await writeFile(file, "#!/bin/sh\n", { mode: 0o644 });

  await expect(run("no-such-program")).rejects.toThrow("There is no program no-such-program.");
  await expect(run(file)).rejects.toThrow(`${file} may not be executed.`);
  await expect(run("sh", "a\0b")).rejects.toThrow("null bytes");
});

test("what it prints beyond a MiB is read and thrown away", async () => {
  const { stdout, exitCode } = await run("sh", "-c", "head -c 3000000 /dev/zero | tr '\\0' a; exit 7");

  expect(exitCode).toBe(7);
  expect(stdout).toHaveLength(1024 * 1024);
});

test("what it leaves behind ends with it", async () => {
  const { stdout } = await run("sh", "-c", "sleep 600 & echo $!; sh -c 'sleep 600 & echo $!'");

  const left = pids(stdout);
  expect(left).toHaveLength(2);
  await expect.poll(() => left.filter(isAlive)).toEqual([]);
});

test("one that has left its group and holds the output open keeps nobody waiting", async () => {
  const leave = 'const { spawn } = require("node:child_process");';
  const script = `${leave} console.log(spawn("sleep", ["600"], { detached: true, stdio: "inherit" }).pid); process.exit(0)`;

  const { stdout, exitCode } = await run(process.execPath, "-e", script);

  expect(exitCode).toBe(0);
  expect(pids(stdout).filter(isAlive)).toHaveLength(1);
});

test("the signal ends it and all that it has started", async () => {
  const folder = await mkdtemp(join(tmpdir(), "unplug-program-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const controller = new AbortController();
  const said = join(folder, "pids");
  const script = `trap '' TERM INT; sleep 600 & echo $$ $! > ${said}.new; mv ${said}.new ${said}; wait`;

  const running = runProgram(["sh", "-c", script], { env, signal: controller.signal });
  running.catch(() => undefined);
  const started = await readSoon(said);
  expect(started.filter(isAlive)).toHaveLength(2);
  controller.abort();

  await expect(running).rejects.toThrow("aborted");
  await expect.poll(() => started.filter(isAlive)).toEqual([]);
});

test("it does not outlive the process that asks, however that ends", async () => {
  const folder = await mkdtemp(join(tmpdir(), "unplug-program-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const said = join(folder, "pids");
  const argv = ["sh", "-c", `sleep 600 & echo $$ $! > ${said}.new; mv ${said}.new ${said}; wait`];
  const module = fileURLToPath(new URL("run-program.ts", import.meta.url));
  // It is watched over once it has been started: what it does may be seen before the line that started it has ended.
  const code = `import { runProgram } from ${JSON.stringify(module)};
    const running = runProgram(${JSON.stringify(argv)}, { env: process.env, signal: new AbortController().signal });
    console.log("watched");
    await running;`;
  const asker = spawn(process.execPath, ["--input-type=module", "-e", code], {
    env,
    stdio: ["inherit", "pipe", "inherit"],
  });
  onTestFinished(() => void asker.kill("SIGKILL"));

  await once(asker.stdout, "data");
  const started = await readSoon(said);
  expect(started.filter(isAlive)).toHaveLength(2);
  asker.kill("SIGKILL");

  await expect.poll(() => started.filter(isAlive)).toEqual([]);
});

/** The ids of processes in a file that is about to be there. */
async function readSoon(file: string): Promise<readonly number[]> {
  await expect.poll(() => existsSync(file)).toBe(true);
  return pids(await readFile(file, "utf8"));
}
