import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { expect, inject } from "vitest";
import { needsAll } from "../support/needs.ts";

const ROOT = join(import.meta.dirname, "../..");

interface Example {
  readonly language: string;
  readonly text: string;
}

needsAll("aws-cli", "zip", "curl").test(
  "every example of docs/local-lambda.md does what it says",
  async (aws) => {
    const folder = await mkdtemp(join(tmpdir(), "unplug-local-lambda-"));
    try {
      const examples = examplesIn(await readFile(join(ROOT, "docs/local-lambda.md"), "utf8"));
      expect(examples.length).toBeGreaterThan(6);
      await writeProject(folder, examples);
      const shell = examples.filter(({ language }) => language === "sh").map(({ text }) => text);
      await writeFile(
        join(folder, "all.sh"),
        `set -e\ntrap 'kill $(jobs -p) 2>/dev/null' EXIT\n${shell.join("\n")}\necho all is well\n`,
      );
      const { stdout } = await promisify(execFile)("bash", ["all.sh"], {
        cwd: folder,
        env: environment(folder, aws),
      });
      expect(stdout).toMatch(/all is well\n$/);
      expect(stdout).toMatch(/REPORT RequestId/);
      expect(stdout).toMatch(/"action":"lambda:CreateEventSourceMapping"/);
      expect(stdout).toMatch(/aws_lambda_invocations_sum\{.*function_name="hello".*\} \d+$/m);
      expect(stdout).toMatch(/2 passed/);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
  120_000,
);

function examplesIn(page: string): readonly Example[] {
  return [...page.matchAll(/^```(\w+)\n([^]*?)^```$/gm)].map(([, language = "", text = ""]) => ({
    language,
    text,
  }));
}

/** A project that has installed the package; examples that begin with a file's name are that file. */
async function writeProject(folder: string, examples: readonly Example[]): Promise<void> {
  await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  for (const { language, text } of examples.filter((example) => example.language !== "sh")) {
    const name = /^\/\/ (\S+)\n/.exec(text)?.[1];
    if (name === undefined)
      throw new Error(`An example in ${language} does not begin with a file's name:\n${text}`);
    await writeFile(join(folder, name), text);
  }
  const modules = join(folder, "node_modules");
  await mkdir(join(modules, "unplug-lambda"), { recursive: true });
  for (const name of await readdir(join(ROOT, "node_modules"))) {
    if (name !== "unplug-lambda" && name !== ".bin")
      await symlink(join(ROOT, "node_modules", name), join(modules, name));
  }
  const built = dirname(dirname(inject("command").bin));
  for (const name of ["bin", "dist"]) await symlink(join(built, name), join(modules, "unplug-lambda", name));
  const manifest = { type: "module", exports: { "./sandbox": "./dist/sandbox.js" } };
  await writeFile(join(modules, "unplug-lambda/package.json"), JSON.stringify(manifest));
  await mkdir(join(modules, ".bin"));
  await symlink(inject("command").bin, join(modules, ".bin/unplug"));
  await symlink(join(ROOT, "node_modules/vitest/vitest.mjs"), join(modules, ".bin/vitest"));
}

function environment(folder: string, aws: string): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(AWS_|UNPLUG_|VITEST|XDG_|NODE_|CI$)/.test(name),
  );
  const path = [
    join(folder, "node_modules/.bin"),
    dirname(process.execPath),
    dirname(aws),
    process.env["PATH"],
  ].join(delimiter);
  return { ...Object.fromEntries(own), PATH: path, HOME: folder, TMPDIR: folder, NO_COLOR: "1" };
}
