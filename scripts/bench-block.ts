import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Sandbox, startSandbox } from "../packages/sandbox/src/index.ts";
import { timings } from "../packages/sandbox/src/timing.ts";
import type { Recorded } from "../packages/unplug/src/contract/journal.ts";
import { makeMappings } from "./bench-mappings.ts";
import { buildCommand } from "./build-package.ts";
import { type Measured, median } from "./measured.ts";
import { root } from "./run-command.ts";

const rounds = 5;
const methods = ["layer", "code", "env"] as const;

/** How long a block takes to be confirmed and, aborted, to be proved out again, beyond the updates that AWS has to make. */
export async function benchBlock(): Promise<Measured> {
  const home = mkdtempSync(join(tmpdir(), "unplug-bench-"));
  const sandbox = await startSandbox({ timing: "aws" });
  try {
    await buildCommand({ from: root, to: join(home, "package") });
    writeFileSync(join(home, "package/package.json"), '{ "type": "module" }');
    await makeMappings(sandbox, 0);
    await active(sandbox);
    const says: string[] = [];
    const figures: Record<string, number> = {};
    for (const method of methods) {
      // The first one publishes the layer, and compiles for the others.
      await blockOnce(sandbox, home, method);
      const found: Over[] = [];
      for (let round = 0; round < rounds; round += 1) found.push(await blockOnce(sandbox, home, method));
      for (const end of ["confirmed", "proved"] as const) {
        const all = found.map((one) => one[end]);
        says.push(
          `by ${method}, ${end} after ${all.map((ms) => ms.toFixed(0)).join(", ")} ms beyond the updates`,
        );
        figures[`ms beyond the updates until ${end}, by ${method}`] = median(all);
      }
    }
    return { says, figures };
  } finally {
    await sandbox.close();
    rmSync(home, { recursive: true, force: true });
  }
}

/** AWS makes a function in two seconds, too. */
async function active({ cloud }: Sandbox): Promise<void> {
  const input = { FunctionName: "orders" };
  for (;;) {
    const found = await cloud.call("lambda:GetFunctionConfiguration", input, { region: "us-east-1" });
    if (Object(found).State === "Active") return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Milliseconds beyond what the updates take. */
interface Over {
  /** From the first write. */
  readonly confirmed: number;
  /** From the signal. */
  readonly proved: number;
}

async function blockOnce({ cloud, exports }: Sandbox, home: string, method: string): Promise<Over> {
  const words = ["FUNCTION_NAME=orders", "TARGET_HOSTNAMES=db.internal", `INJECTION_METHOD=${method}`];
  const args = [...words, "TOTAL_CHAOS_DURATION=600", "--format", "ndjson"];
  const env = { ...process.env, ...exports, UNPLUG_HOME: home };
  cloud.record.clear();
  const child = spawn(
    process.execPath,
    [join(home, "package/bin/unplug.js"), "fault", "lambda-block-tcp-connection", ...args],
    { env, stdio: ["ignore", "pipe", "ignore"] },
  );
  const ended = once(child, "close");
  const at = new Map<string, number>();
  let aborted = 0;
  const updates = (): number => cloud.record.of("lambda:UpdateFunction*").length;
  let injecting = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const { at: instant, event }: Recorded = JSON.parse(line);
    // Of the writes the first, of the proofs the last.
    if (event.type !== "edit.intended" || !at.has(event.type)) at.set(event.type, instant);
    if (event.type !== "hold.started") continue;
    injecting = updates();
    aborted = Date.now();
    child.kill("SIGINT");
  }
  await ended;
  const one = timings.aws.functionUpdate;
  const [call = Number.NaN, confirmed = Number.NaN, proved = Number.NaN] = [
    at.get("edit.intended"),
    at.get("inject.confirmed"),
    at.get("proved"),
  ];
  return {
    confirmed: confirmed - call - injecting * one,
    proved: proved - aborted - (updates() - injecting) * one,
  };
}
