import { afterAll, beforeAll, describe, expect } from "vitest";
import { openStage, type Stage } from "../interception/stage.ts";
import { needs } from "../support/needs.ts";
import { blockedIn, blocking, by, onStage, stepsProgram, take } from "./steps.ts";

const four = "10.99.0.2:8080";
let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
  // What it takes to build them is not to pass before they connect.
  if (needs("gcc").path !== null) await stepsProgram();
});

afterAll(() => stage.close());

/** Unix time in whole seconds that is from 3 s to 4 s ahead: long enough for a program to start and connect on a machine that is busy. */
function soon(): number {
  return Math.ceil(Date.now() / 1000) + 3;
}

describe.concurrent("at the end of the fault,", () => {
  onStage().test("everything passes, in a process that goes on", async () => {
    const until = soon();
    const { results, lines } = await take(
      stage,
      by(blocking([], `until=${until}`)),
      [
        ["socket a 4 tcp", `connect a ${four}`],
        `until ${until}`,
        [`connect a ${four}`, "socket b 4 tcp", `connect b ${four}`],
      ].flat(),
    );

    expect(results).toEqual(["ok", "ECONNREFUSED", "ok", "ok", "ok", "ok"]);
    expect(lines.map(({ kind }) => kind)).toEqual(["armed", "blocked"]);
    expect(lines[0]).toMatchObject({ untilSeconds: until });
  });

  onStage().test("what hangs comes to its end, too, and the next connect passes", async () => {
    const until = soon();
    const env = by(blocking(["10.99.0.2"], "behavior=hang", `until=${until}`));
    const { results, ms } = await take(
      stage,
      env,
      [["socket a 4 tcp", `connect a ${four}`, "socket b 4 tcp", `connect b ${four}`]].flat(),
    );

    expect(results).toEqual(["ok", "ETIMEDOUT", "ok", "ok"]);
    expect(ms[1]).toBeGreaterThanOrEqual(900);
    // The kernel looks after a second at the earliest; the machine may be busy besides.
    expect(Date.now() / 1000).toBeGreaterThanOrEqual(until);
    expect(Date.now() / 1000).toBeLessThan(until + 10);
  });

  onStage().test("a pending connect of an event loop is told so", async () => {
    const until = soon();
    const env = by(blocking(["10.99.0.2"], "behavior=hang", `until=${until}`));
    const { results, lines } = await take(
      stage,
      env,
      [["socket a 4 tcp nonblock", `connect a ${four}`, "edge a 20000", "error a"]].flat(),
    );

    expect(results).toEqual(["ok", "EINPROGRESS", "OUT ERR HUP", "ETIMEDOUT"]);
    expect(blockedIn(lines)).toHaveLength(1);
  });
});
