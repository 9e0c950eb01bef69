import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Archives as programs of this machine make them of a small folder; those that are not installed make none. */
export function realArchives(commands: readonly (readonly [string, ...string[]])[]): readonly Buffer[] {
  const folder = mkdtempSync(join(tmpdir(), "unplug-archives-"));
  try {
    const from = join(folder, "from");
    fill(from);
    return commands.flatMap(([command, ...args], i) => {
      // With an ending: some put their own to what has none.
      const made = join(folder, `made-${i}.zip`);
      const words = args.map((word) => word.replace("MADE", made));
      const { status } = spawnSync(command, words, { cwd: from, stdio: "ignore", timeout: 30_000 });
      return status === 0 ? [readFileSync(made)] : [];
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function fill(folder: string): void {
  mkdirSync(join(folder, "lib/deep"), { recursive: true });
  writeFileSync(join(folder, "index.mjs"), "export const handler = async () => 'ok';\n".repeat(20));
  writeFileSync(join(folder, "bootstrap"), '#!/bin/sh\nexec "$LAMBDA_TASK_ROOT/app"\n', { mode: 0o755 });
  writeFileSync(join(folder, "lib/deep", `${"long-".repeat(30)}name.txt`), "a long name\n");
  writeFileSync(join(folder, "lib/ünïcode.txt"), "ü\n");
  symlinkSync("../bootstrap", join(folder, "lib/link"));
}

/** With the checksums of its headers as they should be: what is changed in a tar is seldom seen behind a wrong one. */
export function withChecksums(tar: Buffer): Buffer {
  const copy = Buffer.from(tar);
  for (let at = 0; at + 512 <= copy.length; at += 512) {
    const block = copy.subarray(at, at + 512);
    if (block.toString("latin1", 257, 262) !== "ustar") continue;
    block.fill(0x20, 148, 156);
    const sum = block.reduce((all, byte) => all + byte, 0);
    block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  }
  return copy;
}
