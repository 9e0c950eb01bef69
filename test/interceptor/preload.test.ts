import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { interceptorFor } from "../../packages/interceptor/src/index.ts";
import { openStage, type Stage } from "../interception/stage.ts";
import { needsAll } from "../support/needs.ts";
import { blocking, by, linesIn, object, onStage, program, stepsProgram } from "./steps.ts";

const steps = ["socket a 4 tcp", "connect a 10.99.0.2:8080", "connect a 10.99.0.1:8080"];
const configuration = blocking(["10.99.0.2"]);
const counter = () => program(["counter.c"], { flags: ["-shared", "-fPIC"] });
let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
});

afterAll(() => stage.close());

async function run(
  preload: string,
  command?: string,
): Promise<{ said: string[]; stderr: string; code: unknown }> {
  const env = { ...by(configuration), LD_PRELOAD: preload };
  const ended = await stage.run({ command: command ?? (await stepsProgram()), args: steps, env }, 100_000);
  const said = ended.stdout.trimEnd().split("\n");
  return { said: said.map((line) => line.split("\t")[0] ?? ""), stderr: ended.stderr, code: ended.code };
}

describe.concurrent("another library that is preloaded", () => {
  onStage().test("before the interceptor sees every call", async () => {
    const { said, stderr } = await run(`${await counter()}:${object}`);

    expect(said).toEqual(["ok", "ECONNREFUSED", "ok", "counted 2"]);
    expect(linesIn(stderr)).toHaveLength(2);
  });

  onStage().test(
    "behind the interceptor sees what it lets through, and what it leads elsewhere",
    async () => {
      const { said, stderr } = await run(`${object}:${await counter()}`);

      expect(said).toEqual(["ok", "ECONNREFUSED", "ok", "counted 2"]);
      expect(linesIn(stderr)).toHaveLength(2);
    },
  );
});

describe("a program that is loaded without any libc", () => {
  needsAll("gcc", "x86-64").test("starts all the same, and ends as ever", async () => {
    const loader = "-Wl,-dynamic-linker,/lib64/ld-linux-x86-64.so.2";
    const made = await program(["no-libc.c"], { flags: ["-nostdlib", "-pie", "-fPIE", loader] });

    const { status, stderr } = spawnSync(made, {
      timeout: 60_000,
      env: { LD_PRELOAD: object },
      encoding: "utf8",
    });

    expect({ status, stderr }).toEqual({ status: 7, stderr: "" });
  });
});

describe.concurrent("an object that is missing or for another machine", () => {
  const others = [
    ["missing", "/nothing/here.so", "No such file|cannot open"],
    ["for arm64", interceptorFor("arm64").path, "wrong ELF class|cannot open|cannot be preloaded"],
  ] as const;
  for (const [name, path, message] of others) {
    onStage().test(`${name}: glibc says so and goes on without it`, async () => {
      const { said, stderr, code } = await run(path);

      expect(said).toEqual(["ok", "ok", "EISCONN"]);
      expect(stderr).toMatch(new RegExp(`^ERROR: ld.so: .*(${message}).*: ignored\\.\\n$`));
      expect(code).toBe(0);
    });
  }

  onStage("musl-gcc").test("missing: musl goes on without it", async () => {
    const { said, code } = await run("/nothing/here.so", await stepsProgram({ compiler: "musl-gcc" }));

    expect(said).toEqual(["ok", "ok", "EISCONN"]);
    expect(code).toBe(0);
  });

  onStage("musl-gcc").test("for arm64: musl does not start the program", async () => {
    const command = await stepsProgram({ compiler: "musl-gcc" });
    const { said, stderr, code } = await run(interceptorFor("arm64").path, command);

    expect(said).toEqual([""]);
    expect(stderr).toMatch(/^Error relocating .*arm64\.so/);
    expect(code).toBe(127);
  });
});

onStage().test("a static program starts as ever", async () => {
  const command = await stepsProgram({ flags: ["-static", "-Wno-error"] });
  const { status, stdout } = spawnSync(command, ["socket a 4 tcp"], {
    timeout: 60_000,
    env: by(configuration),
    encoding: "utf8",
  });

  expect(stdout).toMatch(/^ok\t/);
  expect(status).toBe(0);
});
