import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { namespaceOptions } from "../../../../../test/support/namespaces.ts";
import { bin } from "./exec-for-test.ts";

export const ADDRESS = "10.99.0.1";

/**
 * Serves in a network of its own, runs the command in the file given and says how it ended; PORT in it is the server's.
 *
 * There is a name server, too, which never answers.
 */
const DRIVER = `
import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
createSocket("udp4").bind(53, "${ADDRESS}");
const server = createServer((socket) => socket.on("error", () => undefined).end("hello")).listen(0, "${ADDRESS}", () => {
  const { port } = server.address();
  const args = JSON.parse(readFileSync(process.argv[2], "utf8")).map((arg) => arg.replaceAll("PORT", port));
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  let [out, err] = ["", ""];
  child.stdout.on("data", (text) => (out += text));
  child.stderr.on("data", (text) => (err += text));
  child.on("close", (code, signal) => {
    console.log(JSON.stringify({ code: code ?? signal, out, err, port }));
    process.exit();
  });
});
`;

export interface Outcome {
  readonly code: number | string;
  readonly out: string;
  readonly err: string;
  readonly port: number;
}

export interface NetworkLab {
  /** Temporary files of what is started lie in `tmp` in it. */
  readonly folder: string;
  /** Runs `unplug ARGS` where 10.99.0.1 is an address of the machine; `before` is what a shell does first. */
  outcome(unshare: string, args: readonly string[], before?: string): Promise<Outcome>;
  close(): void;
}

export function networkLab(): NetworkLab {
  const folder = mkdtempSync(join(tmpdir(), "unplug-exec-network-"));
  writeFileSync(join(folder, "driver.mjs"), DRIVER);
  mkdirSync(join(folder, "tmp"));
  return {
    folder,
    outcome: (unshare, args, before = "true") => outcome(folder, { unshare, args, before }),
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

interface Start {
  readonly unshare: string;
  readonly args: readonly string[];
  readonly before: string;
}

async function outcome(folder: string, { unshare, args, before }: Start): Promise<Outcome> {
  const setUp = `ip link set lo up && ip addr add ${ADDRESS}/24 dev lo && ${before}`;
  // Too long for an argument.
  const command = join(mkdtempSync(join(folder, "command-")), "args.json");
  writeFileSync(command, JSON.stringify([bin, ...args]));
  const driver = `exec "${process.execPath}" "${join(folder, "driver.mjs")}" "${command}"`;
  const inside = ["sh", "-c", `${setUp} && ${driver}`];
  const child = spawn(unshare, [...namespaceOptions, ...inside], {
    env: { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin:/sbin`, TMPDIR: join(folder, "tmp") },
    stdio: ["ignore", "pipe", "inherit"],
    timeout: 60_000,
  });
  const text = (await child.stdout.setEncoding("utf8").toArray()).join("");
  return JSON.parse(text);
}

export const summaryOf = ({ err, port }: Outcome) =>
  err.trimEnd().split("\n").at(-1)?.replaceAll(String(port), "PORT");
