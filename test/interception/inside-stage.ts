// Runs inside the namespaces that stage.ts makes, as their first process: when it ends, all in them ends.
// inside-stage.ts FOLDER: makes the network, says "ready", then runs what each line of its input orders.
import { execFileSync, spawn } from "node:child_process";
import { Resolver } from "node:dns/promises";
import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { ports, resolver, stageFiles } from "./network.ts";
import type { Order, Report } from "./stage.ts";

const folder = process.argv[2] ?? "";
/** `[address]:port` or `address:port` -> connections that a server has accepted there. */
const accepted = new Map<string, number>();

createInterface({ input: process.stdin })
  .on("line", (line) => obey(JSON.parse(line)))
  // Whoever started the stage is gone, however it went.
  .on("close", () => {
    rmSync(folder, { recursive: true, force: true });
    process.exit();
  });

makeNetwork();
await Promise.all([...ports.map(serve), startDns()]);
report({ ready: true });

function obey(order: Order): void {
  if (order.type === "accepted") report({ id: order.id, accepted: Object.fromEntries(accepted) });
  else start(order);
}

function report(what: Report): void {
  process.stdout.write(`${JSON.stringify(what)}\n`);
}

function makeNetwork(): void {
  for (const [name, text] of stageFiles(folder)) writeFileSync(join(folder, name), text);
  must("ip", "-batch", join(folder, "addresses"));
  for (const name of ["hosts", "resolv.conf", "nsswitch.conf"]) {
    must("mount", "--bind", join(folder, name), `/etc/${name}`);
  }
}

/** Throws when the command fails; what it says of that goes to the stage's owner. */
function must(command: string, ...args: readonly string[]): void {
  execFileSync(command, args, { timeout: 60_000, stdio: ["ignore", "ignore", "inherit"] });
}

/** An HTTP server; a client that only connects is content with it, too. */
async function serve(port: number): Promise<void> {
  const server = createServer((_, response) => response.setHeader("connection", "close").end("here\n"));
  server.on("connection", ({ localAddress = "" }) => {
    const address = localAddress.replace(/^::ffff:/, "");
    const where = address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
    accepted.set(where, (accepted.get(where) ?? 0) + 1);
  });
  server.on("clientError", (_, socket) => socket.destroy());
  server.listen(port, "::");
  await once(server, "listening");
}

/** Ends well when it answers. */
async function startDns(): Promise<void> {
  const command = ["dnsmasq", "--no-daemon", `--conf-file=${join(folder, "dnsmasq.conf")}`] as const;
  const [program, ...args] = command;
  const dnsmasq = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  dnsmasq.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  const ended = once(dnsmasq, "close").then(([code]) => {
    throw new Error(`dnsmasq ended with exit code ${code}:\n${said}`);
  });
  const client = new Resolver({ timeout: 100, tries: 1 });
  client.setServers([resolver]);
  const answers = async (): Promise<void> => {
    for (;;) {
      const found = await client.resolve4("ok.test").catch(() => null);
      if (found !== null) return;
    }
  };
  await Promise.race([ended, answers()]);
}

function start({ id, command, args, env, limitMs }: Extract<Order, { type: "run" }>): void {
  const child = spawn(command, args, { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"], detached: true });
  const chunks = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (chunks.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (chunks.stderr += text));
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    killGroup(child.pid);
  }, limitMs);
  child.on("error", (error) => (chunks.stderr += `${command} did not start: ${error.message}\n`));
  child.on("close", (code, signal) => {
    clearTimeout(timer);
    report({ id, ended: { ...chunks, code, signal, late } });
  });
}

/** A program with what it has started. */
function killGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, "SIGKILL");
  } catch {
    // All of them have ended.
  }
}
