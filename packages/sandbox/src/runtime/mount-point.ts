import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** A place where something can be mounted. */
export interface MountPoint {
  /** Relative. */
  readonly path: string;
  readonly kind: "file" | "folder";
}

/** Makes the folder and those of the places in it that are not there. */
export async function makePoints(folder: string, points: readonly MountPoint[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const { path, kind } of points) {
    const point = join(folder, path);
    await mkdir(kind === "folder" ? point : dirname(point), { recursive: true });
    if (kind === "file") await writeFile(point, "", { flag: "a" });
  }
}
