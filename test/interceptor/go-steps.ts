import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Architecture } from "../../packages/interceptor/src/architecture.ts";
import { type GoHook, goHookFor } from "../../packages/interceptor/src/go-hook.ts";
import { CONFIGURATION_VARIABLE } from "../../packages/interceptor/src/index.ts";
import { patchGoWith } from "../../packages/interceptor/src/patch-go.ts";
import type { Stage } from "../interception/stage.ts";
import { builtC } from "../support/built-c.ts";
import { type Availability, type Need, needs, needsAll } from "../support/needs.ts";
import { programFolder, stepsSources } from "./steps.ts";

const compilers = { x86_64: "gcc", arm64: "arm64-gcc" } as const satisfies Record<Architecture, Need>;

/** What a test needs that runs such programs on a stage. */
export function onGoStage(architecture: Architecture, ...more: readonly Need[]): Availability {
  const own: readonly Need[] = architecture === "arm64" ? ["arm64-gcc", "qemu-arm64"] : ["gcc"];
  return needsAll("x86-64", "namespaces", "ip", "dnsmasq", ...own, ...more);
}

/** The environment of a program that has the hook in it and is told this. */
export function told(configuration: string): Readonly<Record<string, string>> {
  return { [CONFIGURATION_VARIABLE]: configuration };
}

/** A program of programs/, static, whose calls go through a function that is Go's, byte for byte. */
export function goLike(architecture: Architecture, own: readonly string[]): Promise<string> {
  const names = [...own, "go-calls.c", `go-syscall6-${architecture}.S`];
  const compiler = needs(compilers[architecture]).path;
  if (compiler === null) throw new Error(`There is no compiler for ${architecture}.`);
  return builtC({
    compiler,
    // musl's and glibc's warning that a static program looks names up by shared objects is not about what is done here.
    flags: ["-O1", "-Wall", "-Wextra", "-D_GNU_SOURCE", "-static", "-Wl,--no-warnings"],
    sources: names.map((name) => join(programFolder, name)),
    headers: [join(programFolder, "steps.h")],
  });
}

/** Puts a hook into a program; answers the path of what is to be run on the stage, where it is called `name`. */
export function patchedOn(
  stage: Stage,
  program: string,
  { name, hook }: { readonly name: string; readonly hook: GoHook },
): string {
  const patched = patchGoWith(hook, readFileSync(program));
  if ("problem" in patched) throw new Error(`${program} is not patched: ${patched.problem}`);
  const path = join(stage.folder, name);
  writeFileSync(path, patched.bytes);
  chmodSync(path, 0o755);
  return runnable(stage, path, hook.architecture);
}

/** What runs a program for this architecture, by itself or by qemu. */
export function runnable(stage: Stage, path: string, architecture: Architecture): string {
  if (architecture === "x86_64") return path;
  const script = join(stage.folder, `run-${path.replaceAll("/", "-")}`);
  writeFileSync(script, `#!/bin/sh\nexec ${needs("qemu-arm64").path} ${path} "$@"\n`);
  chmodSync(script, 0o755);
  return script;
}

/** The program that takes steps (programs/steps.c) as it is, and with the hook that is shipped in it. */
export async function goStepsOn(
  stage: Stage,
  architecture: Architecture,
): Promise<{ readonly plain: string; readonly patched: string }> {
  const program = await goLike(architecture, stepsSources);
  const hook = goHookFor(architecture);
  return {
    plain: runnable(stage, program, architecture),
    patched: patchedOn(stage, program, { name: `steps-${architecture}`, hook }),
  };
}
