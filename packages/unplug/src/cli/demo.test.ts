import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Running, start } from "./command-for-test.ts";

let folder: string;
let demo: Running;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "unplug-demo-test-"));
  // What would lead to a real account must not be used, nor the user's own journal.
  const real = {
    AWS_PROFILE: "production",
    AWS_ENDPOINT_URL: "http://127.0.0.1:1",
    UNPLUG_HOME: join(folder, "home"),
  };
  demo = start(["demo"], { PATH: process.env["PATH"], HOME: folder, TMPDIR: folder, LANG: "C", ...real });
});
afterEach(async () => {
  demo.child.kill("SIGKILL");
  await rm(folder, { recursive: true, force: true });
});

test("tells the whole story, proves it by counting, and leaves nothing", { timeout: 90_000 }, async () => {
  const { code, out, err } = await demo.ended;

  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toMatch(/ok Delivery stopped: nothing was handled from .* while \d+ orders/);
  expect(out).toMatch(/ok The backlog grew from \d+ to \d{3} orders\./);
  expect(out).toMatch(/ok It was drained .* after the mapping was enabled again\./);
  expect(out).toMatch(/ok None of \d{3} orders was lost\./);
  expect(await readdir(folder)).toEqual([]);
});

test("a signal in its middle restores, and leaves nothing either", { timeout: 60_000 }, async () => {
  await demo.says("held until");

  demo.child.kill("SIGINT");

  const { code, out } = await demo.ended;
  expect(code).toBe(130);
  expect(out).toContain("restore proved");
  expect(await readdir(folder)).toEqual([]);
});
