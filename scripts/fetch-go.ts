// Fetches other releases of Go, with which programs are built that the hook is tried in: `fetch-go.ts [VERSION...]`, the newest
// when none is named, `all` for all that Debian has. Each lies in a folder of node_modules/.cache; what is there is left as it is.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { cachedFolder } from "./cached-folder.ts";
import { unpackPackages } from "./debian-packages.ts";

/** Go's versions and the release of Debian that has them; what Debian 12 itself has is installed as ever. */
const releases: Readonly<Record<string, string>> = {
  "1.21": "bookworm-backports",
  "1.22": "bookworm-backports",
  "1.23": "bookworm-backports",
  "1.24": "trixie",
  "1.25": "trixie-backports",
  "1.26": "trixie-backports",
  "1.27": "trixie-backports",
};

const versions = Object.keys(releases);
const asked = process.argv.slice(2);
const wanted = asked.length === 0 ? versions.slice(-1) : asked.includes("all") ? versions : asked;

for (const version of wanted) {
  const release = releases[version];
  if (release === undefined) {
    console.error(`Go ${version}: expected one of ${versions.join(", ")}, or all.`);
    process.exitCode = 2;
  } else {
    await fetchGo(version, release);
  }
}

/** Leaves `RELEASE/usr/lib/go-VERSION/bin/go`, which finds the rest of itself beside it. */
async function fetchGo(version: string, release: string): Promise<void> {
  const packages = { [release]: [`golang-${version}-go`, `golang-${version}-src`] };
  await cachedFolder(
    { name: `unplug-go-${version}`, title: `Go ${version}`, stamp: `${JSON.stringify({ packages })}\n` },
    async (made) => {
      await unpackPackages(made, packages);
      // Documents of which a part is linked to what is not here.
      rmSync(join(made, release, "usr/share/doc"), { recursive: true, force: true });
    },
  );
}
