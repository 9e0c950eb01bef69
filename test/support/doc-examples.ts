import { mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { inject } from "vitest";

const ROOT = join(import.meta.dirname, "../..");

export interface Example {
  readonly language: string;
  readonly text: string;
}

/** The examples of a page, in its order. */
export function examplesIn(page: string): readonly Example[] {
  return [...page.matchAll(/^```(\w+)\n([^]*?)^```$/gm)].map(([, language = "", text = ""]) => ({
    language,
    text,
  }));
}

/** A project that has installed the package; examples that begin with a file's name are that file. */
export async function writeProject(folder: string, examples: readonly Example[]): Promise<void> {
  await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  // The usual five seconds are for a machine that does nothing else.
  const patience = { test: { testTimeout: 60_000, hookTimeout: 60_000 } };
  await writeFile(join(folder, "vitest.config.js"), `export default ${JSON.stringify(patience)};\n`);
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
  const exports = {
    ".": "./dist/index.js",
    "./sandbox": "./dist/sandbox.js",
    "./vitest": "./dist/vitest.js",
  };
  const manifest = { type: "module", exports };
  await writeFile(join(modules, "unplug-lambda/package.json"), JSON.stringify(manifest));
  await mkdir(join(modules, ".bin"));
  await symlink(inject("command").bin, join(modules, ".bin/unplug"));
  await symlink(join(ROOT, "node_modules/vitest/vitest.mjs"), join(modules, ".bin/vitest"));
}

/** As somebody's shell has it in that project; `programs` are found, too. */
export function environment(folder: string, programs: readonly string[]): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(AWS_|UNPLUG_|VITEST|XDG_|NODE_|CI$)/.test(name),
  );
  const path = [
    join(folder, "node_modules/.bin"),
    dirname(process.execPath),
    ...programs.map(dirname),
    process.env["PATH"],
  ].join(delimiter);
  return { ...Object.fromEntries(own), PATH: path, HOME: folder, TMPDIR: folder, NO_COLOR: "1" };
}
