import { systemClock } from "../../contract/clock.ts";
import { plot } from "../../report/plot.ts";
import { exitCodes } from "../exit-codes.ts";
import { lookOf } from "../look.ts";
import type { Shell } from "../shell.ts";
import { type DepthRecorder, recordDepth } from "./depth-recorder.ts";
import { type Producer, startProducer } from "./producer.ts";
import { claims } from "./proof.ts";
import { FUNCTION_NAME, openShop, type Shop } from "./shop.ts";
import { onStage, type Stage } from "./stage.ts";
import { tell, tellClaims, widthOf } from "./told.ts";

const ORDERS_PER_SECOND = 20;
const HEALTHY_MS = 4_000;
const HOLD_SECONDS = 12;
const DRAIN_MS = 15_000;

/** The queue's story from its healthy state to the proof that no order was lost; all in this process and /tmp. */
export function toggleStory(shell: Shell): Promise<number> {
  return onStage(shell, (stage) => play(shell, stage));
}

async function play(shell: Shell, stage: Stage): Promise<number> {
  tell(shell, INTRODUCTION);
  const { signal } = stage;
  const shop = await openShop({ ...stage, clock: systemClock });
  const producer = startProducer(shop, { perSecond: ORDERS_PER_SECOND, clock: systemClock });
  const recorder = recordDepth(shop, systemClock);
  stage.defer(() => Promise.allSettled([producer.stop(), recorder.stop()]).then(() => undefined));

  await systemClock.sleep(HEALTHY_MS, signal);
  if (signal.aborted) return exitCodes.done;
  const code = await stage.experiment("orders.yaml", experiment(stage.region));
  if (signal.aborted || code !== exitCodes.done) return code;
  return await judge({ shell, stage, shop, producer, recorder });
}

/** What the shop's owner expects, for Unplug to judge; the books below judge it again, and know nothing of Unplug. */
function experiment(region: string): string {
  return `apiVersion: unplug.dev/v1
kind: Experiment
metadata: { name: orders-survive-a-pause }
spec:
  description: Orders wait while the queue does not deliver, and are handled soon after.
  steps:
    - fault: lambda-toggle-event-mapping-state
      tunables:
        { FUNCTION_NAME: ${FUNCTION_NAME}, REGION: ${region}, EVENT_UUIDS: all, TOTAL_CHAOS_DURATION: ${HOLD_SECONDS} }
  probes:
    - name: backlog
      type: backlog
      mode: OnChaos
      backlog: { queue: orders }
      expect: { depth: { rises: ${ORDERS_PER_SECOND * 2}, returns: ${DRAIN_MS / 1000}s } }
      run: { interval: 1s }
`;
}

const INTRODUCTION =
  `A small shop opens on this machine: a queue of orders, a Lambda function that handles each order in about 50 ms, ` +
  `and customers who place ${ORDERS_PER_SECOND} orders a second. No AWS account is touched. ` +
  `The question: when the queue stops delivering to the function for a while, is an order lost?`;

async function judge(input: {
  shell: Shell;
  stage: Stage;
  shop: Shop;
  producer: Producer;
  recorder: DepthRecorder;
}): Promise<number> {
  const { shell, stage, shop, producer, recorder } = input;
  const { signal } = stage;
  await producer.stop();
  const patience = systemClock.now() + DRAIN_MS;
  while (!signal.aborted && systemClock.now() < patience && (await shop.unfinished()) > 0) {
    await systemClock.sleep(250, signal);
  }
  await recorder.stop();
  const { window: fault, restoredAt } = await stage.lastFault();
  const found = claims({
    placed: producer.placed,
    handled: await shop.handled(),
    depths: recorder.depths,
    dead: await shop.dead(),
    fault,
    restoredAt,
    perSecond: ORDERS_PER_SECOND,
  });
  const look = { ...lookOf(shell.stdout, shell.env), width: widthOf(shell) };
  shell.stdout.write("\nOrders waiting in the queue, second by second; the fault is marked below:\n\n");
  shell.stdout.write(`${plot(recorder.depths, { ...look, height: 8, windows: [fault] })}\n`);
  tell(shell, "What the shop's own books say, orders placed against orders in the function's log:");
  const all = tellClaims(shell, found);
  tell(
    shell,
    all
      ? "So the queue held every order while the plug was out, and the function caught up by itself."
      : "So not everything held that the shop should have kept.",
  );
  return all ? exitCodes.done : exitCodes.unmet;
}
