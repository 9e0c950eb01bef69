import { lstatSync, readdirSync, readlinkSync } from "node:fs";

/** One of our open files, as /proc/self/fd shows it. */
export interface OpenFile {
  /** Its path, or what it is: `pipe:[7]`, `socket:[8]`, `anon_inode:[eventpoll]`. */
  readonly name: string;
  readonly reads: boolean;
  readonly writes: boolean;
}

/** Node.js keeps the numbers under 16 from its children unless they are named. Source: uv_disable_stdio_inheritance. */
const KEPT_BACK = 16;

/**
 * The open files beyond standard error that whoever started us handed over: a shell's `9>lock`, the job server of make.
 *
 * Node.js takes the lowest free numbers, and an epoll first: what stands before that was there already. Behind it, its own under
 * 16 are all anonymous (epoll, eventfd, io_uring) or pipes of which it holds both ends; sockets and terminals come later.
 * A higher number, as a shell's `<(…)`, goes through by itself.
 */
export function inheritedFiles(open: ReadonlyMap<number, OpenFile> = openFiles()): readonly number[] {
  const inherited: number[] = [];
  let first = 3;
  for (; open.has(first) && !isAnonymous(open.get(first)); first++) inherited.push(first);
  const theirs = new Set([0, 1, 2, ...inherited].map((file) => open.get(file)?.name));
  for (let file = first; file < KEPT_BACK; file++) {
    const found = open.get(file);
    if (found === undefined || isAnonymous(found)) continue;
    if (theirs.has(found.name) || !isWholePipe(found.name, open)) inherited.push(file);
  }
  return inherited;
}

function isAnonymous(file: OpenFile | undefined): boolean {
  return file?.name.startsWith("anon_inode:") === true;
}

/** A shell's copies of one pipe, as of `5>&1 9>&1`, are the same end of it. */
function isWholePipe(name: string, open: ReadonlyMap<number, OpenFile>): boolean {
  const ends = [...open.values()].filter((file) => file.name === name && name.startsWith("pipe:"));
  return ends.some(({ reads }) => reads) && ends.some(({ writes }) => writes);
}

/** Empty where there is no /proc. */
function openFiles(): ReadonlyMap<number, OpenFile> {
  try {
    return new Map(readdirSync("/proc/self/fd").flatMap((file) => entryOf(Number(file))));
  } catch {
    return new Map();
  }
}

function entryOf(file: number): [number, OpenFile][] {
  try {
    const path = `/proc/self/fd/${file}`;
    // The rights of the link are how the file is open. Source: proc_pid_fd(5).
    const { mode } = lstatSync(path);
    return [[file, { name: readlinkSync(path), reads: (mode & 0o400) !== 0, writes: (mode & 0o200) !== 0 }]];
  } catch {
    // What listed them was itself one of them.
    return [];
  }
}
