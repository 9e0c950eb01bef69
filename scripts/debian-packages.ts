// Packages of any release of Debian, from the archive that this machine's own apt sources name. They are unpacked into a folder
// and never installed; no script of theirs is run.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "./run-command.ts";

/** Release -> names of packages. */
export type DebianPackages = Readonly<Record<string, readonly string[]>>;

/** Leaves in `made` a folder for each release: a file system of the unpacked packages. Apt checks the signatures of the archive. */
export async function unpackPackages(made: string, packages: DebianPackages): Promise<void> {
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
  }
  rmSync(apt, { recursive: true });
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
      "Fetching packages needs apt, with a release of Debian behind its sources.",
  );
}
