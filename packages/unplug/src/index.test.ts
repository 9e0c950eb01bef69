import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

/** Every module that a fresh process has loaded once it has run `code`. */
async function loadedBy(code: string): Promise<readonly string[]> {
  const program = `
    import { registerHooks } from "node:module";
    const loaded = new Set();
    registerHooks({ load(url, context, next) { loaded.add(url); return next(url, context); } });
    ${code}
    process.stdout.write("\\n\\u0000" + JSON.stringify([...loaded]));
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", program], {
    maxBuffer: 1 << 24,
  });
  const [, list = "[]"] = stdout.split("\u0000");
  return JSON.parse(list);
}

const url = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
const heavy = ["/@aws-sdk/", "/@smithy/", "/zod/", "/yaml/", "/packages/sandbox/"] as const;
const weights = (loaded: readonly string[]) =>
  heavy.filter((name) => loaded.some((one) => one.includes(name)));

test("importing the library loads no AWS SDK, no YAML beyond the loader's, and no sandbox", async () => {
  const loaded = await loadedBy(`
    const door = await import(${url("./index.ts")});
    if (typeof door.runExperiment !== "function" || door.builtinFaults.length === 0) throw new Error("it is empty");
  `);

  expect(loaded.some((one) => one.endsWith("/src/engine/run.ts"))).toBe(true);
  expect(weights(loaded)).toEqual(["/zod/", "/yaml/"]);
});

test("what the library throws and the laws of its faults are had by name, as an install has them", async () => {
  const loaded = await loadedBy(`
    const door = await import(${url("./index.ts")});
    for (const name of ["AwsError", "JournalLost", "JournalUnusable", "MarkersUnread", "Refusal"])
      if (!(door[name]?.prototype instanceof Error)) throw new Error(name + " is missing");
    const { createRequire } = await import("node:module");
    const laws = await import(createRequire(${url("./index.ts")}).resolve("unplug-lambda/laws"));
    if (Object.keys(laws.faultLaws).length === 0 || typeof laws.checkWithout !== "function")
      throw new Error("there are no laws");
  `);

  expect(loaded.some((one) => one.endsWith("/src/laws/index.ts"))).toBe(true);
  expect(loaded.filter((one) => /fast-check|vitest/.test(one))).toEqual([]);
});

test.each([["--help"], ["run", "--help"], ["--version"], ["rnu"]])(
  "the command %s %s loads neither zod nor YAML, AWS or the sandbox",
  async (...args) => {
    const loaded = await loadedBy(`
      const { runCommandLine } = await import(${url("./cli/command-line.ts")});
      const quiet = { write: () => true };
      await runCommandLine(${JSON.stringify(args.filter((arg) => arg !== undefined))},
        { env: {}, stdout: quiet, stderr: quiet, readInput: async () => "" });
    `);

    expect(loaded.some((one) => one.includes("/commander/"))).toBe(true);
    expect(weights(loaded)).toEqual([]);
  },
);
