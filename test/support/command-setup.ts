import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { buildCommand } from "../../scripts/build-package.ts";
import { root } from "../../scripts/run-command.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The command as it is published: bundled once, it starts in a third of the time that its source takes. */
    readonly command: { readonly bin: string; readonly cache: string; readonly victim: string };
  }
}

export default async function setup({ provide }: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), "unplug-command-"));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  // Also when the run is given up.
  process.once("exit", remove);
  // It is killed so often that its start counts.
  const more = { victim: join(root, "test/support/victim.ts") };
  await buildCommand({ from: root, to: folder, more });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  provide("command", {
    bin: join(folder, "bin/unplug.js"),
    cache: join(folder, "cache"),
    victim: join(folder, "dist/victim.js"),
  });
  return remove;
}
