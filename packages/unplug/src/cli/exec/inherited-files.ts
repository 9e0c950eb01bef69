import { readlinkSync } from "node:fs";

/**
 * The open files beyond standard error that whoever started us handed over: a shell's `3>file`, the job server of make.
 *
 * They take the lowest numbers, and the first that Node.js opens itself is an epoll. Node.js keeps those under 16 from its
 * children unless they are named; the higher ones, as a shell's `<(…)`, go through by themselves.
 */
export function inheritedFiles(nameOf: (file: number) => string = nameOfOpen): readonly number[] {
  const files: number[] = [];
  try {
    for (let file = 3; file < 16 && !nameOf(file).startsWith("anon_inode:"); file++) files.push(file);
  } catch {
    // The first number that is free.
  }
  return files;
}

function nameOfOpen(file: number): string {
  return readlinkSync(`/proc/self/fd/${file}`);
}
