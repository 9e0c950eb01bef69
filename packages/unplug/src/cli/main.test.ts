import { spawnSync } from "node:child_process";
import { closeSync, existsSync, openSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const bin = fileURLToPath(new URL("../../bin/unplug.js", import.meta.url));

test.runIf(existsSync("/dev/full"))("says so when what it prints finds no room", () => {
  const full = openSync("/dev/full", "w");
  try {
    const { stderr } = spawnSync(process.execPath, [bin, "schema"], {
      stdio: ["ignore", full, "pipe"],
      encoding: "utf8",
    });
    expect(stderr).toBe("Standard output could not be written (ENOSPC): what was printed is not whole.\n");
  } finally {
    closeSync(full);
  }
});
