import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { test as base, describe, expect } from "vitest";

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
