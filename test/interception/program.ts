import { execFile } from "node:child_process";
import { realpathSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { readProgramFile } from "../../packages/interceptor/src/index.ts";
import { arm64Folder, type Need, needs } from "../support/needs.ts";
import { type Build, builtClient, clientFolder } from "./built-client.ts";
import type { Command } from "./stage.ts";

/** A client as this machine runs it. */
export interface Program {
  /** What connects: an interpreter, or the client itself. */
  readonly file: string;
  /** What starts it, without the client's own arguments. */
  readonly command: readonly [string, ...string[]];
  /** For a program of arm64 on another machine: the folder that qemu takes for its file system; else null. */
  readonly sysroot: string | null;
  /** False for what has the hook in it and no libc; else the object is preloaded. */
  readonly preloads?: boolean;
  /** Of the interpreter or the libc, as the support matrix names it. */
  readonly version: string;
}

/** What the interceptor is given; the object lies at `object`. */
export interface Interception {
  readonly object: string;
  readonly configuration: string;
}

const run = promisify(execFile);

/** The command that runs a client, as a function's start would: with the object preloaded, or, for null, without. */
export function commandOf(program: Program, args: readonly string[], by: Interception | null): Command {
  const env = {
    PATH: process.env["PATH"] ?? "",
    LANG: "C",
    ...(by === null ? {} : { UNPLUG_INTERCEPTOR: by.configuration }),
  };
  const [command, ...before] = program.command;
  const all = [...before, ...args];
  const preloads = by !== null && program.preloads !== false;
  if (program.sysroot === null) {
    return { command, args: all, env: preloads ? { ...env, LD_PRELOAD: by.object } : env };
  }
  const preload = preloads ? ["-E", `LD_PRELOAD=${by.object}`] : [];
  return { command: pathOf("qemu-arm64"), args: ["-L", program.sysroot, ...preload, command, ...all], env };
}

/** Throws when it is not installed: tests declare what they need. */
export function pathOf(need: Need): string {
  const { path } = needs(need);
  if (path === null)
    throw new Error(`'${need}' is not installed, and the client did not say that it needs it.`);
  return path;
}

/** An interpreter and its client. */
export async function script(interpreter: string, client: string): Promise<Program> {
  const file = realpathSync(interpreter);
  return {
    file,
    command: [file, join(clientFolder, client)],
    sysroot: null,
    version: await saysVersion(file, ["--version"]),
  };
}

/** curl, called by a shell. */
export async function curl(): Promise<Program> {
  const file = realpathSync(pathOf("curl"));
  const command = ["/bin/sh", join(clientFolder, "curl.sh")] as const;
  return { file, command: [...command], sysroot: null, version: await saysVersion(file, ["--version"]) };
}

/** As `script`, of the arm64 programs that scripts/fetch-arm64.ts has fetched. */
export async function arm64Script(file: string, client: string): Promise<Program> {
  const sysroot = join(arm64Folder, "root");
  const version = await saysVersion(pathOf("qemu-arm64"), ["-L", sysroot, file, "--version"]);
  return { file, command: [file, join(clientFolder, client)], sysroot, version };
}

/** Java, set up to start soon; what it does to connect is as ever. */
export async function builtJava(): Promise<Program> {
  const file = realpathSync(pathOf("java"));
  const classes = await builtClient({
    compiler: pathOf("javac"),
    version: "-version",
    source: "Connect.java",
    args: (source, made) => ["-d", made, source],
  });
  const quick = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:-UsePerfData", "-Xmx64m"];
  return {
    file,
    command: [file, ...quick, "-cp", classes, "Connect"],
    sysroot: null,
    version: await saysVersion(file, ["-version"]),
  };
}

/** A client that is a program itself; its version is its libc's. */
export async function built(build: Build, sysroot: string | null = null): Promise<Program> {
  const file = await builtClient(build);
  const program = readProgramFile(file);
  const interpreter = program.kind === "elf" ? program.interpreter : null;
  return { file, command: [file], sysroot, version: await libcVersion(interpreter, sysroot) };
}

/** "2.36", "1.2.3"; of a static program, nothing. */
async function libcVersion(interpreter: string | null, sysroot: string | null): Promise<string> {
  if (interpreter === null) return "";
  const loader = sysroot === null ? interpreter : join(sysroot, interpreter);
  if (sysroot === null) return saysVersion(loader, ["--version"]);
  return saysVersion(pathOf("qemu-arm64"), ["-L", sysroot, loader, "--version"]);
}

/** The first number with a point in it. musl's loader says its own because it does not know the question, and fails. */
async function saysVersion(file: string, args: readonly string[]): Promise<string> {
  const said = await run(file, [...args]).catch((error: { stdout: string; stderr: string }) => error);
  return /\d+(?:\.\d+)+/.exec(said.stdout + said.stderr)?.[0] ?? "";
}
