import { expect, test } from "vitest";
import type { Action, Aws, OutputOf } from "../contract/aws.ts";
import { countKeys } from "./backlog-keys.ts";

/** Logs that hold one line each. */
function logsOf(lines: Readonly<Record<string, string>>): Aws {
  return {
    async call<A extends Action>(_action: A, input: unknown): Promise<OutputOf<A>> {
      const { logGroupName } = Object(input);
      return { events: [{ message: lines[logGroupName] ?? "", timestamp: 5 }] } as OutputOf<A>;
    },
  };
}

test("keys are counted however many there are", async () => {
  const keys = Array.from({ length: 200_000 }, (_, i) => `k=${i}`).join(" ");
  const aws = logsOf({ out: `${keys} k=lost`, back: `${keys} k=7` });

  const counts = await countKeys(
    { sent: { logGroup: "out", pattern: "k=(\\w+)" }, received: { logGroup: "back", pattern: "k=(\\w+)" } },
    { since: 0, until: 10, now: 10 },
    { aws, signal: new AbortController().signal },
  );

  expect(counts).toEqual({ unreceived: 1, overtaken: 0, duplicates: 1 });
});
