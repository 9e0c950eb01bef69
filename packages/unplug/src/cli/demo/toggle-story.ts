import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../contract/clock.ts";
import type { AbortRequest } from "../../contract/events.ts";
import type { Recorded } from "../../contract/journal.ts";
import { fold } from "../../report/fold.ts";
import { plot } from "../../report/plot.ts";
import { wrap } from "../../report/wrap.ts";
import { exitCodes, signalExitCode } from "../exit-codes.ts";
import { faultCommand } from "../fault.ts";
import { lookOf } from "../look.ts";
import type { Shell } from "../shell.ts";
import { listenForSignals } from "../signals.ts";
import { whoami } from "../whoami.ts";
import { type DepthRecorder, recordDepth } from "./depth-recorder.ts";
import { type Producer, startProducer } from "./producer.ts";
import { claims } from "./proof.ts";
import { FUNCTION_NAME, openShop, type Shop } from "./shop.ts";

const FAULT = "lambda-toggle-event-mapping-state";
const ORDERS_PER_SECOND = 20;
const HEALTHY_MS = 4_000;
const HOLD_SECONDS = 12;
const DRAIN_MS = 15_000;

/** The queue's story from its healthy state to the proof that no order was lost; all in this process and /tmp. */
export async function toggleStory(shell: Shell): Promise<number> {
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

  tell(shell, INTRODUCTION);
  const region = sandbox.exports["AWS_REGION"] ?? "us-east-1";
  const shop = await openShop({
    call: (action, input) => sandbox.cloud.call(action, input, { region }),
    zip: zipOf,
    clock: systemClock,
    signal,
  });
  const producer = startProducer(shop, { perSecond: ORDERS_PER_SECOND, clock: systemClock });
  const recorder = recordDepth(shop, systemClock);
  undo.defer(() => Promise.allSettled([producer.stop(), recorder.stop()]).then(() => undefined));

  await systemClock.sleep(HEALTHY_MS, signal);
  if (signal.aborted) return ended(signal, interruption.defect());
  const code = await unplug({ shell, folder, region, exports: sandbox.exports });
  if (signal.aborted) return ended(signal, interruption.defect());
  if (code !== exitCodes.done) return code;
  return await judge({ shell, shop, producer, recorder, folder, signal });
}

const INTRODUCTION =
  `A small shop opens on this machine: a queue of orders, a Lambda function that handles each order in about 50 ms, ` +
  `and customers who place ${ORDERS_PER_SECOND} orders a second. No AWS account is touched. ` +
  `The question: when the queue stops delivering to the function for a while, is an order lost?`;

/** The very command that a user would type, with the sandbox for AWS. */
async function unplug(input: {
  shell: Shell;
  folder: string;
  region: string;
  exports: Readonly<Record<string, string>>;
}): Promise<number> {
  const { shell, folder, region, exports } = input;
  const assignments = [
    `FUNCTION_NAME=${FUNCTION_NAME}`,
    `REGION=${region}`,
    "EVENT_UUIDS=all",
    `TOTAL_CHAOS_DURATION=${HOLD_SECONDS}`,
  ];
  shell.stdout.write(`\n$ unplug fault ${FAULT} ${assignments.join(" ")}\n\n`);
  const own = Object.entries(shell.env).filter(([name]) => !isForeign(name));
  const env = { ...Object.fromEntries(own), ...exports, UNPLUG_HOME: join(folder, "home") };
  return faultCommand(FAULT, assignments, { format: "human", out: join(folder, "out") }, { ...shell, env });
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

async function judge(input: {
  shell: Shell;
  shop: Shop;
  producer: Producer;
  recorder: DepthRecorder;
  folder: string;
  signal: AbortSignal;
}): Promise<number> {
  const { shell, shop, producer, recorder, folder, signal } = input;
  await producer.stop();
  const patience = systemClock.now() + DRAIN_MS;
  while (!signal.aborted && systemClock.now() < patience && (await shop.unfinished()) > 0) {
    await systemClock.sleep(250, signal);
  }
  await recorder.stop();
  const { fault, restoredAt } = await readWindow(join(folder, "out", "events.ndjson"));
  const found = claims({
    placed: producer.placed,
    handled: await shop.handled(),
    depths: recorder.depths,
    dead: await shop.dead(),
    fault,
    restoredAt,
    perSecond: ORDERS_PER_SECOND,
  });
  const look = lookOf(shell.stdout, shell.env);
  const width = Math.min(look.width, 100);
  shell.stdout.write("\nOrders waiting in the queue, second by second; the fault is marked below:\n\n");
  shell.stdout.write(`${plot(recorder.depths, { ...look, width, height: 8, windows: [fault] })}\n`);
  tell(shell, "What the shop's own books say, orders placed against orders in the function's log:");
  const [yes, no] = look.unicode ? ["✔", "✘"] : ["ok", "NOT"];
  for (const { holds, text } of found) {
    const mark = holds ? look.style.green(yes) : look.style.red(no);
    shell.stdout.write(
      `${wrap(text, width - 4)
        .map((line, i) => `  ${i === 0 ? mark : " "} ${line}`)
        .join("\n")}\n`,
    );
  }
  const all = found.every(({ holds }) => holds);
  tell(
    shell,
    all
      ? "So the queue held every order while the plug was out, and the function caught up by itself."
      : "So not everything held that the shop should have kept.",
  );
  return all ? exitCodes.done : exitCodes.unmet;
}

/** When the mapping was disabled, from the run's own report. */
async function readWindow(
  path: string,
): Promise<{ fault: { from: number; to: number }; restoredAt: number }> {
  const lines = (await readFile(path, "utf8")).trim().split("\n");
  const view = fold(lines.map((line): Recorded => JSON.parse(line)));
  const iteration = view.steps[0]?.iterations[0];
  const { confirmedAt, holdEndedAt, restoredAt } = iteration ?? {};
  if (confirmedAt == null || holdEndedAt == null || restoredAt == null)
    throw new Error("The run reports no fault window");
  return { fault: { from: confirmedAt, to: holdEndedAt }, restoredAt };
}

function tell(shell: Shell, text: string): void {
  const { width } = lookOf(shell.stdout, shell.env);
  shell.stdout.write(`\n${wrap(text, Math.min(width, 100)).join("\n")}\n`);
}

function ended(signal: AbortSignal, defect: unknown): number {
  if (defect !== null) throw defect;
  const reason: AbortRequest = signal.reason;
  return signalExitCode(reason.signal);
}
