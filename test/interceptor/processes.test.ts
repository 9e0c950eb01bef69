import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { newTally, readTally } from "../../packages/interceptor/src/index.ts";
import { openStage, type Stage } from "../interception/stage.ts";
import { needs } from "../support/needs.ts";
import { blocking, by, linesIn, onStage, program, programFolder, take, withErrorsIn } from "./steps.ts";

const blocked = "10.99.0.2:8080";
const allowed = "10.99.0.1:8080";
let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
});

afterAll(() => stage.close());

/** A new tally file on the stage. */
function tally(name: string, targets: number): string {
  const path = join(stage.folder, name);
  writeFileSync(path, newTally(targets));
  return path;
}

describe("eight threads that connect a thousand times each", () => {
  const counted = { armed: 1, spared: 0, inert: 0 };

  onStage().test("see no wrong outcome in C, and are counted right", async () => {
    const path = tally("threads", 2);
    const env = by(blocking(["10.99.0.77", "10.99.0.2"], `tally=${path}`));
    const command = await program(["threads.c"]);
    const args = ["8", "500", blocked, allowed, "refused"];
    const errors = join(stage.folder, "threads-errors");
    const { stdout, code } = await stage.run(withErrorsIn(errors, { command, args, env }), 100_000);

    expect(stdout).toBe("4000 failed, 4000 connected, 0 wrong, 1 descriptors more\n");
    expect(code).toBe(0);
    expect(readTally(readFileSync(path), 2)).toEqual({
      ...counted,
      blocked: 4000,
      other: 4000,
      byTarget: [0, 4000],
    });
    const numbers = linesIn(readFileSync(errors, "utf8")).flatMap((line) =>
      line.kind === "blocked" ? [line.n] : [],
    );
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(numbers.toSorted((a, b) => a - b).slice(0, 100)).toEqual(
      Array.from({ length: 100 }, (_, i) => i + 1),
    );
  });

  onStage("python3").test("see no wrong outcome in Python", async () => {
    const env = by(blocking(["10.99.0.2"]));
    const args = [join(programFolder, "threads.py"), "8", "500", blocked, allowed];
    const command = needs("python3").path ?? "";
    const { stdout } = await stage.run({ command, args, env }, 100_000);

    expect(stdout).toBe("4000 failed, 4000 connected, 0 wrong\n");
  });

  onStage().test("share what a time-out takes: at most four descriptors", async () => {
    const env = by(blocking(["10.99.0.2"], "behavior=timeout", "timeout-ms=60000"));
    const command = await program(["threads.c"]);
    const args = ["8", "100", blocked, allowed, "pending"];
    const { stdout } = await stage.run({ command, args, env }, 100_000);

    expect(stdout).toMatch(/^800 failed, 800 connected, 0 wrong, [0-4] descriptors more\n$/);
  });
});

onStage().test("processes share one tally, and each counts its own lines", async () => {
  const path = tally("family", 1);
  const env = by(blocking(["10.99.0.2"], `tally=${path}`));
  const command = await program(["family.c"]);
  const ended = await stage.run({ command, args: [blocked, allowed], env }, 100_000);

  const said = ended.stdout.trimEnd().split("\n");
  expect(said.map((line) => line.replace(/ \d+:/, ":"))).toEqual([
    "parent: refused, connected",
    "forked: refused, connected",
    "forked: refused, connected",
    "started: refused, connected",
    "parent: refused, connected",
  ]);
  const pids = said.map((line) => Number(/\d+/.exec(line)?.[0]));
  const lines = linesIn(ended.stderr).map((line) => [line.pid, line.kind === "blocked" ? line.n : line.kind]);
  // The one that was forked off is armed already.
  expect(lines).toEqual([
    [pids[0], "armed"],
    [pids[0], 1],
    [pids[1], 1],
    [pids[2], 2],
    [pids[3], "armed"],
    [pids[3], 1],
    [pids[4], 2],
  ]);
  expect(readTally(readFileSync(path), 1)).toEqual({
    armed: 2,
    blocked: 5,
    spared: 0,
    other: 5,
    inert: 0,
    byTarget: [5],
  });
});

onStage().test("counts for many processes at once", async () => {
  const path = tally("many", 1);
  const env = by(blocking(["10.99.0.2"], `tally=${path}`));
  const steps = [`burst 300 ${blocked}`, `burst 20 ${allowed}`];
  await Promise.all(Array.from({ length: 6 }, () => take(stage, env, steps)));

  const { armed, blocked: counted, other } = readTally(readFileSync(path), 1);
  expect({ armed, counted, other }).toEqual({ armed: 6, counted: 1800, other: 120 });
});

onStage().test("a tally file that is too short, or none, is left alone", async () => {
  const [short, none] = [join(stage.folder, "short"), join(stage.folder, "none")];
  writeFileSync(short, newTally(1));
  writeFileSync(none, Buffer.alloc(4096, 7));
  for (const path of [short, none, "/nothing/here"]) {
    const { results } = await take(stage, by(blocking(["10.99.0.2", "10.99.0.3"], `tally=${path}`)), [
      `burst 2 ${blocked}`,
    ]);
    expect(results).toEqual(["RR"]);
  }
  expect(readFileSync(short)).toEqual(Buffer.from(newTally(1)));
  expect(readFileSync(none)).toEqual(Buffer.alloc(4096, 7));
});

onStage().test("a descriptor that carried DNS and is something else now goes on as that", async () => {
  const { results, lines } = await take(
    stage,
    by(blocking(["db.blocked.test"])),
    [
      [
        "socket u 4 udp",
        "query u 10.99.0.53:53 db.blocked.test A",
        "close u",
        "read-file f /etc/hosts",
        "close f",
      ],
      ["socket a 4 tcp", `connect a ${allowed}`, "socket b 4 tcp", `connect b ${blocked}`],
    ].flat(),
  );

  expect(results).toEqual(["ok", "ok", "ok", "ok", "ok", "ok", "ok", "ok", "ok"]);
  expect(lines.map(({ kind }) => kind)).toEqual(["armed"]);
});

describe.concurrent("a thread that waits can be cancelled as without the interceptor", () => {
  const hang = by(blocking(["10.99.0.2"], "behavior=hang"));
  for (const [libc, compiler, flags] of [
    ["glibc", "gcc", []],
    ["glibc, with exceptions", "gcc", ["-fexceptions"]],
    ["musl", "musl-gcc", []],
  ] as const) {
    onStage(compiler).test(`in read, ${libc}`, async () => {
      const command = await program(["cancel.c"], { compiler, flags });
      const plain = await stage.run({ command, args: ["read"], env: {} }, 100_000);
      const { stdout } = await stage.run({ command, args: ["read"], env: hang }, 100_000);

      expect(plain.stdout).toMatch(/^cancelled, handler ran/);
      expect(stdout).toBe(plain.stdout);
    });

    onStage(compiler).test(`in connect, ${libc}`, async () => {
      const command = await program(["cancel.c"], { compiler, flags });
      const cleanup = flags.length > 0 ? "ran" : "did not run";
      const { stdout } = await stage.run({ command, args: ["connect", blocked], env: hang }, 100_000);

      expect(stdout).toBe(`cancelled, handler ran, cleanup ${cleanup}\n`);
    });
  }
});
