import { readFile } from "node:fs/promises";
import { sep } from "node:path";

/** One mount, as a line of fstab(5). */
export interface Mount {
  readonly from: string;
  readonly at: string;
  /** Separated by commas. */
  readonly options: string;
  /** Default: "none", for binds. */
  readonly type?: string;
}

function escaped(path: string): string {
  return path.replace(/[\s\\#]/g, (sign) => `\\${sign.charCodeAt(0).toString(8).padStart(3, "0")}`);
}

/** The text for `mount --all --fstab`; the mounts are made in this order. */
export function mountTable(mounts: readonly Mount[]): string {
  return mounts
    .map(
      ({ from, at, options, type }) => `${escaped(from)} ${escaped(at)} ${type ?? "none"} ${options} 0 0\n`,
    )
    .join("");
}

/**
 * Those of nosuid, nodev and noexec that the file system of a path is mounted with: whoever binds it in a user
 * namespace may not leave them out when it becomes read-only. Source: user_namespaces(7), mount_namespaces(7).
 */
export async function lockedOptions(path: string): Promise<readonly string[]> {
  const table = await readFile("/proc/self/mountinfo", "utf8").catch(() => "");
  let at = "";
  let options: readonly string[] = [];
  for (const line of table.split("\n")) {
    const [, , , , escapedPoint, flags] = line.split(" ");
    if (escapedPoint === undefined || flags === undefined) continue;
    const point = escapedPoint.replace(/\\(\d{3})/g, (_, octal: string) =>
      String.fromCharCode(Number.parseInt(octal, 8)),
    );
    const within = path === point || path.startsWith(point.endsWith(sep) ? point : `${point}${sep}`);
    // The last of several mounts at one place is the one that is seen.
    if (within && point.length >= at.length) [at, options] = [point, flags.split(",")];
  }
  return ["nosuid", "nodev", "noexec"].filter((option) => options.includes(option));
}
