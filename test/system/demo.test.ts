import { execFile } from "node:child_process";
import { cp, lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { test as base, describe, expect } from "vitest";
import { waitFor } from "../support/lab.ts";
import { needs } from "../support/needs.ts";
import { UnplugProcess } from "../support/unplug-process.ts";

const ROOT = join(import.meta.dirname, "../..");
const PATIENCE = { timeout: 240_000 };

const test = base.extend<{ folder: string }>({
  folder: async ({ onTestFinished }, use) => {
    const folder = await mkdtemp(join(tmpdir(), "unplug-demo-test-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await use(folder);
  },
});

describe.concurrent("the demo toggle", () => {
  test("ends well, and leaves no file, no folder and no process", PATIENCE, async ({ folder }) => {
    const checkout = await copyCheckout(folder);
    const before = await filesIn(checkout);
    const demo = await startDemo(folder, { checkout });
    const met = await meetsFunction(demo, folder);

    const end = await demo.ended;

    expect(met, demo.said).toBe(true);
    expect(end, demo.said).toEqual({ code: 0, signal: null });
    expect(demo.stderr).toBe("");
    expect(demo.stdout).toMatch(/ok Delivery stopped: nothing was handled from .* while \d+ orders/);
    expect(demo.stdout).toMatch(/ok The backlog grew from \d+ to \d{3,} orders\./);
    expect(demo.stdout).toMatch(/ok It was drained .* after the mapping was enabled again\./);
    expect(demo.stdout).toMatch(/ok None of \d{3,} orders was lost\./);
    await expectNothingLeft(folder);
    expect(await filesIn(checkout)).toEqual(before);
  });

  test(
    "ended by Ctrl-C in the middle puts the mapping back and leaves nothing either",
    PATIENCE,
    async ({ folder }) => {
      const demo = await startDemo(folder);
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

const namespaces = needs("namespaces");
const asRoot = process.getuid?.() === 0 ? [] : ["--map-root-user"];

describe.concurrent("the demo block", () => {
  namespaces.test(
    "ends well with both behaviours, and leaves no file, no folder and no process",
    async () => {
      await using disposed = await temporaryFolder();
      const { folder } = disposed;
      const demo = await startDemo(folder, { args: ["block"] });

      const end = await demo.ended;

      expect(end, demo.said).toEqual({ code: 0, signal: null });
      expect(demo.stderr).toBe("");
      // Where a line is broken depends on its numbers.
      const text = demo.stdout.replace(/\s+/g, " ");
      expect(text).toMatch(/ok refuse: (\d+) of \1 checkouts failed fast/);
      expect(text).toMatch(/ok hang: (\d+) of \1 checkouts hung until the function's timeout/);
      expect(text.match(/From then on all \d+ checkouts went through/g) ?? []).toHaveLength(2);
      expect(text).toMatch(
        /ok The database has (\d+) of the \1 orders that went through, each once, and 0 of/,
      );
      expect(text).toMatch(/ok After 2 of 2 faults the function's whole configuration was the same/);
      await expectNothingLeft(folder);
    },
    PATIENCE.timeout,
  );

  namespaces.test(
    "in a machine without a network makes one; ended by Ctrl-C in the middle it leaves nothing either",
    async (unshare) => {
      await using disposed = await temporaryFolder();
      const { folder } = disposed;
      const demo = await startDemo(folder, { args: ["block"], through: [unshare, "--net", ...asRoot] });
      await demo.until("the hold", () => /held until/.exec(demo.stdout)?.[0]);
      const met = await meetsFunction(demo, folder);

      demo.kill("SIGINT");
      const end = await demo.ended;

      expect(met, demo.said).toBe(true);
      expect(end, demo.said).toEqual({ code: 130, signal: null });
      expect(demo.stdout).toContain("restore proved");
      await expectNothingLeft(folder);
    },
    PATIENCE.timeout,
  );

  namespaces.test("where it cannot make one says so and ends with 3", async (unshare) => {
    await using disposed = await temporaryFolder();
    const { folder } = disposed;
    // Nobody may do anything in a user namespace to which no user belongs.
    const demo = await startDemo(folder, { args: ["block"], through: [unshare, "--net", "--user"] });

    const end = await demo.ended;

    expect({ ...end, stdout: demo.stdout }).toEqual({ code: 3, signal: null, stdout: "" });
    expect(demo.stderr).toMatch(/^Refused: unplug demo block needs an address for its database, .*\)\.\n$/);
    await expectNothingLeft(folder);
  });
});

async function temporaryFolder(): Promise<AsyncDisposable & { readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), "unplug-demo-test-"));
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

interface Start {
  readonly checkout?: string;
  /** Of `unplug demo`. */
  readonly args?: readonly string[];
  readonly through?: readonly string[];
}

/** A demo whose home and temporary folders are this test's own. */
async function startDemo(
  folder: string,
  { checkout = ROOT, args = [], through = [] }: Start = {},
): Promise<UnplugProcess> {
  const [home, temporary] = [join(folder, "home"), join(folder, "tmp")];
  await Promise.all([home, temporary].map((path) => mkdir(path)));
  const own = Object.entries(process.env).filter(([name]) => !/^(AWS_|UNPLUG_|VITEST|XDG_|CI$)/.test(name));
  // What would lead to a real account must not be used.
  const real = { AWS_PROFILE: "production", AWS_ENDPOINT_URL: "http://127.0.0.1:1" };
  const env = { ...Object.fromEntries(own), ...real, HOME: home, TMPDIR: temporary, LANG: "C" };
  const bin = join(checkout, "packages/unplug/bin/unplug.js");
  return new UnplugProcess(bin, ["demo", ...args], env, { cwd: checkout, through });
}

async function expectNothingLeft(folder: string): Promise<void> {
  expect(await readdir(join(folder, "home"))).toEqual([]);
  expect(await readdir(join(folder, "tmp"))).toEqual([]);
  expect(await processesIn(folder)).toEqual([]);
}

/** Processes that know of `folder` by their command line, their environment or their mounts: the demo's own and its functions. */
async function processesIn(folder: string): Promise<readonly string[]> {
  const everything = process.platform === "darwin" ? "axEww" : "axeww";
  const { stdout } = await promisify(execFile)("ps", [everything], { maxBuffer: 64_000_000 });
  const lines = stdout.split("\n");
  const knows = await Promise.all(
    lines.map(async (line) => line.includes(folder) || (await mountsOf(line)).includes(folder)),
  );
  return lines.filter((_, i) => knows[i]);
}

/** Of the process that a line of `ps` tells of; empty where there are none to be read. */
async function mountsOf(line: string): Promise<string> {
  const pid = /^\s*(\d+)/.exec(line)?.[1] ?? "0";
  return await readFile(`/proc/${pid}/mountinfo`, "utf8").catch(() => "");
}

/** Waits until a function of the demo's runs; false when the demo ends before. */
async function meetsFunction(demo: UnplugProcess, folder: string): Promise<boolean> {
  let over = false;
  void demo.ended.then(() => {
    over = true;
  });
  let met = false;
  await waitFor(async () => {
    met = (await functionsIn(folder)).length > 0;
    return met || over;
  });
  return met;
}

async function functionsIn(folder: string): Promise<readonly string[]> {
  return (await processesIn(folder)).filter((line) => line.includes("LAMBDA_TASK_ROOT="));
}

/** A checkout in which nobody works meanwhile, with what is installed in this one. */
async function copyCheckout(folder: string): Promise<string> {
  const copy = join(folder, "checkout");
  await cp(join(ROOT, "packages"), join(copy, "packages"), { recursive: true });
  await cp(join(ROOT, "package.json"), join(copy, "package.json"));
  const installed = join(copy, "node_modules");
  await mkdir(join(installed, "@unplug"), { recursive: true });
  for (const part of ["sandbox", "interceptor"])
    await symlink(join(copy, "packages", part), join(installed, "@unplug", part));
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
