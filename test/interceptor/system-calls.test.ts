import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { openStage, type Stage } from "../interception/stage.ts";
import { needs } from "../support/needs.ts";
import { blocking, by, object, onStage, stepsProgram, take } from "./steps.ts";

const four = "10.99.0.2:8080";
const six = "[2001:db8:99::2]:8080";
let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
});

afterAll(() => stage.close());

/** The names of the system calls of the steps, in order, without those of the first step and of what was before it. */
async function callsOf(
  env: Readonly<Record<string, string>>,
  steps: readonly string[],
  name: string,
): Promise<string[]> {
  const log = join(stage.folder, name);
  const variables = Object.entries(env).flatMap(([key, value]) => ["-E", `${key}=${value}`]);
  const args = ["-qq", "-o", log, ...variables, await stepsProgram(), "connect a 10.99.0.1:8080", ...steps];
  const { code, stderr } = await stage.run({ command: needs("strace").path ?? "", args, env: {} }, 100_000);
  if (code !== 0) throw new Error(`strace ended with exit code ${code}: ${stderr}`);
  const calls = readFileSync(log, "utf8").split("\n");
  const first = calls.findIndex((call) => call.startsWith("write(1,"));
  return calls.slice(first + 1).map((call) => call.split("(")[0] ?? "");
}

describe.concurrent("no system call is added", () => {
  const steps = [
    ["socket a 4 tcp", "connect a 10.99.0.1:8080", "connect a 10.99.0.1:8080", "close a"],
    ["socket b 6 tcp nonblock", "connect b [2001:db8:99::1]:8080", "poll b 1000", "error b"],
    ["socket c 4 udp", "connect c 10.99.0.3:8080", "connect c 10.99.0.1:8080"],
    ["socket d 4 udp", "connect d 10.99.0.53:53", "query d - ok.test A", "answer d recvfrom"],
    ["query d - db.blocked.test A", "answer d recvmsg", "query d 10.99.0.53:53 ok.test A", "answer d read"],
    ["socket e 4 tcp", "fastopen e sendto 10.99.0.1:8081", "burst 20 10.99.0.1:8080", "connect f unix:/none"],
    ["read-file g /etc/hosts", "lookup numeric 10.99.0.1"],
  ].flat();
  const targets = ["10.99.0.2", "db.blocked.test", "*.wild.test", "10.1.0.0/16", "2001:db8:1::/48"];
  for (const [name, env] of [
    ["armed", by(blocking(targets))],
    ["armed for a time-out", by(blocking(targets, "behavior=timeout", "until=4000000000", "percentage=50"))],
    ["inert", { LD_PRELOAD: object }],
  ] as const) {
    onStage("strace").test(`to what is allowed, when it is ${name}`, async () => {
      const plain = await callsOf({}, steps, `plain-${name}`);
      const intercepted = await callsOf(env, steps, `with-${name}`);

      expect(plain.filter((call) => call === "connect").length).toBeGreaterThan(25);
      expect(intercepted).toEqual(plain);
    });
  }
});

describe.concurrent("a time-out and a hang take at most four descriptors more,", () => {
  const hang = by(blocking(["10.99.0.2", "2001:db8:99::2"], "behavior=hang"));
  /** Seven sockets of the program's own. */
  const pending = [
    ["socket a 4 tcp nonblock", `connect a ${four}`, "socket b 6 tcp nonblock", `connect b ${six}`],
    ["socket c 4 tcp nonblock", `connect c ${four}`, "socket d 6 tcp nonblock", `connect d ${six}`],
  ].flat();
  const states = ["ok", "EINPROGRESS", "ok", "EINPROGRESS", "ok", "EINPROGRESS", "ok", "EINPROGRESS"];

  /** How many descriptors are open, and how many of them would be inherited. */
  function counts(result: string | undefined): { open: number; inherited: number } {
    const [open = 0, inherited = 0] = [...(result ?? "").matchAll(/\d+/g)].map(Number);
    return { open, inherited };
  }

  onStage().test("none of which another program inherits", async () => {
    const { results } = await take(stage, hang, ["descriptors", ...pending, "descriptors"]);
    const [before, after] = [counts(results[0]), counts(results.at(-1))];

    expect(results.slice(1, -1)).toEqual(states);
    expect(after.open - before.open).toBeGreaterThan(4);
    expect(after.open - before.open).toBeLessThanOrEqual(4 + 4);
    expect(after.inherited).toBe(before.inherited);
  });

  onStage().test("also where few are allowed", async () => {
    const args = ["-c", 'ulimit -n 24; exec "$0" "$@"', await stepsProgram(), ...pending];
    const { stdout, stderr } = await stage.run({ command: "/bin/sh", args, env: hang }, 100_000);

    expect(
      stdout
        .trimEnd()
        .split("\n")
        .map((line) => line.split("\t")[0]),
      stderr,
    ).toEqual(states);
  });

  onStage().test("and makes them anew when the program has closed all that it does not know", async () => {
    const { results } = await take(
      stage,
      hang,
      [
        pending,
        "close-all",
        ["socket e 4 tcp nonblock", `connect e ${four}`, "poll e 1200"],
        ["socket f 6 tcp nonblock", `connect f ${six}`, "poll f 200"],
      ].flat(),
    );

    expect(results.slice(states.length)).toEqual(
      ["ok", ["ok", "EINPROGRESS", "nothing", "ok", "EINPROGRESS", "nothing"]].flat(),
    );
  });
});
