import { expect, test } from "vitest";
import { askOnce, probeIo } from "../../../../test/support/probe-io.ts";
import type { CommandAnswer, ProbeIo } from "../contract/probe.ts";
import { commandProbe } from "./command.ts";

/** What a command that ends so measures; `asked` gets what was run. */
function check(
  answer: Partial<CommandAnswer>,
  settings: object = { argv: ["count"] },
  asked: Parameters<ProbeIo["command"]>[] = [],
) {
  const command: ProbeIo["command"] = (...one) => {
    asked.push(one);
    return Promise.resolve({ exitCode: 0, signal: null, stdout: "", stderr: "", ...answer });
  };
  return askOnce(commandProbe, settings, probeIo({ command, secrets: { token: "abc" } }));
}

test("measures the exit code, and what was printed as text, number or JSON", async () => {
  const { measures } = await check({ exitCode: 2, stdout: ' {"a":{"b":[1,2]}}\n', stderr: "oh\n" });

  expect(measures).toEqual({
    exitCode: 2,
    stdout: '{"a":{"b":[1,2]}}',
    stderr: "oh",
    number: null,
    "json.a.b.length": 2,
    "json.a.b.0": 1,
    "json.a.b.1": 2,
  });
});

test.each([
  ["42\n", 42],
  ["-0.5", -0.5],
  ["+1e3 ", 1000],
  [".5", 0.5],
  ["1e999", null],
  ["0x10", null],
  ["1,000", null],
  ["12 orders", null],
  ["NaN", null],
  ["", null],
  ["5.", 5],
])("%j as a number is %s", async (stdout, number) => {
  expect((await check({ stdout })).measures["number"]).toBe(number);
});

test("digits are read once, however many there are", async () => {
  // Each way to part them tried, it would take minutes.
  expect((await check({ stdout: `${"1".repeat(300_000)}x` })).measures["number"]).toBeNull();
});

test("what is no number is said, with the complaint", async () => {
  const { missing } = await check({ exitCode: 1, stdout: "", stderr: "cannot connect" });

  expect(missing).toBe(
    'count (exit code 1) printed "", which is no number and is no JSON, and complained: "cannot connect"',
  );
});

test("one that a signal ended is a failure", async () => {
  expect((await check({ exitCode: null, signal: "SIGSEGV" })).failure).toBe("count was ended by SIGSEGV");
});

test("runs the list as it is, or a shell where one is asked for; secrets go by the environment", async () => {
  const asked: Parameters<ProbeIo["command"]>[] = [];

  await check(
    {},
    { argv: ["count", "$HOME", 5], env: { TOKEN: { secret: "token" }, N: 1, ON: true } },
    asked,
  );
  await check({}, { shell: "count | wc -l" }, asked);

  expect(asked.map(([argv, { env }]) => [argv, env])).toEqual([
    [["count", "$HOME", "5"], { TOKEN: "abc", N: "1", ON: "true" }],
    [["/bin/sh", "-c", "count | wc -l"], {}],
  ]);
});

test("without its secret is an error", async () => {
  await expect(check({}, { argv: ["count"], env: { A: { secret: "none" } } })).rejects.toThrow("no secret");
});

test.each([
  [{}, "must have `argv` or `shell`, one of both"],
  [{ argv: ["a"], shell: "a" }, "must have `argv` or `shell`, one of both"],
  [{ argv: [""] }, "must name a program"],
  [{ shell: " " }, "must be a command"],
  [{ argv: ["a"], env: { "A=B": "c" } }, "must have names of variables as its keys"],
  [
    { argv: ["a"], env: { A: { secret: "../x" } } },
    "must be the name of a secret in the store, not the secret itself",
  ],
  [{ argv: ["a", ["b"]] }, "must be a text"],
])("settings %j are refused", (settings, message) => {
  const [issue] = commandProbe.settings.safeParse(settings).error?.issues ?? [];

  expect(issue?.message).toBe(message);
});
