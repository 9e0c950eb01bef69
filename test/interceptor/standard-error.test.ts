import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect } from "vitest";
import type { InterceptorLine } from "../../packages/interceptor/src/index.ts";
import { openStage, type Stage } from "../interception/stage.ts";
import { blocking, by, linesIn, onStage, stepsProgram, take, withErrorsIn } from "./steps.ts";

const four = "10.99.0.2:8080";
const refuse = by(blocking(["10.99.0.2"]));
const attempt = ["socket a 4 tcp", `connect a ${four}`, "connect a 10.99.0.1:8080"];
let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
});

afterAll(() => stage.close());

function numbers(lines: readonly InterceptorLine[]): number[] {
  return lines.flatMap((line) => (line.kind === "blocked" ? [line.n] : []));
}

describe.concurrent("standard error", () => {
  for (const how of ["closed", "broken", "full", "broken-socket", "full-socket"]) {
    onStage().test(`that is ${how} ends nothing and holds up nothing, from the start`, async () => {
      const { results, ms } = await take(stage, refuse, [`stderr ${how}`, ...attempt, `burst 150 ${four}`]);

      expect(results).toEqual(["ok", "ok", "ECONNREFUSED", "ok", "R".repeat(150)]);
      expect(Math.max(...ms.slice(1))).toBeLessThan(10_000);
    });

    onStage().test(`that is ${how} ends nothing and holds up nothing, later on`, async () => {
      const { results, ms, lines } = await take(stage, refuse, [
        ...attempt,
        `stderr ${how}`,
        `burst 150 ${four}`,
      ]);

      expect(results).toEqual(["ok", "ECONNREFUSED", "ok", "ok", "R".repeat(150)]);
      expect(Math.max(...ms.slice(4))).toBeLessThan(10_000);
      expect(lines.map(({ kind }) => kind)).toEqual(["armed", "blocked"]);
    });
  }

  onStage().test("whose number a connection has got is not written to", async () => {
    for (const before of [[], attempt]) {
      const { results } = await take(stage, refuse, [
        ...before,
        "stderr connection",
        `burst 5 ${four}`,
        "peer",
      ]);
      expect(results.slice(before.length)).toEqual(["ok", "RRRRR", "EAGAIN"]);
    }
  });

  onStage().test("gets a hundred lines, and then one a second, so that gaps tell of the rest", async () => {
    const errors = join(stage.folder, "errors");
    // No file, and so nothing that a poll could find: it waits, and for more than a second.
    const args = [`burst 2000 ${four}`, "read-file n /nowhere", "poll n 1100", `burst 1000 ${four}`];
    const steps = { command: await stepsProgram(), args, env: refuse };
    const started = Date.now();
    await stage.run(withErrorsIn(errors, steps), 100_000);

    const said = numbers(linesIn(readFileSync(errors, "utf8")));
    const first = Array.from({ length: 100 }, (_, index) => index + 1);
    expect(said.slice(0, 100)).toEqual(first);
    expect(said).toEqual([...new Set(said)].toSorted((a, b) => a - b));
    // One with number 101, one when the second burst begins, and one for each second of the rest.
    const rest = said.slice(100);
    expect(rest[0]).toBe(101);
    expect(rest).toContain(2001);
    expect(rest.length).toBeLessThanOrEqual(2 + Math.floor((Date.now() - started) / 1000));
  });
});
