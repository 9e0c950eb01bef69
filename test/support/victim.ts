import { assembleParts, openStateJournal } from "../../packages/unplug/src/cli/parts.ts";
import type { Action, Aws, InputOf, OutputOf } from "../../packages/unplug/src/contract/aws.ts";
import type { Connect } from "../../packages/unplug/src/contract/connection.ts";
import type { Experiment } from "../../packages/unplug/src/contract/experiment.ts";
import type { Journal } from "../../packages/unplug/src/contract/journal.ts";
import { runExperiment } from "../../packages/unplug/src/engine/run.ts";

/** What a victim is told, as JSON in its only argument. */
export interface Order {
  readonly run: string;
  readonly experiment: Experiment;
  /** The point at which it kills itself; null: it lives, and prints every point that it came by. */
  readonly die: number | null;
}

/** A process that runs an experiment as `unplug run` does and may be killed, for good, at any point. */
async function main({ run, experiment, die }: Order): Promise<void> {
  const passed: string[] = [];
  const point = (name: string) => {
    if (passed.length === die) process.kill(process.pid, "SIGKILL");
    passed.push(name);
  };
  const around = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    point(`before ${name}`);
    const result = await work();
    point(`after ${name}`);
    return result;
  };

  const opened = openStateJournal({ env: process.env });
  const journal: Journal = {
    take: (id, claims) => around("take", () => opened.take(id, claims)),
    append: (id, at, events) =>
      around(`append ${events.map(({ type }) => type).join(" ")}`, () => opened.append(id, at, events)),
    read: (id, after) => opened.read(id, after),
    runs: () => opened.runs(),
  };
  const parts = assembleParts({ env: process.env }, opened);
  const connect: Connect = async (access, id, signal) => {
    const connection = await around("connect", () => parts.connect(access, id, signal));
    const aws: Aws = {
      call: <A extends Action>(action: A, input: InputOf<A>, during?: AbortSignal): Promise<OutputOf<A>> =>
        around(action, () => connection.aws.call(action, input, during)),
    };
    return { ...connection, aws };
  };
  await runExperiment(
    experiment,
    { run, signal: new AbortController().signal },
    { ...parts, journal, connect },
  );
  opened.close();
  // The clean run's answer; one that was to die and got this far says so by living.
  process.stdout.write(`${JSON.stringify(passed)}\n`, () => process.exit());
}

await main(JSON.parse(process.argv[2] ?? ""));
