// The shop's Lambda function: it is handed orders from the queue, and handles each in about 50 ms.
//
// Its log is the shop's own book: one line with the id of each order that it has handled. The demo counts these lines
// against the orders that were placed, so that what it says of lost and doubled orders does not rest on Unplug.
import { setTimeout as work } from "node:timers/promises";

const WORK_MS = 50;

/** One invocation: a batch of up to ten orders from the queue. */
export async function handler(event) {
  for (const record of event.Records) {
    const { order } = JSON.parse(record.body);
    await handle(order);
  }
  return { handled: event.Records.length };
}

async function handle(order) {
  await work(WORK_MS);
  console.log(`handled ${order}`);
}
