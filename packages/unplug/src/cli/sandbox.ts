import { once } from "node:events";
import { exitCodes } from "./exit-codes.ts";
import type { Shell } from "./shell.ts";
import { listenForSignals } from "./signals.ts";
import { UsageError } from "./usage-error.ts";
import { whoami } from "./whoami.ts";

export interface SandboxFlags {
  readonly port: string;
  readonly timing: string;
  readonly metricsDelay: string;
  readonly data?: string;
  readonly registry?: string;
}

const timings = ["aws", "fast", "none"] as const;

/** `unplug sandbox`: a local AWS until a signal ends it. */
export async function sandboxCommand(flags: SandboxFlags, shell: Shell): Promise<number> {
  const port = numberOf("--port", flags.port, 65_535);
  const metricsDelayMs = numberOf("--metrics-delay", flags.metricsDelay, 86_400) * 1000;
  const timing = timings.find((name) => name === flags.timing);
  if (timing === undefined) throw new UsageError(`--timing ${flags.timing}: expected ${timings.join(", ")}.`);
  if (flags.data === "") throw new UsageError("--data: expected a folder.");
  const data = flags.data === undefined ? {} : { data: flags.data };
  const registry = flags.registry === undefined ? {} : { registry: registryUrl(flags.registry) };
  const interruption = listenForSignals({
    by: whoami(),
    onFirst: () => undefined,
    onRepeat: () => undefined,
  });
  try {
    const { startSandbox } = await import("@unplug/sandbox");
    const sandbox = await startSandbox({
      port,
      timing,
      metricsDelayMs,
      ...data,
      ...registry,
      onDataProblem: (problem) => shell.stderr.write(`${dataWords(problem?.message ?? null)}\n`),
    }).catch((error: unknown) => {
      throw portError(error, port);
    });
    try {
      for (const [name, value] of Object.entries(sandbox.exports))
        shell.stdout.write(`export ${name}=${value}\n`);
      shell.stderr.write(
        "The sandbox is ready: give these exports to a second shell. Ctrl-C ends it.\n" +
          `An AWS CLI older than 2.13 (Debian 12 has 2.9) does not read AWS_ENDPOINT_URL: add --endpoint-url ${sandbox.exports.AWS_ENDPOINT_URL} to its calls.\n`,
      );
      if (sandbox.withoutMounts !== null) {
        shell.stderr.write(
          `Functions run in temporary folders, not at /var/task, and those with layers or of container images are not run: ${sandbox.withoutMounts}.\n`,
        );
      }
      if (!interruption.signal.aborted) await once(interruption.signal, "abort");
    } finally {
      await sandbox.close();
    }
    const defect = interruption.defect();
    if (defect !== null) throw defect;
    return exitCodes.done;
  } finally {
    interruption.close();
  }
}

function registryUrl(text: string): string {
  if (/^https?:$/.test(URL.canParse(text) ? new URL(text).protocol : "")) return text;
  throw new UsageError(
    "--registry: expected a URL, as in http://127.0.0.1:5000 or http://user:password@127.0.0.1:5000.",
  );
}

function dataWords(problem: string | null): string {
  if (problem === null) return "The data folder could be written again: nothing is lost.";
  return `${problem} The sandbox goes on; what changes now is lost with it until the folder can be written. It is tried again every second.`;
}

function numberOf(flag: string, text: string, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= 0 && value <= most) return value;
  throw new UsageError(`${flag} ${text}: expected a whole number from 0 to ${most}.`);
}

function portError(error: unknown, port: number): unknown {
  const code = error instanceof Error && "code" in error ? error.code : null;
  if (code === "EADDRINUSE") {
    return new UsageError(
      `--port ${port}: something else listens there. Take another, or --port 0 for a free one.`,
    );
  }
  if (code === "EACCES")
    return new UsageError(`--port ${port}: this user may not listen there. Take one above 1023.`);
  return error;
}
