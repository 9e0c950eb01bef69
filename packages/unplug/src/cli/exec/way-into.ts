import { spawnSync } from "node:child_process";
import { closeSync, openSync, readFileSync, readSync, realpathSync, type Stats, statSync } from "node:fs";
import { basename } from "node:path";
import {
  type Architecture,
  type PatchedGo,
  type Program,
  patchGo,
  readProgramFile,
  tierOf,
} from "@unplug/interceptor";
import { lookUpProgram } from "./find-program.ts";

/** Whose rights COMMAND is started with, and where. */
export interface Starter {
  readonly architecture: Architecture;
  /** PATH; undefined when it is not set. */
  readonly path: string | undefined;
  readonly uid: number;
  readonly gid: number;
}

/** How the interceptor gets into a program, or which file keeps it out, and a clause that says why. */
export type WayInto =
  | { readonly by: "preload" }
  /** In a copy of the program. */
  | {
      readonly by: "patch";
      readonly patched: PatchedGo;
      /** The object may be preloaded, for C libraries and for what the program starts. A loader without libc would fail over it. */
      readonly preloads: boolean;
    }
  | Unreachable;

interface Unreachable {
  readonly by: "none";
  readonly file: string;
  readonly because: string;
}

/** Linux gives up after five interpreters that are scripts themselves. Source: exec_binprm in fs/exec.c. */
const MAX_SCRIPTS = 5;

/**
 * Follows a program, through the interpreters of scripts, to what the loader will be asked to load the interceptor into.
 *
 * Nothing stands against it, also where that cannot be known: a file that may be started but not read.
 */
export function wayInto(program: string, starter: Starter): WayInto {
  let file = program;
  for (let scripts = 0; scripts <= MAX_SCRIPTS; scripts++) {
    const found = programOf(file);
    if (found?.kind !== "script") {
      const way = wayIntoFile(file, found, starter);
      if (way.by !== "patch" || scripts === 0) return way;
      return none(file, "it is a Go program, of which a copy is patched only where it is COMMAND itself");
    }
    const interpreter = lookUpProgram(found.interpreter, starter.path);
    if (interpreter === null) {
      return none(file, interpreterMissing(found.interpreter));
    }
    file = interpreter;
  }
  return none(program, `it is a script whose interpreter is a script, more than ${MAX_SCRIPTS} times`);
}

function none(file: string, because: string): Unreachable {
  return { by: "none", file, because };
}

function interpreterMissing(interpreter: string): string {
  if (!interpreter.endsWith("\r"))
    return `its interpreter, ${interpreter}, is not there or cannot be started`;
  const shown = `${interpreter.slice(0, -1)}\\r`;
  return `its first line names ${shown} as its interpreter: it has the line ends of Windows (\\r\\n), and Linux takes the \\r for a part of the name; save it with \\n alone`;
}

/** Null when the file cannot be read. A text without `#!` is a script of the shell, as execvp and every shell take it. */
function programOf(file: string): Program | null {
  try {
    const program = readProgramFile(file);
    if (program.kind !== "other") return program;
    const isText = !beginningOf(file).includes(0);
    return isText ? { kind: "script", interpreter: "/bin/sh", argument: null } : program;
  } catch {
    return null;
  }
}

function beginningOf(file: string): Buffer {
  const open = openSync(file, "r");
  try {
    const bytes = Buffer.alloc(256);
    return bytes.subarray(0, readSync(open, bytes));
  } finally {
    closeSync(open);
  }
}

function wayIntoFile(file: string, program: Program | null, starter: Starter): WayInto {
  const privilege = gainedPrivilege(file, statSync(file), starter);
  const isGo = program?.kind === "elf" && program.go !== null;
  if (privilege !== null) {
    const why = isGo
      ? "a patched copy of it would not be"
      : "the loader ignores LD_PRELOAD for such programs";
    return none(file, `${privilege}, and ${why}`);
  }
  if (program === null) return { by: "preload" };
  if (isLoader(file, program)) {
    return none(
      file,
      "it is a dynamic linker, which starts another program: name that program itself as COMMAND",
    );
  }
  const tier = tierOf(program, starter.architecture);
  if (tier.by === "none") return none(file, tier.because);
  if (tier.by === "preload") return tier;
  const patched = patchGo(readFileSync(file), starter.architecture);
  if ("problem" in patched) return none(file, patched.problem);
  const hasLoader = program.kind === "elf" && program.linkage === "dynamic";
  return { by: "patch", patched, preloads: !hasLoader || patched.go.cgo === "dynamic" };
}

/** A dynamic linker is linked statically itself; musl's is its libc.so under another name. */
function isLoader(file: string, program: Program): boolean {
  const names = [basename(file), basename(realpathSync(file))];
  return (
    program.kind === "elf" &&
    program.linkage === "static" &&
    names.some((name) => /^ld([-.].*)?\.so(\.\d+)?$/.test(name))
  );
}

/**
 * Which rights the program would gain by being started, for which the kernel tells the loader to be careful.
 *
 * Not those that the user has anyway. Source: bprm_fill_uid in fs/exec.c, cap_bprm_creds_from_file in security/commoncap.c.
 */
function gainedPrivilege(
  file: string,
  { mode, uid, gid }: Pick<Stats, "mode" | "uid" | "gid">,
  starter: Starter,
): string | null {
  if ((mode & 0o4000) !== 0 && uid !== starter.uid) return "it is set-user-ID";
  if ((mode & 0o2010) === 0o2010 && gid !== starter.gid) return "it is set-group-ID";
  return starter.uid !== 0 && hasCapabilities(file) ? "it has file capabilities" : null;
}

/** Node.js reads no extended attributes: getcap does, which comes with the program that sets them. */
function hasCapabilities(file: string): boolean {
  const getcap = lookUpProgram("getcap", "/usr/sbin:/sbin:/usr/bin:/bin");
  if (getcap === null) return false;
  const { stdout } = spawnSync(getcap, [file], { encoding: "utf8", timeout: 2000 });
  return (stdout ?? "").trim() !== "";
}
