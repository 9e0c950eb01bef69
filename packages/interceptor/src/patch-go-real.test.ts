import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, expect } from "vitest";
import { builtGo, type GoBuild } from "../../../test/support/built-go.ts";
import { fc } from "../../../test/support/fast-check.ts";
import { type Need, needs, needsAll } from "../../../test/support/needs.ts";
import type { Architecture } from "./architecture.ts";
import { goHookFor } from "./go-hook.ts";
import { verifyGoPatch } from "./go-verify.ts";
import { patchGo, patchGoWith } from "./patch-go.ts";
import type { GoProgram } from "./program.ts";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "unplug-patch-go-"));
  writeFileSync(join(folder, "hello.go"), 'package main\n\nfunc main() { println("hello") }\n');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Without an effect on anything but what connects. */
const told = { ...process.env, UNPLUG_INTERCEPTOR: "unplug=1;behavior=refuse;targets=0" };

/** Writes the patched program, and answers where and what it is. */
function patch(file: string, architecture: Architecture = "x86_64"): { path: string; go: GoProgram } {
  const before = readFileSync(file);
  const made = patchGo(before, architecture);
  if ("problem" in made) throw new Error(`${file}: ${made.problem}`);
  expect(verifyGoPatch(before, made.bytes, goHookFor(architecture))).toBeNull();
  expect(patchGo(made.bytes, architecture)).toEqual({ problem: "it is patched already" });
  mkdirSync(join(folder, "patched"), { recursive: true });
  const path = join(folder, "patched", basename(file));
  writeFileSync(path, made.bytes, { mode: 0o755 });
  return { path, go: made.go };
}

function run(
  file: string,
  args: readonly string[],
  input = "",
): { code: number | null; out: string; err: string } {
  const cwd = join(folder, "run");
  mkdirSync(cwd, { recursive: true });
  const { status, stdout, stderr } = spawnSync(file, args, {
    timeout: 120_000,
    cwd,
    input,
    env: told,
    encoding: "utf8",
  });
  return { code: status, out: stdout, err: stderr };
}

const hello = (flags: readonly string[], env: GoBuild["env"] = {}) => ({
  go: needs("go").path ?? "",
  source: join(folder, "hello.go"),
  flags,
  env: { CGO_ENABLED: "0", ...env },
});

const { test: onX86 } = needsAll("x86-64", "go");

onX86(
  "a program that Go has built says the same with the hook in it, also stripped",
  async () => {
    for (const flags of [[], ["-ldflags=-s -w -buildid="], ["-trimpath", "-ldflags=-s"]]) {
      const { path, go } = patch(await builtGo(hello(flags)));

      expect(go).toEqual({ version: expect.stringMatching(/^go1\.\d+/), cgo: "none", asksLibc: false });
      expect(run(path, [])).toEqual({ code: 0, out: "", err: "hello\n" });
    }
  },
  120_000,
);

needsAll("go", "qemu-arm64").test(
  "a program of arm64 says the same with the hook in it",
  async () => {
    const { path, go } = patch(await builtGo(hello([], { GOARCH: "arm64" })), "arm64");

    expect(go).toMatchObject({ cgo: "none", asksLibc: false });
    expect(run(needs("qemu-arm64").path ?? "", [path])).toEqual({ code: 0, out: "", err: "hello\n" });
  },
  120_000,
);

onX86(
  "whatever is done to a program of Go's, it is refused or comes out right",
  async () => {
    const original = readFileSync(await builtGo(hello(["-ldflags=-s -w -buildid="])));
    const hook = goHookFor("x86_64");
    const site = original.indexOf("4989f24889fa4889ce4889df0f05", 0, "hex");
    const info = original.indexOf("\xff Go buildinf:", 0x1000, "latin1");
    const near = (at: number, reach: number) => fc.nat(reach).map((distance) => at + distance);
    const anywhere = fc.oneof(near(0, 2500), near(site - 8, 70), near(info, 60), fc.nat(original.length - 1));
    const changes = fc.array(fc.tuple(anywhere, fc.integer({ min: 1, max: 255 })), { maxLength: 3 });
    const length = fc.oneof(
      fc.constant(original.length),
      fc.constant(original.length),
      fc.nat(original.length),
    );
    let taken = 0;
    fc.assert(
      fc.property(changes, length, (all, end) => {
        const given = Buffer.from(original.subarray(0, end));
        for (const [at, change] of all) if (at < end) given[at] = (given[at] ?? 0) ^ change;
        const made = patchGoWith(hook, given);

        if ("bytes" in made) expect(verifyGoPatch(given, made.bytes, hook)).toBeNull();
        else expect(made.problem).not.toContain("came out wrong");
        if ("bytes" in made) taken++;
      }),
      { numRuns: 150 },
    );
    expect(taken).toBeGreaterThan(10);
  },
  120_000,
);

interface RealProgram {
  readonly name: string;
  /** Null for what npm has brought. */
  readonly need: Need | null;
  /** Calls, and a part of what each says. */
  readonly calls: readonly (readonly [args: readonly string[], said: string, input?: string])[];
  readonly cgo: GoProgram["cgo"];
}

const esbuild = join(import.meta.dirname, "../../../node_modules/@esbuild/linux-x64/bin/esbuild");

const real: readonly RealProgram[] = [
  {
    name: "docker-registry",
    need: "docker-registry",
    calls: [
      [["--version"], "docker/distribution"],
      [["garbage-collect", "nothing.yml"], "no such file"],
    ],
    cgo: "dynamic",
  },
  {
    name: "umoci",
    need: "umoci",
    calls: [
      [["--version"], "umoci version"],
      [["init", "--layout", "images"], ""],
      [["new", "--image", "images:first"], ""],
      [["ls", "--layout", "images"], "first"],
    ],
    cgo: "dynamic",
  },
  {
    name: "skopeo",
    need: "skopeo",
    calls: [
      [["--version"], "skopeo version"],
      [["inspect", "dir:/nowhere"], "no such file"],
    ],
    cgo: "dynamic",
  },
  {
    name: "go",
    need: "go",
    calls: [
      [["version"], "go version go1."],
      [["env", "GOOS"], "linux"],
    ],
    cgo: "dynamic",
  },
  {
    name: "esbuild",
    need: null,
    calls: [
      [["--version"], "."],
      [["--loader=ts"], "let answer = 42;", "let answer: number = 42"],
    ],
    cgo: "none",
  },
];

for (const { name, need, calls, cgo } of real) {
  const { test } = need === null ? needs("x86-64") : needsAll("x86-64", need);
  test(`${name} does its work with the hook in it`, () => {
    const { path, go } = patch(need === null ? esbuild : realpathSync(needs(need).path ?? ""));

    expect(go.cgo).toBe(cgo);
    for (const [args, said, input] of calls) {
      const { out, err } = run(path, args, input);
      expect(out + err, args.join(" ")).toContain(said);
    }
  });
}
