// Fetches the C libraries of other releases of Debian, under which the interceptor is tried: libc6 of each, and of the
// oldest what programs are built with, since what is built there runs under all of them. They come from the archive that
// this machine's own apt sources name, and lie in one folder of node_modules/.cache; what is there is left as it is.
import { mkdirSync, readdirSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { cachedFolder } from "./cached-folder.ts";
import { runCommand } from "./run-command.ts";

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

/** Leaves a folder for each release, a file system of the unpacked packages; no script of theirs is run. */
async function fetchPackages(made: string): Promise<void> {
  const apt = join(made, "apt");
  for (const inner of ["state/lists/partial", "cache/archives/partial", "empty"]) {
    mkdirSync(join(apt, inner), { recursive: true });
  }
  const archive = await ownArchive();
  const sources = Object.keys(packages).map((release) => `deb ${archive} ${release} main\n`);
  writeFileSync(join(apt, "sources.list"), sources.join(""));
  writeFileSync(join(apt, "status"), "");
  writeFileSync(join(apt, "apt.conf"), aptConfiguration(apt));
  const env = { ...process.env, APT_CONFIG: join(apt, "apt.conf") };
  await run("apt-get", ["--quiet", "update", "--error-on=any"], { env });
  for (const [release, names] of Object.entries(packages)) {
    const downloaded = join(apt, release);
    mkdirSync(downloaded);
    const wanted = names.map((name) => `${name}/${release}`);
    await run("apt-get", ["--quiet", "download", ...wanted], { env, cwd: downloaded });
    for (const file of readdirSync(downloaded)) {
      await run("dpkg-deb", ["--extract", join(downloaded, file), join(made, release)]);
    }
    linkInside(join(made, release));
  }
  rmSync(apt, { recursive: true });
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

/** Where this machine gets the packages of its own release from. */
async function ownArchive(): Promise<string> {
  const format = "$(REPO_URI) $(CODENAME) $(COMPONENT)";
  const targets = await run("apt-get", ["indextargets", "--format", format, "Created-By: Packages"]);
  const own = targets
    .split("\n")
    .map((line) => line.split(" "))
    // Updates and security have archives or releases of their own, with a hyphen.
    .find(([, codename = "-", component]) => !codename.includes("-") && component === "main")?.[0];
  if (own !== undefined) return own;
  throw new Error(`None of this machine's apt sources is a release of Debian; there are:\n${targets}`);
}

/** The machine's own keys and proxies, with sources and a state of its own in which nothing is installed. */
function aptConfiguration(apt: string): string {
  return `APT::Architecture "amd64";
#clear APT::Architectures;
APT::Architectures { "amd64"; };
APT::Sandbox::User "";
Acquire::Languages "none";
Dir::Etc::sourcelist "${apt}/sources.list";
Dir::Etc::sourceparts "${apt}/empty";
Dir::Etc::preferences "${apt}/empty/none";
Dir::Etc::preferencesparts "${apt}/empty";
Dir::State "${apt}/state";
Dir::State::status "${apt}/status";
Dir::Cache "${apt}/cache";
`;
}

async function run(
  command: string,
  args: readonly string[],
  options: Parameters<typeof runCommand>[2] = {},
): Promise<string> {
  const { code, output } = await runCommand(command, args, options);
  if (code === 0) return output;
  throw new Error(
    `'${command} ${args.join(" ")}' failed with exit code ${code}:\n${output}\n` +
      "Fetching the C libraries needs apt, with a release of Debian behind its sources.",
  );
}
