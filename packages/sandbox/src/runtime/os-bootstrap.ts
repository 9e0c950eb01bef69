import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  openSync,
  readlinkSync,
  readSync,
  statSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { FunctionFiles } from "./function-files.ts";

/** The program of an OS-only runtime. */
export interface OsBootstrap {
  /** As the function sees it. */
  readonly path: string;
  /** Why it cannot be started, in Lambda's words; null when it can. */
  readonly obstacle: string | null;
}

/** The first of /var/task/bootstrap and /opt/bootstrap. Source: Lambda's own words when there is none. */
export function findBootstrap(files: FunctionFiles): OsBootstrap {
  for (const path of ["/var/task/bootstrap", "/opt/bootstrap"]) {
    const file = onMachine(files, path);
    if (file === null || !(statSync(file, { throwIfNoEntry: false })?.isFile() ?? false)) continue;
    const cause = causeOf(files, file);
    return {
      path: files.mounting === null ? file : path,
      obstacle: cause === null ? null : `fork/exec ${path}: ${cause}`,
    };
  }
  return {
    path: "/var/task/bootstrap",
    obstacle: "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]",
  };
}

/** Where the machine has what the function sees at a path, links followed; null when they go round in circles. */
function onMachine(files: FunctionFiles, seen: string): string | null {
  let path = seen;
  for (let links = 0; links < 40; links++) {
    const file = placeOf(files, path);
    let target: string;
    try {
      target = readlinkSync(file);
    } catch {
      return file;
    }
    path = resolve(dirname(path), target);
  }
  return null;
}

function placeOf({ task, opt }: FunctionFiles, path: string): string {
  for (const [folder, there] of [
    ["/var/task/", task],
    ["/opt/", opt],
  ] as const) {
    if (there !== null && path.startsWith(folder)) return join(there, path.slice(folder.length));
  }
  return path;
}

/** The words of the kernel's refusal; null when it would start the file. */
function causeOf(files: FunctionFiles, file: string): string | null {
  try {
    accessSync(file, constants.X_OK);
  } catch {
    return "permission denied";
  }
  const head = headOf(file);
  if (head.subarray(0, 4).equals(Buffer.from([0x7f, 0x45, 0x4c, 0x46]))) {
    return isForeign(head) ? "exec format error" : null;
  }
  const interpreter = /^#![ \t]*([^ \t\n]+)/.exec(head.toString("latin1"))?.[1];
  if (interpreter === undefined) return "exec format error";
  const program = onMachine(files, interpreter);
  return program !== null && existsSync(program) ? null : "no such file or directory";
}

function headOf(file: string): Buffer {
  const head = Buffer.alloc(256);
  const descriptor = openSync(file, "r");
  try {
    return head.subarray(0, readSync(descriptor, head));
  } finally {
    closeSync(descriptor);
  }
}

/** Whether a program is for another processor, and nothing here stands in for it. Source: elf(5), binfmt_misc. */
function isForeign(head: Buffer): boolean {
  const machine = head.length < 20 ? 0 : head.readUInt16LE(18);
  const [own, other, emulator] =
    process.arch === "arm64" ? [183, 62, "qemu-x86_64"] : [62, 183, "qemu-aarch64"];
  if (machine === own) return false;
  return machine !== other || !existsSync(`/proc/sys/fs/binfmt_misc/${emulator}`);
}
