import { existsSync } from "node:fs";
import { join } from "node:path";
import { devices, networkFiles, toolsPoint } from "./image-folders.ts";
import type { Mount } from "./mount-table.ts";
import type { ImageMounts } from "./private-mounts.ts";

/** The mounts below the folder of an image, which is read-only, as on AWS, but for /tmp. */
export function imageMounts(
  { root, tools, tmpMb }: ImageMounts,
  { name, readOnly }: { readonly name: string; readonly readOnly: string },
): readonly Mount[] {
  const bound = (path: string): Mount => ({ from: path, at: join(root, path), options: "bind" });
  return [
    { from: root, at: root, options: readOnly },
    { from: "/proc", at: join(root, "proc"), options: "rbind" },
    ...devices.map((device) => bound(`/dev/${device}`)),
    ...networkFiles.filter((path) => existsSync(path)).map(bound),
    { from: tools, at: join(root, toolsPoint), options: readOnly },
    {
      from: name,
      at: join(root, "tmp"),
      type: "tmpfs",
      options: `mode=1777,nosuid,nodev,size=${tmpMb}m`,
    },
  ];
}
