import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect } from "vitest";
import { newTally, readTally } from "../../packages/interceptor/src/index.ts";
import { openStage, type Stage } from "../interception/stage.ts";
import { blocking, by, onStage, program, take } from "./steps.ts";

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
});

afterAll(() => stage.close());

/** A letter for each of so many connects: R refused, C let through. */
async function thrown(count: number, env: Readonly<Record<string, string>>): Promise<string> {
  const { results } = await take(stage, env, [`burst ${count} 10.99.0.2:8080`]);
  return results[0] ?? "";
}

function percentage(percent: number, ...more: readonly string[]): Readonly<Record<string, string>> {
  return by(blocking(["10.99.0.2"], `percentage=${percent}`, ...more));
}

onStage().test("half of the connects are blocked, the same ones each time", async () => {
  const [first, second, other, unseeded] = await Promise.all([
    thrown(1000, percentage(50, "seed=7")),
    thrown(1000, percentage(50, "seed=7")),
    thrown(1000, percentage(50, "seed=8")),
    thrown(1000, percentage(50)),
  ]);

  expect(first).toMatch(/^[RC]{1000}$/);
  expect(second).toBe(first);
  for (const sequence of [first, other, unseeded]) {
    // Five standard deviations.
    expect(Math.abs(sequence.replaceAll("C", "").length - 500)).toBeLessThan(80);
  }
  expect(new Set([first, other, unseeded]).size).toBe(3);
});

onStage().test("environments of one function do not throw the same dice", async () => {
  const env = percentage(50, "seed=7");
  const streams = ["2026/01/01/[$LATEST]aaaa", "2026/01/01/[$LATEST]aaab", "2026/01/01/[$LATEST]aaaa"];
  const [one, another, again] = await Promise.all(
    streams.map((stream) => thrown(200, { ...env, AWS_LAMBDA_LOG_STREAM_NAME: stream })),
  );

  expect(one).not.toBe(another);
  expect(again).toBe(one);
});

onStage().test("none at 0, all at 100, and what the dice let through is counted", async () => {
  const path = join(stage.folder, "dice");
  writeFileSync(path, newTally(1));
  const some = await thrown(400, percentage(30, "seed=1", `tally=${path}`));
  const blocked = some.replaceAll("C", "").length;

  expect(await thrown(50, percentage(0))).toBe("C".repeat(50));
  expect(await thrown(50, percentage(100))).toBe("R".repeat(50));
  expect(blocked).toBeGreaterThan(70);
  expect(blocked).toBeLessThan(170);
  expect(readTally(readFileSync(path), 1)).toMatchObject({ blocked, spared: 400 - blocked, other: 0 });
});

onStage().test("processes of one run throw different dice, and the same ones in the next run", async () => {
  const runs: string[][] = [];
  for (const name of ["first", "second"]) {
    const path = join(stage.folder, `dice-${name}`);
    writeFileSync(path, newTally(1));
    const env = percentage(50, "seed=7", `tally=${path}`);
    runs.push([await thrown(200, env), await thrown(200, env)]);
  }

  expect(runs[0]).toEqual(runs[1]);
  expect(runs[0]?.[0]).not.toBe(runs[0]?.[1]);
});

onStage().test("a process that is forked off throws dice of its own", async () => {
  const path = join(stage.folder, "dice-forked");
  const outcomes: string[] = [];
  for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
    writeFileSync(path, newTally(1));
    const env = percentage(50, `seed=${seed}`, `tally=${path}`);
    const args = ["10.99.0.2:8080", "10.99.0.1:8080"];
    const { stdout } = await stage.run({ command: await program(["family.c"]), args, env }, 100_000);
    outcomes.push(stdout.replace(/ \d+:/g, ":"));
  }
  // The child's first and what the parent throws next: with the same dice they would always be alike.
  const alike = outcomes.map((text) => {
    const [, child, , , parent] = text.split("\n").map((line) => line.split(" ")[1]);
    return child === parent;
  });

  expect(alike).toContain(false);
});
