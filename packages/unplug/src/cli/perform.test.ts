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
  expect(script.out).toMatch(/^aws lambda update-event-source-mapping --uuid \S+ --enabled /m);

  const restored = await lab.run("restore", id);
  expect(restored).toMatchObject({ code: 0, err: "" });
  expect(lab.delivering()).toBe(1);
  expect((await lab.run("restore")).out).toContain("Nothing to restore");
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

test("without its journal a run is restored from the marker, on a human's word while it may be alive", async () => {
  const run = lab.start(...long);
  await run.says("held until");
  run.child.kill("SIGKILL");
  const id = runOf((await run.ended).out);

  const byHand = await lab.run("restore", "--function", "orders", "--region", "us-east-1");
  expect(byHand.code).toBe(3);
  expect(byHand.err).toContain("add --yes");
  expect(lab.delivering()).toBe(0);

  expect((await lab.run("restore", id)).code).toBe(0);
});

test("tells of what AWS answers, with what to do about it", async () => {
  const { code, err } = await lab.run("plan", FAULT, "FUNCTION_NAME=nope", "EVENT_UUIDS=all");

  expect(code).toBe(3);
  expect(err).toContain("Function nope does not exist");
});
