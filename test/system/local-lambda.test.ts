import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "vitest";
import { environment, examplesIn, writeProject } from "../support/doc-examples.ts";
import { needsAll } from "../support/needs.ts";

const ROOT = join(import.meta.dirname, "../..");

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
        env: environment(folder, [aws]),
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
  240_000,
);
