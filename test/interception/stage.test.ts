import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { afterEach, expect } from "vitest";
import { needsAll } from "../support/needs.ts";
import { openStage, type Stage } from "./stage.ts";

const { test } = needsAll("namespaces", "dnsmasq", "python3");
const env = { PATH: process.env["PATH"] ?? "" };

let opened: Stage[] = [];
let started: ChildProcess[] = [];

afterEach(async () => {
  await Promise.all(opened.map((stage) => stage.close()));
  for (const child of started) child.kill("SIGKILL");
  opened = [];
  started = [];
});

async function open(): Promise<Stage> {
  const stage = await openStage();
  opened.push(stage);
  return stage;
}

/** The command lines of the processes that have the folder's name in theirs. */
function processesOf(folder: string): readonly string[] {
  const all = readdirSync("/proc").filter((pid) => /^\d+$/.test(pid));
  return all.map(commandLine).filter((line) => line.includes(folder));
}

/** Empty for a process that has ended, also when nobody has asked after it yet. */
function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return "";
  }
}

const SLEEP = "while :; do sleep 600; done";

function sleepers(folder: string): number {
  return processesOf(folder).filter((line) => line.includes(` -c ${SLEEP}`)).length;
}

/** Looks until it is so; the test's own limit ends it. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await setTimeout(20);
}

const python = (...lines: readonly string[]) => ({ command: "python3", args: ["-c", lines.join("\n")], env });

test("gives programs the names and the servers of its network, and tells what the servers accepted", async () => {
  const stage = await open();
  const connect = python(
    "import socket",
    "for name in ['ok.test', 'start.test', 'hosts.ok.test', '2001:db8:99::7']:",
    "    with socket.create_connection((name, 8081)) as s: print(s.getpeername()[0])",
  );
  const { code, stdout, stderr } = await stage.run(connect, 100_000);

  expect({ code, stdout, stderr }).toEqual({
    code: 0,
    stdout: "10.99.0.1\n10.99.0.10\n10.99.0.13\n2001:db8:99::7\n",
    stderr: "",
  });
  expect(await stage.accepted()).toEqual({
    "10.99.0.1:8081": 1,
    "10.99.0.10:8081": 1,
    "10.99.0.13:8081": 1,
    "[2001:db8:99::7]:8081": 1,
  });
});

test("is alone with its network: two beside each other do not meet", async () => {
  const [one, other] = await Promise.all([open(), open()]);
  const connect = python("import socket", "socket.create_connection(('ok.test', 8080)).close()");

  expect((await one.run(connect, 100_000)).code).toBe(0);
  expect([await one.accepted(), await other.accepted()]).toEqual([{ "10.99.0.1:8080": 1 }, {}]);
});

test("kills a program that does not end in time, with what it has started", async () => {
  const stage = await open();
  const sleeper = `sh -c '${SLEEP}' ${stage.folder}`;
  const run = stage.run({ command: "sh", args: ["-c", `${sleeper} & ${sleeper} & wait`], env }, 8_000);
  await until(() => sleepers(stage.folder) === 2);

  expect(await run).toMatchObject({ late: true, signal: "SIGKILL" });
  await until(() => sleepers(stage.folder) === 0);
});

test("leaves no process and no folder when it is closed while a program runs", async () => {
  const stage = await open();
  const run = stage.run({ command: "sleep", args: ["600"], env }, 600_000);
  const refused = expect(run).rejects.toThrow("The stage has ended");
  await stage.close();

  await refused;
  expect(processesOf(stage.folder)).toEqual([]);
  expect(existsSync(stage.folder)).toBe(false);
});

test("ends with all its processes and its folder when its owner is killed", async () => {
  const owner = [
    `import { openStage } from ${JSON.stringify(join(import.meta.dirname, "stage.ts"))};`,
    "const stage = await openStage();",
    "console.log(stage.folder);",
    `const args = ["-c", ${JSON.stringify(SLEEP)}, stage.folder];`,
    `void stage.run({ command: "sh", args, env: ${JSON.stringify(env)} }, 600_000);`,
  ].join("\n");
  const child = spawn(process.execPath, ["--input-type=module", "-e", owner], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  started.push(child);
  const [folder] = await once(createInterface({ input: child.stdout }), "line");
  await until(() => sleepers(folder) === 1);
  child.kill("SIGKILL");

  await until(() => processesOf(folder).length === 0 && !existsSync(folder));
});
