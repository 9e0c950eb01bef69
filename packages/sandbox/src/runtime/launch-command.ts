import { join } from "node:path";
import type { PrivateMounts } from "./private-mounts.ts";

/** What is started for one environment. */
export interface Launch {
  /**
   * "managed" runtimes honour AWS_LAMBDA_EXEC_WRAPPER, "os" ones do not, and of an "image" its own programs do or do not. Source:
   * Lambda runtime wrappers.
   */
  readonly kind: "managed" | "os" | "image";
  /** In front of the command of an image: makes the image's folder the root. Followed by variables of the loader and `--`. */
  readonly into: readonly string[];
  /** Null: the function sees the files of the machine. */
  readonly mounting: { readonly mounts: PrivateMounts; readonly table: string } | null;
  /** Variables of the dynamic loader. They name files that are there only after the mounts. */
  readonly loader: Readonly<Record<string, string>>;
  readonly command: readonly string[];
}

const launcher = join(import.meta.dirname, "bootstrap", "launch.sh");

/** The program and the arguments with which an environment begins; it becomes the command under the same process id. */
export function launchCommand({ kind, mounting, into, loader, command }: Launch): readonly string[] {
  const { enter, mount, leave } = mounting?.mounts ?? { enter: [], mount: "", leave: [] };
  const variables = Object.entries(loader).map(([name, value]) => `${name}=${value}`);
  const left = into.length > 0 ? "" : leave.join(" ");
  const start = [...enter, "/bin/sh", launcher, kind, mount, mounting?.table ?? "", left];
  // In front of the programs of the machine that are still to be run they would name files of the image.
  if (into.length > 0) return [...start, "--", ...into, ...variables, "--", ...command];
  return [...start, ...variables, "--", ...command];
}
