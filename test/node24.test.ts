import { spawn } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

/** Stands in for npm: takes its time, then leaves what npm leaves; fails with FAIL's code. */
const npm = `#!/bin/sh
echo "npm $*" >> calls
echo "npm says this"
sleep 0.3
[ -n "$FAIL" ] && exit $FAIL
rm -rf node_modules; mkdir node_modules; echo '{}' > node_modules/.package-lock.json
`;

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "unplug-node24-"));
  mkdirSync(join(root, "scripts"));
  mkdirSync(join(root, "path"));
  cpSync(join(import.meta.dirname, "../scripts/node24.js"), join(root, "scripts/node24.js"));
  write("package.json", '{ "type": "module" }');
  write("package-lock.json", "{}");
  write("path/npm", npm);
  chmodSync(join(root, "path/npm"), 0o755);
  write("hello.ts", "const who: string = process.argv[2] ?? ''; console.log(`hello ${who}`);");
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

const write = (file: string, text: string) => writeFileSync(join(root, file), text);
const calls = () => readFileSync(join(root, "calls"), "utf8").trim().split("\n");

function start(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const path = `${join(root, "path")}${delimiter}${process.env["PATH"]}`;
  const child = spawn(process.execPath, ["scripts/node24.js", ...args], {
    cwd: root,
    env: { ...process.env, PATH: path, ...env },
  });
  const seen = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk) => (seen.stdout += chunk));
  child.stderr.on("data", (chunk) => (seen.stderr += chunk));
  const ended = new Promise<{ code: number | null; signal: string | null; stdout: string; stderr: string }>(
    (resolve) => {
      child.on("close", (code, signal) => resolve({ code, signal, ...seen }));
    },
  );
  return { child, seen, ended };
}

test("installs what is missing with one line about it, then runs the script", async () => {
  const { code, stdout, stderr } = await start(["hello.ts", "you"]).ended;

  expect({ code, stdout, stderr }).toEqual({
    code: 0,
    stdout: "hello you\n",
    stderr: "Installing dependencies (npm ci) …\n",
  });
});

test("installs once for two that start together", async () => {
  const both = await Promise.all([start(["hello.ts", "a"]).ended, start(["hello.ts", "b"]).ended]);

  expect(both.map(({ code, stdout }) => `${code} ${stdout}`)).toEqual(["0 hello a\n", "0 hello b\n"]);
  expect(calls()).toHaveLength(1);
});

test("installs again with the pinned Node.js when npm left out a native package that an older one does not suit", async () => {
  const native = { optional: true, os: [process.platform], cpu: [process.arch] };
  write("package-lock.json", JSON.stringify({ packages: { "node_modules/native": native } }));

  expect((await start(["hello.ts", "you"]).ended).stdout).toBe("hello you\n");
  expect(calls()).toHaveLength(2);
});

test("installs again only when the lock has changed", async () => {
  await start(["hello.ts"]).ended;
  await start(["hello.ts"]).ended;
  const before = calls().length;
  write("package-lock.json", '{ "changed": true }');
  await start(["hello.ts"]).ended;

  expect([before, calls().length]).toEqual([1, 2]);
});

test("shows what npm said and ends with its code when it fails", async () => {
  const { code, stdout, stderr } = await start(["hello.ts"], { FAIL: "7" }).ended;

  expect({ code, stdout }).toEqual({ code: 7, stdout: "" });
  expect(stderr).toContain("npm says this");
});

test("passes the exit code through", async () => {
  write("code.ts", "process.exitCode = 42;");

  expect((await start(["code.ts"]).ended).code).toBe(42);
});

test("passes the signal through that ended the script", async () => {
  write("die.ts", 'process.kill(process.pid, "SIGKILL"); setTimeout(() => {}, 60_000);');

  expect((await start(["die.ts"]).ended).signal).toBe("SIGKILL");
});

test.for(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "hands %s on and waits for the script to end by itself",
  async (name) => {
    write(
      "wait.ts",
      `const alive = setInterval(() => {}, 1000);
     process.on("${name}", () => { console.log("restoring"); clearInterval(alive); process.exitCode = 5; });
     console.log("ready");`,
    );
    const { child, seen, ended } = start(["wait.ts"]);
    await expect.poll(() => seen.stdout, { timeout: 20_000 }).toContain("ready");
    child.kill(name);

    expect(await ended).toMatchObject({ code: 5, signal: null, stdout: "ready\nrestoring\n" });
  },
);
