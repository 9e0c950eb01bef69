import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

/** Where Prometheus looks, and what its samples are labelled with. */
export interface ScrapeJob {
  readonly name: string;
  /** Of the page with the metrics. */
  readonly url: string;
}

/** A Prometheus that scrapes twice a second, with all that it knows in `folder`. */
export class PrometheusProcess implements AsyncDisposable {
  readonly url: string;
  readonly #end: () => Promise<void>;

  private constructor(url: string, end: () => Promise<void>) {
    this.url = url;
    this.#end = end;
  }

  static async start(
    program: string,
    folder: string,
    jobs: readonly ScrapeJob[],
  ): Promise<PrometheusProcess> {
    const config = join(folder, "prometheus.yml");
    await writeFile(config, JSON.stringify({ scrape_configs: jobs.map(scrape) }));
    // Its own choice of a free port it would tell nobody.
    for (let tries = 1; ; tries += 1) {
      const listen = `127.0.0.1:${await freePort()}`;
      const args = [
        `--config.file=${config}`,
        `--storage.tsdb.path=${join(folder, "tsdb")}`,
        `--web.listen-address=${listen}`,
      ];
      const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"] });
      let said = "";
      child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
      const ended = once(child, "close");
      const end = async () => {
        child.kill("SIGKILL");
        await ended;
      };
      const url = `http://${listen}`;
      while (child.exitCode === null) {
        const answer = await fetch(`${url}/-/ready`).catch(() => null);
        if (answer?.ok === true) return new PrometheusProcess(url, end);
        await wait(50);
      }
      if (tries === 3) throw new Error(`Prometheus did not start:\n${said}`);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#end();
  }
}

function scrape({ name, url }: ScrapeJob) {
  const { host, pathname, searchParams } = new URL(url);
  const params = Object.fromEntries([...searchParams].map(([key, value]) => [key, [value]]));
  return {
    job_name: name,
    scrape_interval: "500ms",
    scrape_timeout: "500ms",
    metrics_path: pathname,
    params,
    static_configs: [{ targets: [host] }],
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== "object" || address === null) throw new Error("There is no free port.");
  return address.port;
}
