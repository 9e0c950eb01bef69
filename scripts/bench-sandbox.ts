import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildPackage, packageFolder } from "./build-package.ts";
import { type Measured, median } from "./measured.ts";
import { root } from "./run-command.ts";

const rounds = 11;

/** How long the published `unplug sandbox` takes from its start until it says that it can be called. */
export async function benchSandbox(): Promise<Measured> {
  await buildPackage({ from: root, to: packageFolder });
  const home = mkdtempSync(join(tmpdir(), "unplug-bench-"));
  try {
    // The first one compiles for the others, as on a user's machine.
    await startOnce(home);
    const times: number[] = [];
    for (let round = 0; round < rounds; round += 1) times.push(await startOnce(home));
    const shown = times.toSorted((a, b) => a - b).map((ms) => ms.toFixed(0));
    return { says: [`ready after ${shown.join(", ")} ms`], figures: { "ms to ready": median(times) } };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

async function startOnce(home: string): Promise<number> {
  const begun = performance.now();
  const child = spawn(process.execPath, ["bin/unplug.js", "sandbox", "--port", "0"], {
    cwd: packageFolder,
    env: { PATH: process.env["PATH"], HOME: home, TMPDIR: home },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const ended = once(child, "close");
  let said = "";
  for await (const text of child.stdout.setEncoding("utf8")) {
    said += text;
    if (/^export AWS_ENDPOINT_URL=/m.test(said)) break;
  }
  const ms = performance.now() - begun;
  child.kill("SIGTERM");
  await ended;
  if (!said.includes("AWS_ENDPOINT_URL")) throw new Error("unplug sandbox ended before it was ready.");
  return ms;
}
