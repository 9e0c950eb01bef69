import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import { test } from "vitest";
import { mayMakeNamespaces } from "./namespaces.ts";

declare module "vitest" {
  interface TaskMeta {
    /** Why the test is not run on this machine; scripts/test.ts counts by it. */
    notRun?: string;
  }
}

interface Program {
  /** A name that is looked up in PATH and where system programs lie, or an absolute path. */
  readonly command: string;
  /** A variable of the environment that names the program where PATH has another one first. */
  readonly variable?: string;
  readonly howToGet: string;
  /** Asked where being there is not enough. */
  readonly works?: (path: string) => boolean;
}

/** What scripts/fetch-arm64.ts leaves: `node`, and `root` with Debian's arm64 packages. */
export const arm64Folder = join(import.meta.dirname, "../../node_modules/.cache/unplug-arm64");

/** What scripts/fetch-glibc.ts leaves: a folder for each release of Debian, with its libc6. */
export const glibcFolder = join(import.meta.dirname, "../../node_modules/.cache/unplug-glibc");

/** What scripts/fetch-go.ts leaves of a Go that another release of Debian has. */
function fetchedGo(version: string, release: string, args = ""): Program {
  const folder = join(import.meta.dirname, `../../node_modules/.cache/unplug-go-${version}`);
  return {
    command: join(folder, release, `usr/lib/go-${version}/bin/go`),
    howToGet: `node scripts/node24.js scripts/fetch-go.ts${args}, on Debian`,
  };
}

const programs = {
  "aws-cli": {
    command: "aws",
    variable: "UNPLUG_AWS_CLI",
    howToGet: "apt-get install awscli, brew install awscli",
  },
  python3: { command: "python3", variable: "UNPLUG_PYTHON", howToGet: "apt-get install python3" },
  "x86-64": {
    command: "/lib64/ld-linux-x86-64.so.2",
    howToGet: "a Linux with glibc on x86-64",
    works: () => process.arch === "x64",
  },
  namespaces: {
    command: "unshare",
    howToGet: "Linux, apt-get install util-linux iproute2, and leave to make network namespaces",
    works: mayMakeNamespaces,
  },
  bash: { command: "bash", howToGet: "apt-get install bash" },
  zsh: { command: "zsh", howToGet: "apt-get install zsh" },
  fish: { command: "fish", howToGet: "apt-get install fish" },
  mandoc: { command: "mandoc", howToGet: "apt-get install mandoc" },
  ip: { command: "ip", howToGet: "apt-get install iproute2" },
  dnsmasq: { command: "dnsmasq", howToGet: "apt-get install dnsmasq-base" },
  gcc: {
    command: "gcc",
    howToGet: "on Linux, apt-get install gcc libc6-dev",
    // On macOS the name is clang's, and what it makes is for macOS.
    works: () => process.platform === "linux",
  },
  "musl-gcc": { command: "musl-gcc", howToGet: "apt-get install musl-tools" },
  clang: { command: "clang", howToGet: "apt-get install clang libclang-rt-dev" },
  strace: {
    command: "strace",
    howToGet: "apt-get install strace, and leave to trace processes",
    works: (path) =>
      spawnSync(path, ["-o", "/dev/null", "true"], { timeout: 60_000, stdio: "ignore" }).status === 0,
  },
  glibcs: {
    command: join(glibcFolder, "bullseye/lib/x86_64-linux-gnu/ld-2.31.so"),
    howToGet: "node scripts/node24.js scripts/fetch-glibc.ts, on Debian",
  },
  mptcp: {
    command: "sh",
    howToGet: "a Linux kernel that has Multipath TCP, and net.mptcp.enabled=1",
    works: () => existsSync("/proc/sys/net/mptcp/enabled"),
  },
  "arm64-gcc": {
    command: "aarch64-linux-gnu-gcc",
    howToGet: "apt-get install gcc-aarch64-linux-gnu libc6-dev-arm64-cross",
  },
  "qemu-arm64": { command: "qemu-aarch64-static", howToGet: "apt-get install qemu-user-static" },
  "arm64-programs": {
    command: join(arm64Folder, "node"),
    howToGet: "node scripts/node24.js scripts/fetch-arm64.ts, on Debian",
  },
  java: { command: "java", howToGet: "apt-get install openjdk-17-jdk-headless" },
  javac: { command: "javac", howToGet: "apt-get install openjdk-17-jdk-headless" },
  ruby: { command: "ruby", howToGet: "apt-get install ruby" },
  perl: { command: "perl", howToGet: "apt-get install perl" },
  php: { command: "php", howToGet: "apt-get install php-cli" },
  chromium: { command: "chromium", variable: "UNPLUG_CHROMIUM", howToGet: "apt-get install chromium" },
  xmllint: { command: "xmllint", howToGet: "apt-get install libxml2-utils" },
  promtool: { command: "promtool", howToGet: "apt-get install prometheus" },
  zip: { command: "zip", howToGet: "apt-get install zip" },
  unzip: { command: "unzip", howToGet: "apt-get install unzip" },
  bsdtar: { command: "bsdtar", howToGet: "apt-get install libarchive-tools" },
  "7z": { command: "7z", howToGet: "apt-get install p7zip-full, brew install p7zip" },
  jar: { command: "jar", howToGet: "apt-get install openjdk-17-jdk-headless" },
  openssl: { command: "openssl", howToGet: "apt-get install openssl" },
  prometheus: { command: "prometheus", howToGet: "apt-get install prometheus, brew install prometheus" },
  curl: { command: "curl", howToGet: "apt-get install curl" },
  terraform: { command: "terraform", howToGet: "https://developer.hashicorp.com/terraform/install" },
  rustc: { command: "rustc", howToGet: "apt-get install rustc" },
  go: { command: "go", howToGet: "apt-get install golang-go" },
  "newest-go": fetchedGo("1.27", "trixie-backports"),
  "go-1.21": fetchedGo("1.21", "bookworm-backports", " all"),
  "go-1.22": fetchedGo("1.22", "bookworm-backports", " all"),
  "go-1.23": fetchedGo("1.23", "bookworm-backports", " all"),
  "go-1.24": fetchedGo("1.24", "trixie", " all"),
  "go-1.25": fetchedGo("1.25", "trixie-backports", " all"),
  "go-1.26": fetchedGo("1.26", "trixie-backports", " all"),
  "docker-registry": { command: "docker-registry", howToGet: "apt-get install docker-registry" },
  skopeo: { command: "skopeo", howToGet: "apt-get install skopeo" },
  umoci: { command: "umoci", howToGet: "apt-get install umoci" },
} satisfies Record<string, Program>;

export type Need = keyof typeof programs;

/** What a test needs and this machine may lack. */
export interface Availability {
  /** Where the program is; null when it is not installed. */
  readonly path: string | null;
  /** Declares a test that is handed the program's path. Without the program it is skipped and reported as not run. */
  readonly test: (name: string, run: (path: string) => Promise<void> | void, timeoutMs?: number) => void;
}

/** Looks for a program; tests that cannot do without it are declared with the `test` of what it returns. */
export function needs(need: Need, env: NodeJS.ProcessEnv = process.env): Availability {
  const { command, variable, howToGet, works }: Program = programs[need];
  const named = variable === undefined ? undefined : env[variable];
  const found = named ?? onPath(command, env["PATH"] ?? "");
  const path = found !== null && works?.(found) === false ? null : found;
  const lacks = found === path ? "is not installed" : "does not work here";
  const orName = variable === undefined ? "" : `, or name it in ${variable}`;
  const notRun = `'${command}' ${lacks} (${howToGet}${orName})`;
  return {
    path,
    test: (name, run, timeoutMs) => {
      if (path === null) test.skip(name, { meta: { notRun } }, () => undefined);
      else test(name, timeoutMs === undefined ? {} : { timeout: timeoutMs }, () => run(path));
    },
  };
}

/** As `needs`, of the first that is missing; of the first of all when none is. */
export function needsAll(...all: readonly [Need, ...Need[]]): Availability {
  const [first, ...others] = all;
  const found = needs(first);
  return [found, ...others.map((need) => needs(need))].find(({ path }) => path === null) ?? found;
}

function onPath(command: string, path: string): string | null {
  const folders = [...path.split(delimiter), "/usr/sbin", "/sbin"];
  const candidates = isAbsolute(command) ? [command] : folders.map((folder) => join(folder, command));
  return candidates.find(isExecutable) ?? null;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
