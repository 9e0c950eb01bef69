import { expect, test } from "vitest";
import type { Architecture } from "./architecture.ts";
import type { Program } from "./program.ts";
import { reachOf, tierOf } from "./reach.ts";

const dynamic = {
  kind: "elf",
  architecture: "x86_64",
  linkage: "dynamic",
  libc: "glibc",
  interpreter: "/lib64/ld-linux-x86-64.so.2",
  go: null,
} as const;

const go = { version: "go1.22.3", cgo: "none", asksLibc: false } as const;

test.each<[what: string, program: Program, architecture: Architecture]>([
  ["a dynamic program on glibc", dynamic, "x86_64"],
  [
    "a dynamic program on musl",
    { ...dynamic, libc: "musl", interpreter: "/lib/ld-musl-x86_64.so.1" },
    "x86_64",
  ],
  ["a dynamic program for arm64", { ...dynamic, architecture: "arm64" }, "arm64"],
  [
    "a script, as far as it is up to the script",
    { kind: "script", interpreter: "/bin/sh", argument: null },
    "x86_64",
  ],
])("reaches %s", (_, program, architecture) => {
  expect(reachOf(program, architecture)).toEqual({ reached: true });
});

test.each<[program: Program, because: string]>([
  [{ ...dynamic, go }, "it holds Go code, which makes its system calls without libc"],
  [{ ...dynamic, go, linkage: "static", libc: "none", interpreter: null }, "it holds Go code"],
  [{ ...dynamic, linkage: "static", libc: "none", interpreter: null }, "it is linked statically"],
  [{ ...dynamic, architecture: "arm64" }, "it is built for arm64, and the interceptor here is for x86_64"],
  [{ ...dynamic, architecture: "other" }, "it is built for neither x86_64 nor arm64"],
  [
    { ...dynamic, libc: "other", interpreter: "/system/bin/linker64" },
    "its dynamic linker, /system/bin/linker64, is neither glibc's nor musl's",
  ],
  [{ kind: "other", what: "a shared library" }, "it is a shared library"],
])("does not reach %j: %s", (program, because) => {
  expect(reachOf(program, "x86_64")).toEqual({ reached: false, because: expect.stringContaining(because) });
});

const goProgram = { ...dynamic, linkage: "static", libc: "none", interpreter: null, go } as const;

test.each<[what: string, program: Program, tier: ReturnType<typeof tierOf>]>([
  ["a dynamic program", dynamic, { by: "preload" }],
  ["a Go program", goProgram, { by: "patch", go }],
  [
    "a Go program with a libc that is linked into it",
    { ...goProgram, go: { ...go, cgo: "static" } },
    { by: "patch", go: { ...go, cgo: "static" } },
  ],
  [
    "a Go program with C libraries",
    { ...dynamic, go: { ...go, cgo: "dynamic", asksLibc: true } },
    { by: "both", go: { ...go, cgo: "dynamic", asksLibc: true } },
  ],
  ["one that does not say its Go", { ...goProgram, go: { ...go, version: null } }, expect.anything()],
  [
    "one of Go that nobody has released",
    { ...goProgram, go: { ...go, version: "devel go1.28-abc" } },
    expect.anything(),
  ],
])("meets %s by what is there to meet", (_, program, tier) => {
  expect(tierOf(program, "x86_64")).toEqual(tier);
  expect(tierOf(program, "x86_64").by).not.toBe("none");
});

test.each<[program: Program, because: string]>([
  [
    { ...goProgram, go: { ...go, version: "go1.18.3" } },
    "it was built with go1.18.3, and Go 1.19 is the first",
  ],
  [{ ...goProgram, architecture: "arm64" }, "it is built for arm64, and the interceptor here is for x86_64"],
  [{ ...goProgram, go: null }, "it is linked statically"],
])("does not meet %j: %s", (program, because) => {
  expect(tierOf(program, "x86_64")).toEqual({ by: "none", because: expect.stringContaining(because) });
});
