// Runs a script of this repository with the Node.js that package.json pins, and installs the dependencies first when
// they are missing or older than package-lock.json. Plain JavaScript without dependencies: it is the one file that
// an older Node.js (18 and later) must be able to run, in a fresh clone with nothing installed.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { constants, tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const modules = join(root, "node_modules");
const stamp = join(modules, ".unplug-lock-hash");
const lockHash = createHash("sha256")
  .update(readFileSync(join(root, "package-lock.json")))
  .digest("hex");

if (process.argv[2] === undefined) fail("usage: node scripts/node24.js SCRIPT [ARGUMENT ...]");
if (!isInstalled()) await installAlone();
await run(findNode(), process.argv.slice(2));

function isInstalled() {
  if (!existsSync(join(modules, ".package-lock.json"))) return false;
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lockHash) return true;
  // Somebody ran npm by hand after the lock last changed; npm writes its own copy of the lock last of all.
  if (modifiedAt(join(modules, ".package-lock.json")) < modifiedAt(join(root, "package-lock.json")))
    return false;
  writeFileSync(stamp, lockHash);
  return true;
}

function modifiedAt(file) {
  return statSync(file).mtimeMs;
}

/**
 * One install at a time. The lock is a listening socket: it is free the moment its owner dies, however it dies, and
 * the others wait by staying connected to it.
 */
async function installAlone() {
  for (;;) {
    const lock = await listen();
    if (lock !== null) {
      try {
        if (!isInstalled()) await install();
      } finally {
        lock.close();
      }
      return;
    }
    await waitForOwner();
    if (isInstalled()) return;
  }
}

function lockAddress() {
  const name = `unplug-install-${createHash("sha256").update(root).digest("hex").slice(0, 16)}`;
  return process.platform === "linux" ? `\0${name}` : join(tmpdir(), `${name}.sock`);
}

function listen() {
  return new Promise((resolve, reject) => {
    const waiting = new Set();
    const server = createServer((socket) => {
      waiting.add(socket);
      socket.on("error", () => socket.destroy());
    });
    server.once("error", (error) => (error.code === "EADDRINUSE" ? resolve(null) : reject(error)));
    server.listen(lockAddress(), () => {
      server.unref();
      resolve({
        close() {
          server.close();
          for (const socket of waiting) socket.destroy();
        },
      });
    });
  });
}

function waitForOwner() {
  return new Promise((resolve) => {
    const socket = connect(lockAddress());
    socket.on("error", (error) => {
      // A socket file whose owner died stays behind where sockets are files (not on Linux).
      if (error.code === "ECONNREFUSED") rmSync(lockAddress(), { force: true });
    });
    socket.on("close", resolve);
    socket.resume();
  });
}

async function install() {
  process.stderr.write("Installing dependencies (npm ci) …\n");
  await npmCi(process.env.PATH ?? "");
  // npm leaves out, without a word, native packages that do not want the Node.js on which npm itself runs.
  if (lacksNative()) await npmCi(`${dirname(findNode())}${delimiter}${process.env.PATH ?? ""}`);
  writeFileSync(stamp, lockHash);
}

function lacksNative() {
  const { packages = {} } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  return Object.entries(packages).some(
    ([path, { optional, os, cpu, libc = "glibc" }]) =>
      optional === true &&
      [os].flat().includes(process.platform) &&
      [cpu].flat().includes(process.arch) &&
      [libc].flat().includes("glibc") &&
      !existsSync(join(root, path)),
  );
}

async function npmCi(path) {
  // The lock has the hash of everything, so what npm still has of it needs no asking at the registry.
  const speed = ["--prefer-offline", "--no-audit", "--no-fund"];
  const npm = spawn("npm", ["ci", "--include=dev", "--include=optional", "--ignore-scripts", ...speed], {
    cwd: root,
    env: { ...process.env, PATH: path },
    stdio: ["ignore", "pipe", "pipe"],
    shell: process.platform === "win32",
  });
  const output = [];
  npm.stdout.on("data", (chunk) => output.push(chunk));
  npm.stderr.on("data", (chunk) => output.push(chunk));
  const forget = passSignals(npm);
  const { code, signal } = await ended(npm);
  forget();
  if (code !== 0) process.stderr.write(Buffer.concat(output));
  if (signal !== null) await dieBy(signal);
  if (code !== 0) process.exit(code);
}

function findNode() {
  const pinned = join(modules, `node-linux-${process.arch}`, "bin", "node");
  if (process.platform === "linux" && existsSync(pinned)) return pinned;
  if (Number(process.versions.node.split(".")[0]) >= 24) return process.execPath;
  if (process.platform === "linux" && ["x64", "arm64"].includes(process.arch)) {
    fail(`${pinned} is missing: npm left out an optional dependency. Run: npm ci --include=optional`);
  }
  return fail(
    `Node.js 24 or later is needed; this is ${process.version} on ${process.platform} ${process.arch}, for which ` +
      "package.json pins none. Install Node.js 24 (https://nodejs.org) and try again.",
  );
}

async function run(node, args) {
  const path = `${dirname(node)}${delimiter}${process.env.PATH ?? ""}`;
  const child = spawn(node, args, { stdio: "inherit", env: { ...process.env, PATH: path } });
  passSignals(child);
  const { code, signal } = await ended(child);
  if (signal !== null) await dieBy(signal);
  process.exitCode = code;
}

/** Hands signals on and outlives the child. A terminal gives SIGINT to the whole process group, so not a second time. */
function passSignals(child) {
  const listeners = ["SIGINT", "SIGTERM", "SIGHUP"].map((name) => {
    const listener = () => {
      if (name !== "SIGINT" || !process.stdin.isTTY) child.kill(name);
    };
    process.on(name, listener);
    return () => process.off(name, listener);
  });
  return () => {
    for (const remove of listeners) remove();
  };
}

function ended(child) {
  return new Promise((resolve) => {
    child.on("error", (error) => {
      process.stderr.write(`${child.spawnfile} did not start: ${error.message}\n`);
      resolve({ code: 127, signal: null });
    });
    child.on("close", (code, signal) => resolve({ code, signal }));
  });
}

/** Never resolves. */
function dieBy(signal) {
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.removeAllListeners(name);
  process.kill(process.pid, signal);
  // A signal of which this process cannot die still ends it, with the shell's code for it.
  return new Promise(() => setTimeout(() => process.exit(128 + (constants.signals[signal] ?? 0)), 200));
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}
