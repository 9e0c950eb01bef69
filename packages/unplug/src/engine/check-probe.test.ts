import { expect, test } from "vitest";
import * as z from "zod";
import { VirtualClock } from "../../../../test/support/virtual-clock.ts";
import type { AnyProbe, Measures, ProbeAnswer, ProbeSpec } from "../contract/probe.ts";
import { checkProbe } from "./check-probe.ts";

const spec: ProbeSpec = {
  name: "p",
  type: "told",
  mode: "OnChaos",
  settings: {},
  expect: [{ measure: "json.page", operator: "contains", value: "the end" }],
  run: {
    timeoutMs: 2_000,
    intervalMs: 1_000,
    attempts: 1,
    initialDelayMs: 0,
    tolerate: 0,
    stopOnFailure: false,
  },
  lagMs: 0,
  missing: "fail",
};

function told(check: AnyProbe["check"], more: Partial<AnyProbe> = {}): AnyProbe {
  const measures = {
    code: { kind: "number", description: "" },
    body: { kind: "text", description: "" },
    "json.*": { kind: "any", description: "" },
  } as const;
  return {
    type: "told",
    summary: "",
    settings: z.strictObject({}),
    measures,
    expects: null,
    example: { settings: {} },
    check,
    ...more,
  };
}

async function checkOf(probe: AnyProbe) {
  const clock = new VirtualClock();
  const nobody = () => Promise.reject(new Error("not here"));
  const io = { clock, aws: nobody, secret: nobody, file: nobody, command: nobody };
  const ready = { key: "k", step: null, role: "hypothesis" as const, spec, probe, settings: {}, io };
  const checking = checkProbe(
    ready,
    { phase: "fault", about: 0, since: 0, mayRetry: () => true },
    new AbortController().signal,
  );
  await clock.run(checking);
  return (await checking)?.check;
}

const answer = (measures: Measures) => (): Promise<ProbeAnswer> => Promise.resolve({ measures });

test("what was judged is kept, and every number of the type's own; of a long text its beginning", async () => {
  const page = `${"a".repeat(5_000)}the end`;

  const check = await checkOf(told(answer({ code: 200, body: page, "json.page": page, "json.count": 3 })));

  expect(check?.result).toBe("passed");
  expect(check?.measures).toEqual({ code: 200, "json.page": `${"a".repeat(1_000)}…` });
});

test("no answer in time is a failure, or an error where nobody could be asked", async () => {
  const never = () => new Promise<ProbeAnswer>(() => undefined);

  expect(await checkOf(told(never))).toMatchObject({
    result: "failed",
    text: "there was no answer within 2 s",
  });
  expect(await checkOf(told(never, { late: "error" }))).toMatchObject({
    result: "errored",
    text: "there was no answer within 2 s",
  });
});
