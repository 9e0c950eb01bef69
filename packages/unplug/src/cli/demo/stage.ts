import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AbortRequest } from "../../contract/events.ts";
import type { Window } from "../../contract/evidence.ts";
import type { Recorded } from "../../contract/journal.ts";
import { fold } from "../../report/fold.ts";
import { signalExitCode } from "../exit-codes.ts";
import { faultCommand } from "../fault.ts";
import { runCommand } from "../run.ts";
import type { Shell } from "../shell.ts";
import { listenForSignals } from "../signals.ts";
import { whoami } from "../whoami.ts";

/** Where a story is played: a sandbox and a folder that are gone with it. */
export interface Stage {
  readonly region: string;
  /** Ctrl-C, or a defect. */
  readonly signal: AbortSignal;
  /** Null: functions have /opt and /var/task of their own. Otherwise a clause that says why not. */
  readonly withoutMounts: string | null;
  /** One operation of AWS, by its name and in its JSON: the sandbox's, never a real account's. */
  readonly call: (action: string, input: Readonly<Record<string, unknown>>) => Promise<unknown>;
  readonly zip: (files: Readonly<Record<string, string>>) => Promise<Buffer>;
  /** Runs the very command that a user would type, with the sandbox for AWS; answers its exit code. */
  fault(id: string, tunables: Readonly<Record<string, string | number>>): Promise<number>;
  /** The same for an experiment, shown as the file that it is. */
  experiment(name: string, text: string): Promise<number>;
  /** What the report of the last fault says of its one iteration. */
  lastFault(): Promise<PlayedFault>;
  /** Done when the story ends, however it ends; what was deferred last is done first. */
  defer(end: () => Promise<void>): void;
}

/** Milliseconds since 1970. */
export interface PlayedFault {
  /** From its confirmation to the end of the hold. */
  readonly window: Window;
  /** When the restore was proved. */
  readonly restoredAt: number;
}

/** Plays a story and answers its exit code, or the one of the signal that ended it. */
export async function onStage(shell: Shell, play: (stage: Stage) => Promise<number>): Promise<number> {
  const interruption = listenForSignals({
    by: whoami(),
    onFirst: () => undefined,
    onRepeat: () => undefined,
  });
  await using undo = new AsyncDisposableStack();
  undo.defer(() => interruption.close());
  const { signal } = interruption;
  const folder = await mkdtemp(join(tmpdir(), "unplug-demo-"));
  undo.defer(() => rm(folder, { recursive: true, force: true }));
  const { startSandbox, zipOf } = await import("@unplug/sandbox");
  const sandbox = await startSandbox({ timing: "fast" });
  undo.defer(() => sandbox.close());
  undo.use(sandboxEnvironment(sandbox.exports));
  const region = sandbox.exports["AWS_REGION"] ?? "us-east-1";
  let runs = 0;
  const outOf = (run: number) => join(folder, `out-${run}`);
  const code = await play({
    region,
    signal,
    withoutMounts: sandbox.withoutMounts,
    call: (action, input) => sandbox.cloud.call(action, input, { region }),
    zip: zipOf,
    fault: (id, tunables) => {
      runs += 1;
      return unplug({ shell, folder, out: outOf(runs), exports: sandbox.exports, id, tunables });
    },
    experiment: async (name, text) => {
      runs += 1;
      await writeFile(join(folder, name), text);
      shell.stdout.write(`\n$ cat ${name}\n${text}\n$ unplug run ${name}\n\n`);
      const env = environment({ shell, folder, exports: sandbox.exports });
      const flags = { format: "human", out: outOf(runs), set: [], var: [] };
      return runCommand(join(folder, name), flags, { ...shell, env });
    },
    lastFault: () => readFault(join(outOf(runs), "events.ndjson")),
    defer: (end) => undo.defer(end),
  });
  return signal.aborted ? ended(signal, interruption.defect()) : code;
}

function ended(signal: AbortSignal, defect: unknown): number {
  if (defect !== null) throw defect;
  const reason: AbortRequest = signal.reason;
  return signalExitCode(reason.signal);
}

interface Command {
  readonly shell: Shell;
  readonly folder: string;
  readonly out: string;
  readonly exports: Readonly<Record<string, string>>;
  readonly id: string;
  readonly tunables: Readonly<Record<string, string | number>>;
}

async function unplug({ shell, folder, out, exports, id, tunables }: Command): Promise<number> {
  const assignments = Object.entries(tunables).map(([name, value]) => `${name}=${value}`);
  shell.stdout.write(`\n$ unplug fault ${id} ${assignments.join(" ")}\n\n`);
  const env = environment({ shell, folder, exports });
  return faultCommand(id, assignments, { format: "human", out }, { ...shell, env });
}

function environment({
  shell,
  folder,
  exports,
}: Pick<Command, "shell" | "folder" | "exports">): Shell["env"] {
  const own = Object.entries(shell.env).filter(([name]) => !isForeign(name));
  return { ...Object.fromEntries(own), ...exports, UNPLUG_HOME: join(folder, "home") };
}

/** The SDK reads credentials from the process's own environment: those of the sandbox, and no others, until disposed. */
function sandboxEnvironment(exports: Readonly<Record<string, string>>): Disposable {
  const before = Object.entries(process.env).filter(([name]) => isForeign(name));
  const clear = () => {
    for (const name of Object.keys(process.env).filter(isForeign)) delete process.env[name];
  };
  clear();
  Object.assign(process.env, exports);
  return {
    [Symbol.dispose]: () => {
      clear();
      Object.assign(process.env, Object.fromEntries(before));
    },
  };
}

function isForeign(name: string): boolean {
  return name.startsWith("AWS_") || name.startsWith("UNPLUG_");
}

async function readFault(path: string): Promise<PlayedFault> {
  const lines = (await readFile(path, "utf8")).trim().split("\n");
  const view = fold(lines.map((line): Recorded => JSON.parse(line)));
  const { confirmedAt, holdEndedAt, restoredAt } = view.steps[0]?.iterations[0] ?? {};
  if (confirmedAt == null || holdEndedAt == null || restoredAt == null)
    throw new Error("The run reports no fault window");
  return { window: { from: confirmedAt, to: holdEndedAt }, restoredAt };
}
