import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "unplug-bin-"));
  mkdirSync(join(folder, "bin"));
  mkdirSync(join(folder, "dist"));
  cpSync(join(import.meta.dirname, "../packages/unplug/bin/unplug.js"), join(folder, "bin/unplug.js"));
  write("package.json", '{ "type": "module" }');
  write("dist/main.js", 'console.log("from the bundle");');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (file: string, text: string) => writeFileSync(join(folder, file), text);

/** `before` is a module that runs first, to make Node.js say something else about itself. */
async function run(before?: string) {
  if (before !== undefined) write("before.mjs", before);
  const first = before === undefined ? [] : ["--import", join(folder, "before.mjs")];
  const started = promisify(execFile)(process.execPath, [...first, join(folder, "bin/unplug.js")]);
  const { code = 0, stdout, stderr } = await started.catch((error) => error);
  return { code, stdout, stderr };
}

test("runs the bundle in the published package", async () => {
  expect(await run()).toEqual({ code: 0, stdout: "from the bundle\n", stderr: "" });
});

test("runs the source in a checkout", async () => {
  mkdirSync(join(folder, "src/cli"), { recursive: true });
  write("src/cli/main.ts", 'const from: string = "the source"; console.log(`from ${from}`);');

  expect(await run()).toMatchObject({ code: 0, stdout: "from the source\n" });
});

const old = `Object.defineProperty(process, "versions", { value: { node: "22.1.0" } });
  Object.defineProperty(process, "version", { value: "v22.1.0" });`;

test("an older Node.js gets one line and exit code 2", async () => {
  expect(await run(old)).toEqual({
    code: 2,
    stdout: "",
    stderr: "unplug needs Node.js 24 or later; this is v22.1.0. Install one: https://nodejs.org\n",
  });
});

test("an older Node.js in a checkout that has a newer one is told how to run that", async () => {
  const checkout = folder;
  folder = join(checkout, "packages/unplug");
  mkdirSync(join(folder, "src/cli"), { recursive: true });
  cpSync(join(checkout, "bin"), join(folder, "bin"), { recursive: true });
  write("src/cli/main.ts", "");
  const first = await run(old);
  mkdirSync(join(checkout, "node_modules/.bin"), { recursive: true });
  writeFileSync(join(checkout, "node_modules/.bin/node"), "");
  const second = await run(old);
  folder = checkout;

  expect(first.stderr).toContain("Install one");
  expect(second).toEqual({
    code: 2,
    stdout: "",
    stderr:
      "unplug needs Node.js 24 or later; this is v22.1.0. To use the one of this checkout: npx unplug COMMAND\n",
  });
});

test("only the warning about SQLite is silenced", async () => {
  write(
    "dist/main.js",
    `process.emitWarning("SQLite is an experimental feature and might change at any time", "ExperimentalWarning");
     process.emitWarning("something else");`,
  );
  const { stderr } = await run();

  expect(stderr).toContain("something else");
  expect(stderr).not.toContain("SQLite");
});
