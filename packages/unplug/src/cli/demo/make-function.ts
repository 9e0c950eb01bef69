import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import * as z from "zod";
import type { Clock } from "../../contract/clock.ts";

/** What a shop is built with. */
export interface Surroundings {
  /** One operation of AWS, by its name and in its JSON: the sandbox's, never a real account's. */
  readonly call: (action: string, input: Readonly<Record<string, unknown>>) => Promise<unknown>;
  readonly zip: (files: Readonly<Record<string, string>>) => Promise<Buffer>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Makes a Node.js function of one file, whose `handler` it is, and waits until it can be invoked. */
export async function makeFunction(
  { call, zip, clock, signal }: Surroundings,
  { name, code, ...settings }: { name: string; code: URL } & Readonly<Record<string, unknown>>,
): Promise<void> {
  const file = basename(code.pathname);
  await call("lambda:CreateFunction", {
    FunctionName: name,
    Runtime: "nodejs22.x",
    Handler: file.replace(".mjs", ".handler"),
    Role: `arn:aws:iam::000000000000:role/${name}`,
    ...settings,
    Code: { ZipFile: await zip({ [file]: await readFile(code, "utf8") }) },
  });
  const state = z.object({ Configuration: z.object({ State: z.string() }) });
  await until(clock, signal, async () => {
    const answer = await call("lambda:GetFunction", { FunctionName: name });
    return state.parse(answer).Configuration.State === "Active";
  });
}

/** Looks again and again until it holds, or `signal` is aborted. */
export async function until(clock: Clock, signal: AbortSignal, holds: () => Promise<boolean>): Promise<void> {
  while (!signal.aborted && !(await holds())) await clock.sleep(100, signal);
}

/** A line of a function's log. */
export interface LogEvent {
  readonly message: string;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
}

const page = z.object({
  events: z.array(z.object({ message: z.string(), timestamp: z.number() })),
  nextToken: z.string().optional(),
});

/** What a function's log says, read through CloudWatch Logs; in order of time. */
export async function readLog(
  { call }: Pick<Surroundings, "call">,
  name: string,
  filterPattern: string,
): Promise<readonly LogEvent[]> {
  const found: LogEvent[] = [];
  let token: string | undefined;
  do {
    const answer = await call("logs:FilterLogEvents", {
      logGroupName: `/aws/lambda/${name}`,
      filterPattern,
      ...(token === undefined ? {} : { nextToken: token }),
    });
    const { events, nextToken } = page.parse(answer);
    found.push(...events);
    token = nextToken;
  } while (token !== undefined);
  return found.toSorted((a, b) => a.timestamp - b.timestamp);
}
