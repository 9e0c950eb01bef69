import { afterAll, beforeAll, describe, expect } from "vitest";
import { openStage, type Stage } from "../interception/stage.ts";
import { blockedIn, blocking, by, onStage, take } from "./steps.ts";

const targets = ["10.99.0.2", "2001:db8:99::2"];
const four = "10.99.0.2:8080";
const six = "[2001:db8:99::2]:8080";
const refuse = by(blocking(targets));
const timeout = by(blocking(targets, "behavior=timeout", "timeout-ms=1000"));
const hang = by(blocking(targets, "behavior=hang"));
let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
});

afterAll(() => stage.close());

describe.concurrent("what the program has set for its socket holds:", () => {
  onStage().test("a time-out that is shorter than the fault's", async () => {
    const { results, ms } = await take(stage, hang, [
      "socket a 4 tcp",
      "option a user-timeout 1200",
      `connect a ${four}`,
      "option a user-timeout",
    ]);

    expect(results).toEqual(["ok", "ok", "ETIMEDOUT", "1200"]);
    expect(ms[2]).toBeGreaterThanOrEqual(1190);
    expect(ms[2]).toBeLessThan(20_000);
  });

  for (const [name, env, outcome] of [
    ["refuse", refuse, "ECONNREFUSED"],
    ["timeout", timeout, "ETIMEDOUT"],
  ] as const) {
    onStage().test(`an address that it is bound to, ${name}`, async () => {
      const { results } = await take(
        stage,
        env,
        [
          ["socket a 4 tcp", "bind a 10.99.0.5:0", `connect a ${four}`],
          ["socket b 6 tcp", "bind b [2001:db8:99::5]:0", `connect b ${six}`],
          ["socket c 4 tcp", "bind c 10.99.0.5:0", "connect c 10.99.0.1:8080"],
        ].flat(),
      );

      expect(results).toEqual(["ok", "ok", outcome, "ok", "ok", outcome, "ok", "ok", "ok"]);
    });
  }

  onStage().test("an interface that it is bound to, over which it cannot be led elsewhere", async () => {
    const steps = ["socket a 4 tcp", "option a interface lo", `connect a ${four}`];
    const refused = await take(stage, refuse, steps);
    const passed = await take(stage, timeout, steps);

    expect(refused.results).toEqual(["ok", "ok", "ECONNREFUSED"]);
    expect(passed.results).toEqual(["ok", "ok", "ok"]);
    expect(passed.lines.map(({ kind }) => kind)).toEqual(["armed", "warning"]);
  });
});

onStage().test("what the kernel would not connect at all is left to it", async () => {
  const steps = [
    ["socket a 4 tcp", `connect a ${six}`, "socket b 6 tcp", `connect b ${four}`],
    ["socket c 6 tcp", "option c v6only 1", "connect c [::ffff:10.99.0.2]:8080"],
  ].flat();
  const plain = await take(stage, {}, steps);

  expect(plain.results).not.toContain("ECONNREFUSED");
  for (const env of [refuse, timeout]) {
    const { results, lines } = await take(stage, env, steps);
    expect(results).toEqual(plain.results);
    expect(blockedIn(lines)).toEqual([]);
  }
});
