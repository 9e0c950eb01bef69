// Fetches the C libraries of other releases of Debian, under which the interceptor is tried: libc6 of each, and of the
// oldest what programs are built with, since what is built there runs under all of them. They come from the archive that
// this machine's own apt sources name, and lie in one folder of node_modules/.cache; what is there is left as it is.
import { readdirSync, readlinkSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { cachedFolder } from "./cached-folder.ts";
import { unpackPackages } from "./debian-packages.ts";

/** glibc 2.31, 2.36, 2.41, and the newest that there is. */
const packages: Readonly<Record<string, readonly string[]>> = {
  bullseye: ["libc6", "libc6-dev", "linux-libc-dev"],
  bookworm: ["libc6"],
  trixie: ["libc6"],
  sid: ["libc6"],
};

await cachedFolder(
  {
    name: "unplug-glibc",
    title: `C libraries of ${Object.keys(packages).join(", ")}`,
    stamp: `${JSON.stringify({ packages, links: "relative" })}\n`,
  },
  fetchPackages,
);

/** Leaves a folder for each release, a file system of the unpacked packages. */
async function fetchPackages(made: string): Promise<void> {
  await unpackPackages(made, packages);
  for (const release of Object.keys(packages)) linkInside(join(made, release));
}

/** Links that begin at the root of a file system lead out of this one: they become relative. */
function linkInside(release: string): void {
  for (const entry of readdirSync(release, { recursive: true, withFileTypes: true })) {
    const link = join(entry.parentPath, entry.name);
    const to = entry.isSymbolicLink() ? readlinkSync(link) : "";
    if (!to.startsWith("/")) continue;
    rmSync(link);
    symlinkSync(relative(dirname(link), join(release, to)), link);
  }
}
