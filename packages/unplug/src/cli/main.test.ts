import { spawnSync } from "node:child_process";
import { closeSync, existsSync, openSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, inject, test } from "vitest";

const bin = fileURLToPath(new URL("../../bin/unplug.js", import.meta.url));

test.runIf(existsSync("/dev/full"))("says so when what it prints finds no room", () => {
  const full = openSync("/dev/full", "w");
  try {
    const { stderr } = spawnSync(process.execPath, [bin, "schema"], {
      timeout: 60_000,
      stdio: ["ignore", full, "pipe"],
      encoding: "utf8",
    });
    expect(stderr).toBe("Standard output could not be written (ENOSPC): what was printed is not whole.\n");
  } finally {
    closeSync(full);
  }
});

test.runIf(existsSync("/dev/zero"))("reads no more of standard input than an experiment may be long", () => {
  const endless = openSync("/dev/zero", "r");
  try {
    const { status, stderr } = spawnSync(process.execPath, [inject("command").bin, "run", "-"], {
      timeout: 60_000,
      stdio: [endless, "ignore", "pipe"],
      encoding: "utf8",
    });
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr:
        "Standard input is larger than 1 MiB, expected an experiment; `unplug faults ID --example` prints one.\n",
    });
  } finally {
    closeSync(endless);
  }
});
