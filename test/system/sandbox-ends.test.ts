import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { test as base, describe, expect } from "vitest";
import { isAlive } from "../support/is-alive.ts";
import { SandboxProcess } from "../support/sandbox-process.ts";
import { UnplugProcess } from "../support/unplug-process.ts";

const PATIENCE = { timeout: 120_000 };

/** 200 in the long lane: so many in one process, and so many for each of four signals. */
const [IN_ONE, BY_SIGNAL] = process.env["UNPLUG_DEEP"] === "1" ? [188, 3] : [30, 1];

const test = base.extend<{ temporary: string }>({
  temporary: async ({ onTestFinished }, use) => {
    const temporary = await mkdtemp(join(tmpdir(), "unplug-ends-"));
    onTestFinished(() => rm(temporary, { recursive: true, force: true }));
    await use(temporary);
  },
});

describe.concurrent("sandboxes started and stopped in a row leave no process, no port, no folder", () => {
  test(`${IN_ONE} in one process, which ends by itself`, PATIENCE, async ({ temporary }) => {
    const script = fileURLToPath(new URL("../support/many-sandboxes.ts", import.meta.url));
    const many = new UnplugProcess(script, [String(IN_ONE), basename(temporary)], {
      ...process.env,
      TMPDIR: temporary,
    });

    const end = await many.ended;

    expect(end, many.said).toEqual({ code: 0, signal: null });
    expect(JSON.parse(many.stdout)).toEqual({ open: [] });
    expect(await readdir(temporary)).toEqual([]);
    expect(await processesOf(temporary)).toEqual([]);
  });

  test.for([
    ["SIGINT", 0],
    ["SIGTERM", 0],
    ["SIGHUP", 0],
    ["SIGKILL", "SIGKILL"],
  ] as const)(
    `%s ends ${BY_SIGNAL} that run a function`,
    PATIENCE,
    async ([signal, code], { temporary, expect }) => {
      for (let count = 0; count < BY_SIGNAL; count++) {
        await using sandbox = await SandboxProcess.start(temporary);
        const family = await sandbox.family();
        expect(family.filter(isAlive)).toHaveLength(3);

        expect(await sandbox.end(signal), sandbox.process.said).toBe(code);

        await expect.poll(() => family.filter(isAlive), { timeout: 20_000 }).toEqual([]);
        await expect.poll(() => processesOf(temporary), { timeout: 20_000 }).toEqual([]);
        await expect(fetch(sandbox.url)).rejects.toThrow();
      }
      // One that is killed cannot remove its folder: the next one does, but for its own that is killed as well.
      const left = (await readdir(temporary)).filter((name) => name.startsWith("unplug-sandbox-"));
      expect(left.length).toBe(signal === "SIGKILL" ? 1 : 0);
    },
  );
});

/** Processes that have the name of a folder in their command line or environment: the sandboxes and their functions. */
async function processesOf(folder: string): Promise<readonly string[]> {
  const everything = process.platform === "darwin" ? "axEww" : "axeww";
  const { stdout } = await promisify(execFile)("ps", [everything], { maxBuffer: 64_000_000 });
  return stdout.split("\n").filter((line) => line.includes(basename(folder)));
}
