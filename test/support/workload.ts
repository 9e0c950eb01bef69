import { type Lab, waitFor } from "./lab.ts";

/** Handles each message by naming it in its log. */
export const CONSUMER = `export const handler = async ({ Records }) => {
  for (const { body } of Records) console.log("handled " + body);
};`;

/** Somebody who places messages on a queue, so many a second, until stopped. */
export interface Producer {
  readonly sent: readonly string[];
  stop(): Promise<void>;
}

const TICK_MS = 200;

export function produce(lab: Lab, queue: string, perSecond: number): Producer {
  const sent: string[] = [];
  const started = Date.now();
  let stopped = false;
  const work = (async () => {
    while (!stopped) {
      const due = Math.floor(((Date.now() - started) * perSecond) / 1000) - sent.length;
      const bodies = Array.from({ length: due }, (_, i) => `order-${sent.length + i}`);
      sent.push(...bodies);
      await lab.send(queue, bodies);
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    }
  })();
  return {
    sent,
    stop: () => {
      stopped = true;
      return work;
    },
  };
}

/** What the function's log says that it handled, in that order. */
async function handledBy(lab: Lab, name: string): Promise<readonly string[]> {
  const bodies: string[] = [];
  let nextToken: unknown;
  do {
    const page: Readonly<Record<string, unknown>> = await lab
      .call("logs:FilterLogEvents", {
        logGroupName: `/aws/lambda/${name}`,
        filterPattern: "handled",
        ...(nextToken === undefined ? {} : { nextToken }),
      })
      .catch(() => ({}));
    const events: unknown = page["events"];
    for (const event of Array.isArray(events) ? events : []) {
      const body = /handled (\S+)/.exec(String(Object(event).message))?.[1];
      if (body !== undefined) bodies.push(body);
    }
    nextToken = page["nextToken"];
  } while (nextToken !== undefined);
  return bodies;
}

/** Resolves when the function has handled all of `bodies`. */
export function handlesAll(lab: Lab, name: string, bodies: readonly string[]): Promise<void> {
  return waitFor(async () => {
    const handled = new Set(await handledBy(lab, name));
    return bodies.every((body) => handled.has(body));
  });
}
