import * as z from "zod";
import type { Aws } from "../contract/aws.ts";
import { greatest } from "../contract/statistics.ts";

/** Pages of a log that are read; what is longer is not counted. */
const MOST_PAGES = 100;

const lines = z.strictObject({
  logGroup: z.string().min(1).describe("Log group with the lines"),
  pattern: z
    .string()
    .refine(isPatternWithGroup, "must be a regular expression with one group, which is the key")
    .describe("Regular expression; its first group is the key"),
  filter: z
    .string()
    .min(1)
    .optional()
    .describe("Filter pattern of CloudWatch Logs, so that fewer lines are read"),
});

export const keysSetting = z
  .strictObject({ sent: lines, received: lines })
  .describe("Evidence for lost and duplicates: a key in each line that tells of a message sent, or received");

type Keys = z.output<typeof keysSetting>;

function isPatternWithGroup(text: string): boolean {
  try {
    return (new RegExp(`${text}|`, "u").exec("")?.length ?? 0) > 1;
  } catch {
    return false;
  }
}

/** How often each key was there, and when first. Milliseconds since 1970. */
interface KeyLines {
  readonly keys: ReadonlyMap<string, { readonly count: number; readonly first: number }>;
  readonly isCut: boolean;
}

/** What the logs say. */
export interface KeyCounts {
  /** Keys that were sent, and that nobody has received. */
  readonly unreceived: number;
  /** Of those, the ones that were sent before another that was received. */
  readonly overtaken: number;
  /** Receptions beyond the first of each key that was sent. */
  readonly duplicates: number;
}

/** Counts the keys since an instant, null where the logs are too long to be read; those sent after `until` are still on their way. Milliseconds since 1970. Throws AwsError. */
export async function countKeys(
  keys: Keys,
  window: { readonly since: number; readonly until: number; readonly now: number },
  io: { readonly aws: Aws; readonly signal: AbortSignal },
): Promise<KeyCounts | null> {
  const [out, back] = await Promise.all([
    readKeys(keys.sent, { from: window.since, to: window.until }, io),
    readKeys(keys.received, { from: window.since, to: window.now }, io),
  ]);
  if (out.isCut || back.isCut) return null;
  const all = [...out.keys];
  const received = all.filter(([key]) => back.keys.has(key));
  const newest = greatest(received.map(([, { first }]) => first));
  const unreceived = all.filter(([key]) => !back.keys.has(key));
  return {
    unreceived: unreceived.length,
    overtaken: unreceived.filter(([, { first }]) => first < newest).length,
    // Whoever sends a key twice wants it received twice.
    duplicates: received
      .map(([key, { count }]) => Math.max(0, (back.keys.get(key)?.count ?? 0) - count))
      .reduce((total, more) => total + more, 0),
  };
}

async function readKeys(
  { logGroup, pattern, filter }: Keys["sent"],
  { from, to }: { readonly from: number; readonly to: number },
  { aws, signal }: { readonly aws: Aws; readonly signal: AbortSignal },
): Promise<KeyLines> {
  const regex = new RegExp(pattern, "gu");
  const keys = new Map<string, { count: number; first: number }>();
  let nextToken: string | undefined;
  let pages = 0;
  do {
    const answer = await aws.call(
      "logs:FilterLogEvents",
      {
        logGroupName: logGroup,
        startTime: from,
        endTime: to,
        ...(filter === undefined ? {} : { filterPattern: filter }),
        ...(nextToken === undefined ? {} : { nextToken }),
      },
      signal,
    );
    for (const { message = "", timestamp = 0 } of answer.events ?? []) {
      for (const [, key] of message.matchAll(regex)) {
        if (key === undefined) continue;
        const known = keys.get(key);
        keys.set(key, {
          count: (known?.count ?? 0) + 1,
          first: Math.min(known?.first ?? timestamp, timestamp),
        });
      }
    }
    nextToken = answer.nextToken;
    pages += 1;
  } while (nextToken !== undefined && pages < MOST_PAGES);
  return { keys, isCut: nextToken !== undefined };
}
