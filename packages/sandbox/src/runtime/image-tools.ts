import { execFile } from "node:child_process";
import { realpathSync } from "node:fs";
import { copyFile, mkdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { elfHeader } from "./elf-header.ts";
import { headOf } from "./exec-refusal.ts";
import { toolsPoint } from "./image-folders.ts";

/** A shell that runs in any image, also in one without a shell and a libc. */
export interface ImageTools {
  /** Folder of the machine, seen at `toolsPoint` in the image. */
  readonly folder: string;
  /** The shell's command there. */
  readonly shell: readonly string[];
}

const machineShell = "/bin/sh";

/** Copies the machine's shell with its loader and libraries into a folder. */
export async function makeImageTools(folder: string): Promise<ImageTools> {
  await mkdir(folder, { recursive: true, mode: 0o755 });
  await copyFile(realpathSync(machineShell), join(folder, "sh"));
  const shell = `${toolsPoint}/sh`;
  const loader = elfHeader(headOf(realpathSync(machineShell)))?.interpreter ?? null;
  if (loader === null) return { folder, shell: [shell] };
  await copyFile(realpathSync(loader), join(folder, "loader"));
  // glibc's and musl's loaders both have this option. A library is named with its place, `NAME => PATH (0x…)`.
  const { stdout } = await promisify(execFile)(loader, ["--list", machineShell], { env: {} });
  for (const [, library = ""] of stdout.matchAll(/=> (\/\S+) \(0x/g)) {
    await copyFile(realpathSync(library), join(folder, basename(library)));
  }
  return { folder, shell: [`${toolsPoint}/loader`, "--library-path", toolsPoint, shell] };
}
