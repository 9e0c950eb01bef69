import { spawn } from "node:child_process";
import { realpathSync } from "node:fs";
import { lstat, mkdir, readdir, readlink, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { findProgram } from "./find-program.ts";
import { imageMounts } from "./image-mounts.ts";
import { launchCommand } from "./launch-command.ts";
import { libraryPath } from "./library-path.ts";
import { type MountPoint, makePoints } from "./mount-point.ts";
import { lockedOptions, type Mount, mountTable } from "./mount-table.ts";

/** Mounts that only the processes of one environment see, and that are gone with the last of them. */
export interface PrivateMounts {
  /** A program and its arguments, in front of the launcher: makes the namespace and keeps the process id. */
  readonly enter: readonly string[];
  /** The program that makes the mounts. */
  readonly mount: string;
  /** In front of the function's own command: gives it the user that it would have without a namespace. Empty: it has. */
  readonly leave: readonly string[];
  /** As options of unshare(1): give a container image's process a user who is no administrator. Empty: it is none. */
  readonly asUser: readonly string[];
  readonly unshare: string;
  /** What the folder that becomes `/opt` has to hold. */
  readonly optPoints: readonly MountPoint[];
  /** Writes the table for one function and returns its path. */
  tableOf(name: string, folders: FunctionFolders): Promise<string>;
  /** The same for a function of a container image. */
  imageTableOf(name: string, folders: ImageMounts): Promise<string>;
}

/** The files of an image, what starts its programs, and the size of the environment's own /tmp. */
export interface ImageMounts {
  readonly root: string;
  readonly tools: string;
  readonly tmpMb: number;
}

/** Folders of the machine, and the size of the environment's own /tmp. */
export interface FunctionFolders {
  readonly task: string;
  readonly opt: string;
  readonly tmpMb: number;
}

/** What making mounts needs. */
export interface MountOptions {
  /** Where the empty places and the tables go: the caller owns and removes it. */
  readonly root: string;
  /** What is seen at /var/runtime. */
  readonly runtimes: string;
  /** Programs that have to stay where they are, though /opt or /tmp is another one. */
  readonly programs: readonly string[];
  /** Unlike that of any other sandbox. */
  readonly name: string;
}

/** Whether functions have mounts of their own here. */
export type Mounting =
  | { readonly kind: "private"; readonly mounts: PrivateMounts }
  /** One clause that says why not. */
  | { readonly kind: "none"; readonly reason: string };

/** What was tried in this process and worked: the machine will not change its mind for the next sandbox. */
const worked = new Set<string>();

const searchPath = "/usr/bin:/bin:/usr/sbin:/sbin:/run/current-system/sw/bin";

/**
 * Tries, once in a process, whether a function can have /var/task, /opt and /tmp of its own here: in a mount namespace, and for all but
 * root a user namespace. Both are tried as they will be used, with the first of the programs that are to run in it.
 */
export async function findPrivateMounts(options: MountOptions): Promise<Mounting> {
  if (process.platform !== "linux")
    return { kind: "none", reason: `${process.platform} has no mount namespaces` };
  const [unshare, mount] = [findProgram("unshare", searchPath), findProgram("mount", searchPath)];
  if (unshare === null || mount === null) {
    return { kind: "none", reason: "unshare and mount are missing: install util-linux" };
  }
  const ways = waysIn(unshare, process.getuid?.() ?? 0, process.getgid?.() ?? 0);
  let reason = "";
  for (const way of ways) {
    try {
      const mounts = await makeMounts({ ...way, mount }, options);
      const trial = [...way.enter, ...options.programs].join(" ");
      if (!worked.has(trial)) await tryOut(mounts, options);
      worked.add(trial);
      return { kind: "private", mounts };
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error);
    }
  }
  return { kind: "none", reason };
}

type Way = Pick<PrivateMounts, "enter" | "leave" | "asUser" | "unshare">;

/** Lambda's own user and group. Source: answers of `id` in functions on AWS. */
const lambdaUser = ["--setgid=990", "--setuid=993"];

function waysIn(unshare: string, user: number, group: number): readonly Way[] {
  const mounting = ["--mount", "--propagation", "private"];
  const inUserNamespace = [unshare, "--user", "--map-root-user", ...mounting];
  // Root of a container may lack the right to mount and still be allowed to make a user namespace.
  if (user === 0)
    return [
      { enter: [unshare, ...mounting], leave: [], asUser: lambdaUser, unshare },
      { enter: inUserNamespace, leave: [], asUser: [], unshare },
    ];
  const asUser = ["--user", `--map-user=${user}`, `--map-group=${group}`];
  return [{ enter: inUserNamespace, leave: [unshare, ...asUser], asUser, unshare }];
}

/** What a program needs of /opt or /tmp, which functions see another one of. */
function keptOf(programs: readonly string[], hidden: string): readonly MountPoint[] {
  const kept = new Map<string, MountPoint>();
  for (const program of programs) {
    for (const path of [program, real(program)]) {
      if (!path.startsWith(`${hidden}/`)) continue;
      const [top = "", ...rest] = path.slice(hidden.length + 1).split("/");
      // Of a folder that layers have, too, only the program itself.
      const point: MountPoint =
        rest.length === 0 || top === "bin"
          ? { path: path.slice(hidden.length + 1), kind: "file" }
          : { path: top, kind: "folder" };
      kept.set(point.path, point);
    }
  }
  return [...kept.values()];
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/**
 * All that every table has in common. /var becomes a folder with mount points for its former content, since /var/task
 * and /var/runtime can be made nowhere else without leaving something on the machine.
 */
async function makeMounts(
  way: Way & Pick<PrivateMounts, "mount">,
  { root, runtimes, programs, name }: MountOptions,
): Promise<PrivateMounts> {
  const places = join(root, "var");
  const around = await copyOfVar(places);
  const optPoints = keptOf(programs, "/opt");
  const tmpPoints = keptOf(programs, "/tmp");
  for (const { path } of tmpPoints) await mkdir(join(places, "unplug", path), { recursive: true });
  const readOnly = ["bind", "ro", ...(await lockedOptions(root))].join(",");
  const runtimesReadOnly = ["bind", "ro", ...(await lockedOptions(runtimes))].join(",");
  return {
    ...way,
    optPoints,
    imageTableOf: async (key, folders) => {
      const table = join(root, `mounts-${key}`);
      await writeFile(table, mountTable(imageMounts(folders, { name, readOnly })));
      return table;
    },
    tableOf: async (key, { task, opt, tmpMb }) => {
      const table = join(root, `mounts-${key}`);
      const mounts: readonly Mount[] = [
        ...around,
        ...tmpPoints.map(({ path }) => bind(join("/tmp", path), join(places, "unplug", path))),
        { from: task, at: join(places, "task"), options: readOnly },
        { from: runtimes, at: join(places, "runtime"), options: runtimesReadOnly },
        ...optPoints.map(({ path }) => bind(join("/opt", path), join(opt, path))),
        // What has been mounted in them goes with them.
        { from: opt, at: "/opt", options: `r${readOnly}` },
        bind(places, "/var"),
        { from: name, at: "/tmp", type: "tmpfs", options: `mode=1777,nosuid,nodev,size=${tmpMb}m` },
        ...tmpPoints.map(({ path }) => ({
          ...bind(join("/var/unplug", path), join("/tmp", path)),
          options: "rbind,X-mount.mkdir",
        })),
      ];
      await writeFile(table, mountTable(mounts));
      return table;
    },
  };
}

function bind(from: string, at: string): Mount {
  return { from, at, options: "rbind" };
}

/** Fills `places` with links and mount points as /var has them, and returns the mounts for these. */
async function copyOfVar(places: string): Promise<readonly Mount[]> {
  const mounts: Mount[] = [];
  await mkdir(places, { recursive: true });
  for (const entry of await readdir("/var", { withFileTypes: true })) {
    const at = join(places, entry.name);
    const from = join("/var", entry.name);
    if ((await lstat(at).catch(() => null)) !== null || entry.name === "task" || entry.name === "runtime")
      continue;
    if (entry.isSymbolicLink()) await symlink(await readlink(from), at);
    else if (entry.isDirectory()) await mkdir(at);
    else await writeFile(at, "");
  }
  for (const entry of await readdir("/var", { withFileTypes: true })) {
    if (entry.isSymbolicLink() || entry.name === "task" || entry.name === "runtime") continue;
    mounts.push(bind(join("/var", entry.name), join(places, entry.name)));
  }
  for (const own of ["task", "runtime"]) await mkdir(join(places, own), { recursive: true });
  return mounts;
}

const trial = `
  [ -f /var/task/trial ] && [ -f /opt/trial ] || { echo "/var/task and /opt cannot be bound" >&2; exit 1; }
  if (: >/var/task/other) 2>/dev/null; then echo "/var/task cannot be made read-only" >&2; exit 1; fi
  : >/tmp/trial
  [ "$(id -u)" = "$1" ] || { echo "the user cannot be kept" >&2; exit 1; }
  [ -z "$0" ] || exec "$0" --version
`;

async function tryOut(mounts: PrivateMounts, { root, programs, name }: MountOptions): Promise<void> {
  const folder = join(root, "trial");
  await makePoints(folder, mounts.optPoints);
  await writeFile(join(folder, "trial"), "");
  const table = await mounts.tableOf("trial", { task: folder, opt: folder, tmpMb: 1 });
  const user = String(process.getuid?.() ?? 0);
  const [program = "", ...args] = launchCommand({
    kind: "os",
    into: [],
    mounting: { mounts, table },
    loader: { LD_LIBRARY_PATH: libraryPath("managed") },
    command: ["/bin/sh", "-c", trial, programs[0] ?? "", user],
  });
  // Its own group, as every environment: the launcher ends all of it.
  const child = spawn(program, args, {
    cwd: root,
    // The launcher ends whatever has this name, so it may not be left out.
    env: { PATH: searchPath, AWS_LAMBDA_LOG_STREAM_NAME: name },
    detached: true,
    stdio: ["pipe", "ignore", "pipe"],
    timeout: 10_000,
  });
  child.stdin.on("error", () => undefined);
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (status) => {
      // The launcher's watcher ends with it, and with that the output.
      child.stdin.destroy();
      resolve(status);
    });
  });
  const [status, told] = await Promise.all([exited, text(child.stderr)]);
  if (status !== 0) throw new Error(told.trim().split("\n")[0] || `the trial ended with status ${status}`);
}
