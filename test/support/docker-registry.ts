import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export interface DockerRegistry {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** `127.0.0.1:PORT` */
  readonly host: string;
  /** Where it keeps what it is given. */
  readonly folder: string;
  stop(): Promise<void>;
}

/** Starts Debian's registry (`program`) on loopback with an empty folder of its own. */
export async function startDockerRegistry(program: string): Promise<DockerRegistry> {
  const folder = mkdtempSync(join(tmpdir(), "unplug-registry-"));
  // Between the look for a port and its use somebody else may take it.
  for (let attempt = 1; ; attempt += 1) {
    const started = await start(program, folder, await freePort());
    if (started !== null) return started;
    if (attempt < 5) continue;
    rmSync(folder, { recursive: true, force: true });
    throw new Error("docker-registry did not start five times.");
  }
}

async function start(program: string, folder: string, port: number): Promise<DockerRegistry | null> {
  const host = `127.0.0.1:${port}`;
  const configuration = join(folder, "config.yml");
  const settings = {
    version: "0.1",
    log: { level: "error", accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(folder, "data") }, delete: { enabled: true } },
    http: { addr: host, secret: createHash("sha256").update(folder).digest("hex") },
  };
  // JSON is YAML, too.
  writeFileSync(configuration, JSON.stringify(settings));
  const child = spawn(program, ["serve", configuration], { stdio: "ignore" });
  const ended = once(child, "exit");
  const url = `http://${host}`;
  while (child.exitCode === null && child.signalCode === null) {
    if (await answers(url)) {
      return {
        url,
        host,
        folder,
        stop: async () => {
          child.kill("SIGKILL");
          await ended;
          rmSync(folder, { recursive: true, force: true });
        },
      };
    }
    await sleep(20);
  }
  return null;
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/v2/`);
    await response.body?.cancel();
    return response.status === 200;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("The server has no port.");
  return address.port;
}
