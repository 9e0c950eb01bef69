import { accessSync, closeSync, constants, existsSync, openSync, readSync, statSync } from "node:fs";
import { elfHeader } from "./elf-header.ts";

/**
 * The words of the kernel's refusal to start a file; null when it would start it. `placeOf` says where the machine has what a
 * process sees at a path; null: nowhere.
 */
export function execRefusal(file: string, placeOf: (seen: string) => string | null): string | null {
  if (!mayStart(file)) return "permission denied";
  const head = headOf(file);
  const isThere = (seen: string): boolean => {
    const place = placeOf(seen);
    return place !== null && existsSync(place);
  };
  if (head.subarray(0, 4).equals(Buffer.from([0x7f, 0x45, 0x4c, 0x46]))) {
    if (isForeign(head)) return "exec format error";
    const loader = elfHeader(head)?.interpreter ?? null;
    return loader === null || isThere(loader) ? null : "no such file or directory";
  }
  const interpreter = /^#![ \t]*([^ \t\n]+)/.exec(head.toString("latin1"))?.[1];
  if (interpreter === undefined) return "exec format error";
  return isThere(interpreter) ? null : "no such file or directory";
}

/** Whether it is a file that may be started. */
function mayStart(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
  } catch {
    return false;
  }
  return statSync(file).isFile();
}

/** The first bytes of a file. */
export function headOf(file: string): Buffer {
  const head = Buffer.alloc(4096);
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
