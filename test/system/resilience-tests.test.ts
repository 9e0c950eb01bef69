import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { environment, examplesIn, writeProject } from "../support/doc-examples.ts";

const PAGE = join(import.meta.dirname, "../../docs/resilience-tests.md");

test("the test of docs/resilience-tests.md passes in a project that has installed the package", async () => {
  const folder = await mkdtemp(join(tmpdir(), "unplug-resilience-"));
  try {
    const examples = examplesIn(await readFile(PAGE, "utf8"));
    await writeProject(folder, examples);
    const shell = examples.filter(({ language }) => language === "sh").map(({ text }) => text);
    const { stdout } = await promisify(execFile)("bash", ["-ec", shell.join("\n")], {
      cwd: folder,
      env: environment(folder, []),
    });
    expect(stdout).toMatch(/1 passed/);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}, 240_000);
