import { readlinkSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { execRefusal } from "./exec-refusal.ts";
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
    const cause = execRefusal(file, (seen) => onMachine(files, seen));
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
