import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { commandLab, FAULT } from "./command-for-test.ts";

let lab: Awaited<ReturnType<typeof commandLab>>;
beforeAll(async () => {
  lab = await commandLab();
});
afterAll(() => lab.close());

const short = [
  "fault",
  FAULT,
  "FUNCTION_NAME=orders",
  "EVENT_UUIDS=all",
  "TOTAL_CHAOS_DURATION=1",
  "DRAIN_TIMEOUT=0",
];
const long = [...short.slice(0, 4), "TOTAL_CHAOS_DURATION=600"];
const runOf = (out: string) => /run (r-\d{8}-\d{4}-\w{4})/.exec(out)?.[1] ?? "no run";

test("a run prints its plan before it unplugs, its report after, and writes both down", async () => {
  const folder = join(lab.folder, "out");

  const { code, out, err } = await lab.run(...short, "--out", folder);

  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out.indexOf("aws lambda update-event-source-mapping")).toBeLessThan(out.indexOf("accepted"));
  expect(out).toContain("PASSED");
  expect(JSON.parse(await readFile(join(folder, "result.json"), "utf8"))).toMatchObject({
    verdict: "passed",
    exitCode: 0,
  });
  expect(await readFile(join(folder, "summary.txt"), "utf8")).toContain("PASSED");
  const events = (await readFile(join(folder, "events.ndjson"), "utf8")).trim().split("\n");
  expect(JSON.parse(events.at(-1) ?? "").event.type).toBe("run.closed");
  expect(lab.delivering()).toBe(1);
});

test("--format json leaves one object on stdout, ndjson the events; people's text goes to stderr", async () => {
  const json = await lab.run(...short, "--format", "json");
  expect(JSON.parse(json.out)).toMatchObject({ injection: "confirmed", restore: "proved" });
  expect(json.err).toContain("PASSED");

  const ndjson = await lab.run(...short, "--format", "ndjson");
  const types = ndjson.out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line).event.type);
  expect([types.at(0), types.at(-1)]).toEqual(["run.started", "run.closed"]);
});

test("a signal ends the hold, restores, and gives its exit code; a second one skips nothing", async () => {
  const run = lab.start(...long);
  await run.says("held until");
  expect(lab.delivering()).toBe(0);

  run.child.kill("SIGINT");
  await run.says("SIGINT: nothing more is injected");
  run.child.kill("SIGTERM");

  expect((await run.ended).code).toBe(130);
  expect(lab.delivering()).toBe(1);
});

test("a run whose reader went away goes on and restores", async () => {
  const run = lab.start(...short);
  await run.says("held until");

  run.child.stdout?.destroy();

  expect((await run.ended).code).toBe(0);
  expect(lab.delivering()).toBe(1);
});

test("another process aborts a run, and waits until it is restored", async () => {
  const run = lab.start(...long);
  await run.says("held until");
  const { out } = await lab.run("runs", "--format", "json");

  const abort = await lab.run("abort", JSON.parse(out)[0].runId);

  expect(abort).toMatchObject({ code: 0, err: "" });
  expect(abort.out).toContain("everything is put back and proved");
  expect((await run.ended).code).toBe(5);
});

test("a killed run is announced, refuses the next one, and is finished by restore", async () => {
  const run = lab.start(...long);
  await run.says("held until");
  run.child.kill("SIGKILL");
  const id = runOf((await run.ended).out);
  expect(lab.delivering()).toBe(0);

  const next = await lab.run(...short);
  expect(next.code).toBe(3);
  expect(next.err).toContain(`Finish it: unplug restore ${id}`);
  const script = await lab.run("show", id, "--as", "aws-cli");
  expect(script.out).toMatch(/^try aws lambda update-event-source-mapping --uuid \S+ --enabled /m);

  const restored = await lab.run("restore", id);
  expect(restored).toMatchObject({ code: 0, err: "" });
  expect(lab.delivering()).toBe(1);
  expect((await lab.run("restore")).out).toContain("Nothing to restore");
});

test("a run that goes on is shown as such, in every form", async () => {
  const run = lab.start(...long);
  await run.says("held until");
  const { out } = await lab.run("runs", "--format", "json");
  const id = JSON.parse(out)[0].runId;

  const text = await lab.run("show", id);
  expect(text.code).toBe(0);
  expect(text.out).toMatch(new RegExp(`goes on: holding until .* UTC; end it with: unplug abort ${id}\n$`));
  expect(text.out).not.toContain("ERROR");
  expect(JSON.parse((await lab.run("show", id, "--format", "json")).out)).toMatchObject({
    state: "running",
    verdict: null,
    steps: [{ state: "running", restore: null }],
  });
  const script = await lab.run("show", id, "--as", "aws-cli");
  expect(script.out).toMatch(new RegExp(`^#!/bin/sh\n# Run ${id} is alive`));
  expect(script.err).toContain(`Run ${id} is alive`);

  run.child.kill("SIGINT");
  await run.ended;
});

test("a dead run is forgotten on somebody's word, its targets are free, and restore still takes it out", async () => {
  const run = lab.start(...long);
  await run.says("held until");
  run.child.kill("SIGKILL");
  const id = runOf((await run.ended).out);
  const refused = await lab.run("abort", id);
  expect(refused).toMatchObject({ code: 3, out: "" });
  expect(refused.err).toContain(`unplug abort ${id} --leave`);

  const left = await lab.run("abort", id, "--leave");

  expect({ code: left.code, err: left.err }).toEqual({ code: 4, err: "" });
  expect(left.out).toMatch(/^ {2}aws lambda update-event-source-mapping --uuid \S+ --enabled /m);
  expect(left.out).toContain("left in on the word of");
  expect(lab.delivering()).toBe(0);
  const runs = await lab.run("runs");
  expect(runs).toMatchObject({ code: 0, err: "" });
  expect(runs.out).not.toContain("unplug restore");
  expect((await lab.run("abort", id)).code).toBe(4);
  expect((await lab.run("restore", id)).code).toBe(0);
  expect(lab.delivering()).toBe(1);
  expect((await lab.run("abort", id)).out).toContain("left nothing");
});

test("--restore-leftovers finishes the dead run first", async () => {
  const run = lab.start(...long);
  await run.says("held until");
  run.child.kill("SIGKILL");
  await run.ended;

  const next = await lab.run(...short, "--restore-leftovers");

  expect({ code: next.code, err: next.err }).toEqual({ code: 0, err: "" });
  expect(lab.delivering()).toBe(1);
});

test("a restore without a journal refuses what this journal knows, and names the run", async () => {
  const run = lab.start(...long);
  await run.says("held until");
  run.child.kill("SIGKILL");
  const id = runOf((await run.ended).out);

  const byHand = await lab.run("restore", "--function", "orders", "--region", "us-east-1");
  expect(byHand.code).toBe(3);
  expect(byHand.err).toContain(`unplug restore ${id}`);
  expect(lab.delivering()).toBe(0);

  expect((await lab.run("restore", id)).code).toBe(0);
});

test("tells of what AWS answers, with what to do about it", async () => {
  const { code, err } = await lab.run("plan", FAULT, "FUNCTION_NAME=nope", "EVENT_UUIDS=all");

  expect(code).toBe(3);
  expect(err).toContain("Function nope does not exist");
  const byHand = await lab.run("restore", "--function", "nope", "--region", "us-east-1");
  expect(byHand.code).toBe(3);
  expect(byHand.err).toContain("Enumerate them with: aws lambda list-functions --region us-east-1");
  const mars = await lab.run("restore", "--function", "orders", "--region", "mars");
  expect(mars.code).toBe(2);
  expect(mars.err).toContain('must be a region\'s name, like us-east-1, not "mars"');
});
