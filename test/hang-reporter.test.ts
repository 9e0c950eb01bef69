import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root, runTool } from "../scripts/run-command.ts";
import { isAlive } from "./support/is-alive.ts";

test("a file that blocks its process ends the run, by name, and is killed", async () => {
  const folder = mkdtempSync(join(tmpdir(), "unplug-hang-test-"));
  try {
    const said = join(folder, "said");
    writeFileSync(
      join(folder, "endless.test.ts"),
      `import { writeFileSync } from "node:fs";
import { test } from "vitest";
test("ends never", () => {
  writeFileSync(${JSON.stringify(said)}, String(process.pid));
  for (;;);
});`,
    );
    writeFileSync(
      join(folder, "vitest.config.ts"),
      `import { existsSync } from "node:fs";
import HangReporter from ${JSON.stringify(join(root, "scripts/hang-reporter.ts"))};
// However long a process takes to start: the time runs from the moment at which the file blocks it.
class OnceItBlocks extends HangReporter {
  onTestModuleQueued(file) {
    if (existsSync(${JSON.stringify(said)})) super.onTestModuleQueued(file);
    else setTimeout(() => this.onTestModuleQueued(file), 20);
  }
}
export default { test: { reporters: [new OnceItBlocks({ limitMs: 1000 })] } };`,
    );
    const { code, output } = await runTool("vitest/vitest.mjs", ["run", "--root", folder]);
    expect({ code, output }).toEqual({
      code: 1,
      output: expect.stringMatching(/HUNG: .*endless\.test\.ts has not ended after 1 s/),
    });
    await expect.poll(() => isAlive(Number(readFileSync(said, "utf8")))).toBe(false);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
