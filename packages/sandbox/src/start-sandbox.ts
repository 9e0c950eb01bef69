import { randomBytes, randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { type Cloud, createCloud } from "./cloud.ts";
import { serveCloud } from "./http/serve-cloud.ts";
import type { PollingMapping } from "./lambda/mapping-store.ts";
import { makeLockedFolder, sweepDeadFolders } from "./locked-folder.ts";
import { type Pollers, startPollers } from "./pollers.ts";
import { createFunctionFiles, type FunctionFileStore } from "./runtime/function-files.ts";
import { createFunctionRuntime, type FunctionRuntime } from "./runtime/function-runtime.ts";
import { bootstraps, findProgram } from "./runtime/launch-plan.ts";
import { findPrivateMounts, type Mounting } from "./runtime/private-mounts.ts";
import type { FunctionImage } from "./runtime-port.ts";
import { type TimingName, timings } from "./timing.ts";

export interface SandboxOptions {
  /** Default 0: any free one. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Twelve digits; default 000000000000. */
  readonly account?: string;
  /** How long transitions take; default fast. */
  readonly timing?: TimingName;
  /** Age in ms at which metrics become visible; default 0. */
  readonly metricsDelayMs?: number;
  /** How long in ms environments of a replaced revision may still serve; default 0. */
  readonly overlapMs?: number;
  /** Whether functions get mounts of their own where that is permitted; default "private". */
  readonly mounts?: "private" | "none";
}

/** A local AWS that runs functions. */
export interface Sandbox {
  /** Base URL, for AWS_ENDPOINT_URL. */
  readonly url: string;
  readonly port: number;
  readonly cloud: Cloud;
  /** Variables with which AWS SDKs and the AWS CLI use this sandbox. */
  readonly exports: Readonly<Record<string, string>>;
  /**
   * Null: functions have /var/task, /opt and /tmp of their own, as on AWS. Otherwise one clause that says why not: they
   * run in a temporary folder that LAMBDA_TASK_ROOT names, and functions with layers are not run.
   */
  readonly withoutMounts: string | null;
  /** Ends all functions, pollers and connections, and removes the unpacked code. May be called again. */
  close(): Promise<void>;
}

const refreshEveryMs = 100;

/**
 * Starts a local AWS on one port. Functions are real processes of the same user, without isolation: run only code that
 * you would run yourself. When this process ends for whatever reason, theirs end too; the folder that it leaves behind
 * when it is killed is removed by the next sandbox.
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  await sweepDeadFolders(tmpdir());
  const folder = await makeLockedFolder(tmpdir());
  const address: Address = { url: null };
  const mounting = await mountingOf(options, folder.path);
  const { cloud, runtime } = partsOf(options, createFunctionFiles(folder.path, mounting), address);
  const front = await serveCloud(cloud, { port: options.port ?? 0, host: options.host ?? "127.0.0.1" }).catch(
    async (error: unknown) => {
      await folder.remove();
      throw error;
    },
  );
  address.url = front.url;
  const pollers = pollersOf(cloud, runtime);
  const refresh = setInterval(() => runtime.refresh((image) => revisionOf(cloud, image)), refreshEveryMs);
  refresh.unref();
  const end = async (): Promise<void> => {
    clearInterval(refresh);
    cloud.close();
    try {
      await Promise.all([pollers.close(), runtime.close(), front.close()]);
    } finally {
      await folder.remove();
    }
  };
  let ended: Promise<void> | null = null;
  return {
    url: front.url,
    port: front.port,
    cloud,
    exports: exportsFor(front.url),
    withoutMounts: mounting.kind === "none" ? mounting.reason : null,
    close: () => {
      ended ??= end();
      return ended;
    },
  };
}

function exportsFor(url: string): Sandbox["exports"] {
  return {
    AWS_ENDPOINT_URL: url,
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_REGION: "us-east-1",
    // Version 1 of the AWS CLI knows this name only.
    AWS_DEFAULT_REGION: "us-east-1",
  };
}

async function mountingOf({ mounts = "private" }: SandboxOptions, root: string): Promise<Mounting> {
  if (mounts === "none") return { kind: "none", reason: "the sandbox was started without them" };
  const python = findProgram("python3", process.env["PATH"] ?? "");
  return await findPrivateMounts({
    root,
    runtimes: bootstraps,
    programs: [process.execPath, ...(python === null ? [] : [python])],
    name: `unplug-${randomBytes(4).toString("hex")}`,
  });
}

/** Where the sandbox is reached; null until it listens. */
interface Address {
  url: string | null;
}

/** The cloud and what runs its functions: each needs the other. */
function partsOf(
  { account, timing = "fast", metricsDelayMs, overlapMs }: SandboxOptions,
  files: FunctionFileStore,
  address: Address,
): { readonly cloud: Cloud; readonly runtime: FunctionRuntime } {
  const runtime: FunctionRuntime = createFunctionRuntime({
    files,
    machine: { node: process.execPath, searchPath: process.env["PATH"] ?? "" },
    now: () => Date.now(),
    elapsed: () => performance.now(),
    hex: (digits) => randomBytes(digits).toString("hex").slice(0, digits),
    endpoint: () => address.url,
    log: (place, atMs, line) => cloud.logs.append(place, atMs, line),
    figure: ({ region, functionName: FunctionName }, name, value, atMs) =>
      cloud.metrics.add({ region, namespace: "AWS/Lambda", name, dimensions: { FunctionName } }, value, atMs),
    ...(overlapMs === undefined ? {} : { overlapMs }),
  });
  const cloud: Cloud = createCloud({
    clock: { now: () => Date.now() },
    timing: timings[timing],
    invoke: runtime.invoke,
    endpoint: () => address.url ?? "http://127.0.0.1",
    ...(account === undefined ? {} : { account }),
    ...(metricsDelayMs === undefined ? {} : { metricsDelayMs }),
  });
  return { cloud, runtime };
}

function revisionOf(cloud: Cloud, image: FunctionImage): string | null {
  try {
    return cloud.functions.resolve(image.region, image.functionName, image.version, image.account).revision;
  } catch {
    return null;
  }
}

function pollersOf(cloud: Cloud, runtime: FunctionRuntime): Pollers {
  return startPollers({
    mappings: () => cloud.mappings.enabledSqs(),
    call: (action, input, region, signal) =>
      cloud.call(action, input, { region, internal: true, ...(signal === undefined ? {} : { signal }) }),
    // An async function, so that what `resolve` throws becomes a rejection as well.
    invoke: async (mapping, payload) => {
      const image = cloud.functions.resolve(mapping.region, mapping.functionArn, null, mapping.account);
      return await runtime.invoke({
        image,
        payload,
        logTail: false,
        requestId: randomUUID(),
        source: "mapping",
      });
    },
    problem: (mapping, error) => logProblem(cloud, mapping, error),
    elapsed: () => performance.now(),
  });
}

/** Nobody calls a poller and hears of its errors, so the function's log group tells them. */
function logProblem(cloud: Cloud, mapping: PollingMapping, error: unknown): void {
  const group = `/aws/lambda/${mapping.functionArn.split(":")[6] ?? mapping.functionArn}`;
  const message = error instanceof Error ? error.message : String(error);
  const line = `Event source mapping ${mapping.uuid} of ${mapping.queueArn}: ${message}`;
  const place = { region: mapping.region, group, stream: `mapping-${mapping.uuid}` };
  cloud.logs.append(place, cloud.clock.now(), line);
}
