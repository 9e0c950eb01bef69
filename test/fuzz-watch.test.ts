import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { mutated } from "../scripts/fuzz/mutated.ts";
import { targets } from "../scripts/fuzz/targets.ts";
import { fuzzWatched, usualLimits } from "../scripts/fuzz/watched.ts";

const folder = mkdtempSync(join(tmpdir(), "unplug-fuzz-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const made = join(folder, "targets.mjs");
writeFileSync(
  made,
  `const target = (name, read, refuses) => ({ name, samples: () => [Buffer.from("sound")], read, refuses });
export const targets = [
  target("sound", (input) => { if (!input.equals(Buffer.from("sound"))) throw new SyntaxError("none"); }, (error) => error instanceof SyntaxError),
  target("endless", (input) => { while (!input.equals(Buffer.from("sound"))); }),
  target("still", (input) => input.equals(Buffer.from("sound")) ? null : new Promise((resolve) => setTimeout(resolve, 600_000))),
  target("throws", (input) => { if (!input.equals(Buffer.from("sound"))) throw new TypeError("of undefined"); }, (error) => error instanceof SyntaxError),
  target("refuses", () => { throw new SyntaxError("none"); }, () => true),
  target("dies", (input) => { if (!input.equals(Buffer.from("sound"))) process.kill(process.pid, "SIGSEGV"); }),
];`,
);

const watch = (name: string, more = {}) =>
  fuzzWatched(made, name, { ...usualLimits, seed: "7", ms: 100, kept: join(folder, "kept", name), ...more });

describe.concurrent("a target", () => {
  it("that ends, and refuses as it says, is fine", async () => {
    const { told, problem } = await watch("sound");
    expect(problem).toBeNull();
    expect(told.runs).toBeGreaterThan(1);
    expect(told.accepted).toBeGreaterThan(0);
  });

  it.each([
    ["endless", /does not end: \d+ ms of CPU for one input|does not end: nothing after/, { cpuMs: 400 }],
    ["still", /does not end: nothing after \d+ ms/, { stillMs: 2_000 }],
    ["throws", /TypeError: of undefined/, {}],
    ["dies", /it ended with SIGSEGV/, {}],
  ])("that %s is told with its seed, and its input is kept", async (name, message, limits) => {
    const { problem } = await watch(name, limits);
    expect(problem).toMatch(message);
    expect(problem).toMatch(new RegExp(`\\(seed 7, input 1 of \\d+ bytes, kept as .*${name}-7-1\\)$`));
    const kept = join(folder, "kept", name);
    expect(readdirSync(kept)).toEqual([`${name}-7-1`]);
    const input = readFileSync(join(kept, `${name}-7-1`));
    expect(input.equals(mutated([Buffer.from("sound")], `7/${name}/1`))).toBe(true);
  });

  it("whose samples are refused tests nothing", async () => {
    const { problem } = await watch("refuses");
    expect(problem).toContain("a sample is refused: SyntaxError: none");
  });
});

it("has a name of its own, and an input is the same for the same seed", () => {
  const names = targets.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  const samples = [Buffer.from("one 1, two 22"), Buffer.alloc(300, "x")];
  const many = Array.from({ length: 200 }, (_, i) => mutated(samples, `1/a/${i}`, { mostBytes: 5_000 }));
  expect(many).toEqual(many.map((_, i) => mutated(samples, `1/a/${i}`, { mostBytes: 5_000 })));
  expect(new Set(many.map((one) => one.toString("latin1"))).size).toBeGreaterThan(150);
  expect(Math.max(...many.map(({ length }) => length))).toBeLessThanOrEqual(5_000);
});
