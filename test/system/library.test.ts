import { execFile } from "node:child_process";
import { cp, lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { test as base, describe, expect } from "vitest";
import { waitFor } from "../support/lab.ts";
import { UnplugProcess } from "../support/unplug-process.ts";

const ROOT = join(import.meta.dirname, "../..");

/** Runs first in a process, and writes the URL of every module that it loads to the file that UNPLUG_LIST names. */
const LISTER = `
  import { writeFileSync } from "node:fs";
  import { registerHooks } from "node:module";
  const loaded = new Set();
  registerHooks({ load(url, context, next) { loaded.add(url); return next(url, context); } });
  process.on("exit", () => writeFileSync(process.env.UNPLUG_LIST, [...loaded].join("\\n")));
`;
const BIN = join(ROOT, "packages/unplug/bin/unplug.js");
const PATIENCE = { timeout: 120_000 };

const test = base.extend<{ folder: string }>({
  folder: async ({ onTestFinished }, use) => {
    const folder = await mkdtemp(join(tmpdir(), "unplug-library-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await use(folder);
  },
});

const HEAVY = /node_modules\/(@aws-sdk|@smithy|zod|yaml)\/|packages\/sandbox\//;

describe.concurrent("what is loaded", () => {
  test.for([["--help"], ["help", "run"], ["faults", "--help"]])(
    "unplug %s loads nothing that a run needs",
    async (args, { folder }) => {
      const loaded = await loadedBy(folder, [BIN, ...args]);

      expect(loaded).toContain(`file://${ROOT}/packages/unplug/src/cli/main.ts`);
      expect(loaded.filter((url) => HEAVY.test(url))).toEqual([]);
    },
  );

  test("a plan that fails before AWS is asked has loaded no AWS SDK", async ({ folder }) => {
    const loaded = await loadedBy(folder, [
      BIN,
      "plan",
      "lambda-throttle",
      "FUNCTION_NAME=orders",
      "REGION=nowhere",
    ]);

    expect(loaded.some((url) => url.includes("/zod/"))).toBe(true);
    expect(loaded.filter((url) => /@aws-sdk|packages\/sandbox\//.test(url))).toEqual([]);
  });
});

describe.concurrent("the demo", () => {
  test("ends well, and leaves no file, no folder and no process", PATIENCE, async ({ folder }) => {
    const checkout = await copyCheckout(folder);
    const before = await filesIn(checkout);
    const demo = await startDemo(folder, checkout);
    await waitFor(async () => (await functionsIn(folder)).length > 0);

    const end = await demo.ended;

    expect(end, demo.said).toEqual({ code: 0, signal: null });
    expect(demo.stderr).toBe("");
    expect(demo.stdout).toMatch(/ok Delivery stopped: nothing was handled from .* while \d+ orders/);
    expect(demo.stdout).toMatch(/ok The backlog grew from \d+ to \d{3} orders\./);
    expect(demo.stdout).toMatch(/ok It was drained .* after the mapping was enabled again\./);
    expect(demo.stdout).toMatch(/ok None of \d{3} orders was lost\./);
    await expectNothingLeft(folder);
    expect(await filesIn(checkout)).toEqual(before);
  });

  test(
    "ended by Ctrl-C in the middle puts the mapping back and leaves nothing either",
    PATIENCE,
    async ({ folder }) => {
      const demo = await startDemo(folder, ROOT);
      await demo.until("the hold", () => /held until/.exec(demo.stdout)?.[0]);
      const functions = await functionsIn(folder);

      demo.kill("SIGINT");
      const end = await demo.ended;

      expect(functions).not.toEqual([]);
      expect(end, demo.said).toEqual({ code: 130, signal: null });
      expect(demo.stdout).toContain("restore proved");
      await expectNothingLeft(folder);
    },
  );
});

/** The URLs of the modules that a process loads, whatever becomes of it. */
async function loadedBy(folder: string, args: readonly string[]): Promise<readonly string[]> {
  const list = join(folder, "loaded");
  const env = { ...process.env, UNPLUG_LIST: list, UNPLUG_HOME: join(folder, "home") };
  await promisify(execFile)(
    process.execPath,
    ["--import", `data:text/javascript,${encodeURIComponent(LISTER)}`, ...args],
    { env },
  ).catch(() => undefined);
  return (await readFile(list, "utf8")).split("\n");
}

/** A demo whose home and temporary folders are this test's own. */
async function startDemo(folder: string, checkout: string): Promise<UnplugProcess> {
  const [home, temporary] = [join(folder, "home"), join(folder, "tmp")];
  await Promise.all([home, temporary].map((path) => mkdir(path)));
  const own = Object.entries(process.env).filter(([name]) => !/^(AWS_|UNPLUG_|VITEST|XDG_|CI$)/.test(name));
  // What would lead to a real account must not be used.
  const real = { AWS_PROFILE: "production", AWS_ENDPOINT_URL: "http://127.0.0.1:1" };
  const env = { ...Object.fromEntries(own), ...real, HOME: home, TMPDIR: temporary, LANG: "C" };
  return new UnplugProcess(join(checkout, "packages/unplug/bin/unplug.js"), ["demo"], env, checkout);
}

async function expectNothingLeft(folder: string): Promise<void> {
  expect(await readdir(join(folder, "home"))).toEqual([]);
  expect(await readdir(join(folder, "tmp"))).toEqual([]);
  expect(await processesIn(folder)).toEqual([]);
}

/** Processes that know of `folder` by their command line or environment: the demo's own and its functions. */
async function processesIn(folder: string): Promise<readonly string[]> {
  const everything = process.platform === "darwin" ? "axEww" : "axeww";
  const { stdout } = await promisify(execFile)("ps", [everything], { maxBuffer: 64_000_000 });
  return stdout.split("\n").filter((line) => line.includes(folder));
}

async function functionsIn(folder: string): Promise<readonly string[]> {
  return (await processesIn(folder)).filter((line) => line.includes(`LAMBDA_TASK_ROOT=${folder}`));
}

/** A checkout in which nobody works meanwhile, with what is installed in this one. */
async function copyCheckout(folder: string): Promise<string> {
  const copy = join(folder, "checkout");
  await cp(join(ROOT, "packages"), join(copy, "packages"), { recursive: true });
  await cp(join(ROOT, "package.json"), join(copy, "package.json"));
  const installed = join(copy, "node_modules");
  await mkdir(join(installed, "@unplug"), { recursive: true });
  await symlink(join(copy, "packages/sandbox"), join(installed, "@unplug/sandbox"));
  const others = (await readdir(join(ROOT, "node_modules"))).filter((name) => name !== "@unplug");
  await Promise.all(others.map((name) => symlink(join(ROOT, "node_modules", name), join(installed, name))));
  return copy;
}

/** Every file and folder of a copy, save what is installed, with its size and the time of its last change. */
async function filesIn(checkout: string): Promise<readonly string[]> {
  const inside = await readdir(join(checkout, "packages"), { recursive: true });
  const names = [...(await readdir(checkout)), ...inside.map((name) => join("packages", name))].toSorted();
  return Promise.all(
    names.map(async (name) => {
      const { size, mtimeMs } = await lstat(join(checkout, name));
      return `${name} ${size} ${mtimeMs}`;
    }),
  );
}
