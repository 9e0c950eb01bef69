import { execFile, spawnSync } from "node:child_process";
import { closeSync, existsSync, openSync } from "node:fs";
import { promisify } from "node:util";
import { describe, expect, inject, test } from "vitest";
import { runCommandLine } from "../packages/unplug/src/cli/command-line.ts";
import { inTerminal } from "../packages/unplug/src/cli/terminal-for-test.ts";
import { helpModels } from "../scripts/command-model.ts";
import { needs } from "./support/needs.ts";

/** What the program itself, as a checkout runs it, prints where so many columns are. */
async function told(args: readonly string[], columns?: number): Promise<string> {
  let out = "";
  const stdout = { write: (text: string) => (out += text), isTTY: columns !== undefined, columns };
  const code = await runCommandLine(args, {
    env: {},
    stdout,
    stderr: stdout,
    readInput: () => Promise.resolve(""),
  });
  expect(code).toBe(0);
  return out;
}

describe("the help that the published command has ready", () => {
  test.each([["--help"], ["-h"], ["help"], ["help exec"], ["run --help"], ["help --help"]])(
    "is the program's own: %s",
    async (line) => {
      const { bin, cache } = inject("command");
      const args = line.split(" ");
      const { stdout, stderr } = await promisify(execFile)(process.execPath, [bin, ...args], {
        env: { XDG_CACHE_HOME: cache },
      });

      expect({ stdout, stderr }).toEqual({ stdout: await told(args), stderr: "" });
    },
  );

  needs("python3").test("is as wide as the terminal", async (python3) => {
    const { bin, cache } = inject("command");
    const env = { XDG_CACHE_HOME: cache, TERM: "xterm", LC_ALL: "POSIX" };
    const shown = await inTerminal(python3, {
      command: [process.execPath, bin, "run", "--help"],
      columns: 40,
      env,
    });

    expect(shown).toEqual({ code: 0, shown: await told(["run", "--help"], 40) });
  });

  test("is there for every command, in characters that every terminal has", async () => {
    const models = helpModels();
    const all = await told(["help"]);

    const names = [...all.matchAll(/^ {2}([a-z]+)(?= )/gm)].map(([, name]) => name ?? "");
    expect(Object.keys(models)).toEqual(["", ...names]);
    expect(JSON.stringify(models)).toMatch(/^[ -~]*$/);
  });

  test.runIf(existsSync("/dev/full"))("does not hide that there was no room for it", () => {
    const { bin, cache } = inject("command");
    const full = openSync("/dev/full", "w");
    try {
      const { stderr } = spawnSync(process.execPath, [bin, "--help"], {
        timeout: 60_000,
        env: { XDG_CACHE_HOME: cache },
        stdio: ["ignore", full, "pipe"],
        encoding: "utf8",
      });
      expect(stderr).toBe("Standard output could not be written (ENOSPC): what was printed is not whole.\n");
    } finally {
      closeSync(full);
    }
  });
});
