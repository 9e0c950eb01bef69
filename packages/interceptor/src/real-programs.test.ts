import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { needs } from "../../../test/support/needs.ts";
import { architectureOf } from "./architecture.ts";
import { type Program, readProgram, readProgramFile } from "./program.ts";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "unplug-programs-"));
  writeFileSync(join(folder, "empty.c"), "int main(void) { return 0; }\n");
  // What a program that looks into Go programs has: once as a constant, once as data.
  const mark = String.raw`"\377 Go buildinf:"`;
  writeFileSync(
    join(folder, "looks.c"),
    `const char a[] __attribute__((aligned(16))) = ${mark};\n` +
      `char b[] __attribute__((aligned(16))) = "x" ${mark};\nint main(void) { return a[0] + b[1]; }\n`,
  );
  writeFileSync(join(folder, "plain.go"), "package main\n\nfunc main() {}\n");
  writeFileSync(join(folder, "cgo.go"), 'package main\n\nimport "C"\n\nfunc main() {}\n');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a compiler, whose last argument before the source is the output, and reads what it made. */
function compile(compiler: string, args: readonly string[], source = "empty.c"): Program {
  const made = join(folder, "made");
  run(compiler, [...args, "-o", made, source]);
  return agreed(made);
}

/** Both ways of reading say the same. */
function agreed(path: string): Program {
  const program = readProgramFile(path);
  expect(readProgram(readFileSync(path))).toEqual(program);
  return program;
}

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): void {
  const { status, stderr, error } = spawnSync(command, args, {
    timeout: 120_000,
    cwd: folder,
    env: { ...process.env, ...env },
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${error?.message ?? stderr}`);
}

const glibc = (name: string) => ({
  linkage: "dynamic",
  libc: "glibc",
  interpreter: expect.stringMatching(name),
  go: null,
});
const nothing = { kind: "elf", linkage: "static", libc: "none", interpreter: null, go: null };
const here = architectureOf(process.arch) ?? "other";

test.runIf(process.platform === "linux")("Node.js itself is a dynamic program for this machine", () => {
  expect(readProgramFile(process.execPath)).toMatchObject({
    kind: "elf",
    architecture: here,
    linkage: "dynamic",
    go: null,
  });
});

needs("gcc").test("reads what gcc makes", (gcc) => {
  const dynamic = { kind: "elf", architecture: here, ...glibc("/ld-linux-") };

  expect(compile(gcc, [])).toEqual(dynamic);
  expect(compile(gcc, ["-no-pie"])).toEqual(dynamic);
  expect(compile(gcc, ["-s", "-O2"])).toEqual(dynamic);
  expect(compile(gcc, [], "looks.c")).toEqual(dynamic);
  expect(compile(gcc, ["-static"])).toEqual({ ...nothing, architecture: here });
  expect(compile(gcc, ["-static-pie"])).toEqual({ ...nothing, architecture: here });
  expect(compile(gcc, ["-shared", "-fPIC"])).toEqual({ kind: "other", what: "a shared library" });
  expect(compile(gcc, ["-c"])).toMatchObject({ kind: "other", what: expect.stringContaining("object file") });
});

needs("musl-gcc").test("reads what musl's gcc makes", (gcc) => {
  const musl = {
    linkage: "dynamic",
    libc: "musl",
    interpreter: expect.stringMatching("/ld-musl-"),
    go: null,
  };

  expect(compile(gcc, [])).toEqual({ kind: "elf", architecture: here, ...musl });
  expect(compile(gcc, ["-static"])).toEqual({ ...nothing, architecture: here });
});

needs("arm64-gcc").test("reads what gcc makes for arm64", (gcc) => {
  const arm64 = { kind: "elf", architecture: "arm64" };

  expect(compile(gcc, [])).toEqual({ ...arm64, ...glibc("/ld-linux-aarch64") });
  expect(compile(gcc, ["-static"])).toEqual({ ...nothing, ...arm64 });
  expect(compile(gcc, ["-static-pie"])).toEqual({ ...nothing, ...arm64 });
});

needs("go").test(
  "knows what Go makes: static, without a symbol, for either architecture, without sections",
  (go) => {
    for (const [goarch, architecture] of [
      ["amd64", "x86_64"],
      ["arm64", "arm64"],
    ] as const) {
      const own = { version: goVersion(go), cgo: "none", asksLibc: false };
      const goProgram = { ...nothing, architecture, go: own };
      const env = { CGO_ENABLED: "0", GOOS: "linux", GOARCH: goarch };

      expect(build(go, "plain.go", env)).toEqual(goProgram);
      expect(withoutSections()).toEqual(goProgram);
      expect(build(go, "plain.go", env, "-ldflags=-s -w -buildid=")).toEqual(goProgram);
      expect(withoutSections()).toEqual(goProgram);
    }
  },
  120_000,
);

(needs("gcc").path === null ? needs("gcc") : needs("go")).test(
  "knows what Go makes with cgo, which is dynamic",
  () => {
    const go = needs("go").path ?? "go";
    const own = { version: goVersion(go), cgo: "dynamic", asksLibc: false };
    const dynamic = { kind: "elf", architecture: here, ...glibc("/ld-linux-"), go: own };

    expect(build(go, "cgo.go", { CGO_ENABLED: "1" })).toEqual(dynamic);
    expect(withoutSections()).toEqual(dynamic);
    expect(build(go, "cgo.go", { CGO_ENABLED: "1" }, "-ldflags=-linkmode=external -buildid= -s -w")).toEqual(
      dynamic,
    );
    expect(withoutSections()).toEqual(dynamic);
  },
  120_000,
);

function goVersion(go: string): string {
  return execFileSync(go, ["env", "GOVERSION"], { timeout: 120_000, encoding: "utf8" }).trim();
}

function build(go: string, source: string, env: NodeJS.ProcessEnv, ...flags: string[]): Program {
  const settings = { GOCACHE: join(folder, "cache"), GO111MODULE: "off", GOFLAGS: "" };
  run(go, ["build", ...flags, "-o", "made", source], { ...settings, ...env });
  return agreed(join(folder, "made"));
}

/** What the last program is without its list of sections, as some packers leave it. */
function withoutSections(): Program {
  copyFileSync(join(folder, "made"), join(folder, "bare"));
  const bytes = readFileSync(join(folder, "bare"));
  bytes.fill(0, 40, 48).fill(0, 58, 64);
  return readProgram(bytes);
}
