import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect } from "vitest";
import { Dependency, ownAddress } from "../support/dependency.ts";
import { Lab, REGION, waitFor } from "../support/lab.ts";
import { needs } from "../support/needs.ts";
import { PrometheusProcess } from "../support/prometheus.ts";

/** Metrics come a minute late on AWS. */
const DELAY_SECONDS = process.env["UNPLUG_DEEP"] === "1" ? 60 : 5;
const PERIOD_SECONDS = 3;
const HOLD_SECONDS = 6;
const PATIENCE = (2 * DELAY_SECONDS + 90) * 1000;

const prometheus = needs("prometheus");

const FAILS_LATE = 'setTimeout(() => reject(new Error("no database")), 1000);';
const COPES = 'resolve("degraded");';

/** A function that says hello to its database, and what it does without it. */
const asking = ({ host, port }: Dependency, failure: string) => `import { connect } from "node:net";
export const handler = () => new Promise((resolve, reject) => {
  const socket = connect(${port}, ${JSON.stringify(host)});
  socket.once("data", () => { socket.destroy(); resolve("fine"); }).once("error", () => { ${failure} });
});`;

type Job = "now" | "late";

const canBlock = ownAddress !== null || prometheus.path === null;

describe.runIf(canBlock).concurrent("the probes of the spec, asked of a Prometheus", () => {
  let folder: string;
  let database: Dependency;
  let labs: Readonly<Record<Job, Lab>>;
  let server: PrometheusProcess;

  beforeAll(async () => {
    if (prometheus.path === null) return;
    folder = await mkdtemp(join(tmpdir(), "unplug-prometheus-"));
    database = await Dependency.open();
    const [now, late] = await Promise.all([
      Lab.open({ timing: "fast" }),
      Lab.open({ timing: "fast", metricsDelayMs: DELAY_SECONDS * 1000 }),
    ]);
    labs = { now, late };
    const jobs = Object.entries(labs).map(([name, { sandbox }]) => ({
      name,
      url: `${sandbox.url}/metrics?period=${PERIOD_SECONDS}`,
    }));
    server = await PrometheusProcess.start(prometheus.path, folder, jobs);
    return async () => {
      await server[Symbol.asyncDispose]();
      await Promise.all([now.close(), late.close(), database[Symbol.asyncDispose]()]);
      await rm(folder, { recursive: true, force: true });
    };
  }, PATIENCE);

  /** A probe of a step as a file holds it. */
  function probe(job: Job, name: string, query: string, more: object) {
    const labelled = query.replace("{", `{job="${job}", `);
    const prometheus = { endpoint: server.url, query: labelled };
    const lag = job === "late" ? `${DELAY_SECONDS}s` : "0s";
    return { name, type: "prometheus", mode: "OnChaos", lag, run: { interval: "1s" }, prometheus, ...more };
  }

  /** Blocks one function's database and stops another's deliveries at once, with the spec's own probes on both. */
  function experiment(job: Job, asks: string, reads: string): unknown {
    const common = { REGION, TOTAL_CHAOS_DURATION: HOLD_SECONDS };
    const absent = `sum(aws_lambda_error_sum{function_name="${asks}"})`;
    const visible = `aws_sqs_approximate_number_of_messages_visible_maximum{queue_name="${reads}-0"}`;
    const asked = {
      fault: "lambda-block-tcp-connection",
      tunables: {
        ...common,
        FUNCTION_NAME: asks,
        TARGET_HOSTNAMES: database.target,
        INJECTION_METHOD: "env",
      },
      probes: [
        probe(job, "errors", `aws_lambda_errors_sum{function_name="${asks}"}`, expecting({ rises: true })),
        probe(
          job,
          "duration",
          `aws_lambda_duration_minimum{function_name="${asks}"}`,
          expecting({ rises: 700 }),
        ),
        probe(job, "absent passes", absent, { ...expecting(0), missing: "pass" }),
        probe(job, "absent fails", absent, { ...expecting(0), missing: "fail" }),
        probe(job, "absent waits", absent, { ...expecting(0), missing: "wait" }),
      ],
    };
    const fed = {
      fault: "lambda-toggle-event-mapping-state",
      tunables: { ...common, FUNCTION_NAME: reads, EVENT_UUIDS: "all" },
      probes: [
        // A function that nobody invokes has no metric at all.
        probe(
          job,
          "invocations",
          `sum(aws_lambda_invocations_sum{function_name="${reads}"}) or vector(0)`,
          expecting({ drops: "80%" }),
        ),
        probe(job, "depth", visible, expecting({ rises: 5, returns: "20s" })),
      ],
    };
    const metadata = { name: `${job}-${asks}` };
    return {
      apiVersion: "unplug.dev/v1",
      kind: "Experiment",
      metadata,
      spec: { steps: [{ parallel: [asked, fed] }] },
    };
  }

  /** The verdicts of a run's probes, with their reasons, over functions that are called four times a second. */
  async function judged(job: Job, kind: "fragile" | "resilient") {
    const lab = labs[job];
    const [asks, reads] = [`${kind}-asks`, `${kind}-reads`];
    await Promise.all([
      lab.addFunction(asks, { source: asking(database, kind === "fragile" ? FAILS_LATE : COPES) }),
      lab.addFed(reads, 1),
    ]);
    const calling = new AbortController();
    // What is invoked by somebody else as well is not stopped by a mapping.
    const feed = (n: number) =>
      kind === "fragile"
        ? lab.send(`${reads}-0`, [`order ${n}`])
        : lab.call("lambda:Invoke", { FunctionName: reads });
    const calls = keepGoing(calling.signal, () => lab.call("lambda:Invoke", { FunctionName: asks }));
    const feeding = keepGoing(calling.signal, feed);
    const file = join(folder, `${job}-${kind}.yaml`);
    await writeFile(file, JSON.stringify(experiment(job, asks, reads)));
    await waitFor(() => isScraped(`aws_lambda_invocations_sum{job="${job}",function_name="${reads}"} >= 8`));
    const { stdout, stderr, code } = await lab.unplug(["run", file, "--format", "json"]);
    calling.abort();
    await Promise.all([calls, feeding]);
    const { probes }: { probes: readonly { name: string; verdict: string; text: string | null }[] } =
      JSON.parse(stdout);
    const of = (verdict: string) => probes.filter((one) => one.verdict === verdict).map(({ name }) => name);
    return { code, stderr, of, text: (name: string) => probes.find((one) => one.name === name)?.text };
  }

  async function isScraped(query: string): Promise<boolean> {
    await sleep(200);
    const answer = await fetch(`${server.url}/api/v1/query?query=${encodeURIComponent(query)}`);
    return Object(await answer.json()).data.result.length > 0;
  }

  for (const job of ["now", "late"] as const) {
    const when = job === "now" ? "at once" : `${DELAY_SECONDS} s late`;

    prometheus.test(
      `pass on a workload that behaves so, where metrics come ${when}`,
      async () => {
        const { of, code, stderr, text } = await judged(job, "fragile");

        expect(of("passed"), stderr).toEqual(["errors", "duration", "absent passes", "invocations", "depth"]);
        expect(of("failed")).toEqual(["absent fails"]);
        expect(of("errored")).toEqual(["absent waits"]);
        expect(text("absent fails")).toContain(
          "there is no metric aws_lambda_error_sum, there is aws_lambda_errors_sum,",
        );
        expect(code).toBe(3);
      },
      PATIENCE,
    );

    prometheus.test(
      `fail on one that does not, where metrics come ${when}`,
      async () => {
        const { of, stderr } = await judged(job, "resilient");

        expect(of("failed"), stderr).toEqual(["errors", "duration", "absent fails", "invocations", "depth"]);
        expect(of("passed")).toEqual(["absent passes"]);
      },
      PATIENCE,
    );
  }
});

function expecting(value: unknown): { readonly expect: object } {
  return { expect: { value } };
}

async function keepGoing(signal: AbortSignal, call: (n: number) => Promise<unknown>): Promise<void> {
  for (let n = 0; !signal.aborted; n += 1) {
    await call(n);
    await sleep(250);
  }
}
