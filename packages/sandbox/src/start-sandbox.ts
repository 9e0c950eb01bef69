import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Cloud, type CloudOptions, createCloud } from "./cloud.ts";
import { type DataFolder, openDataFolder } from "./data/data-folder.ts";
import type { DataFolderUnusable } from "./data/data-folder-unusable.ts";
import { folderBlobs } from "./ecr/folder-blobs.ts";
import type { ImagePuller } from "./ecr/image-puller.ts";
import { type CloudServer, serveCloud } from "./http/serve-cloud.ts";
import { type LockedFolder, makeLockedFolder, sweepDeadFolders } from "./locked-folder.ts";
import { findProgram } from "./runtime/find-program.ts";
import { createFunctionFiles, type FunctionFileStore } from "./runtime/function-files.ts";
import { createFunctionRuntime, type FunctionRuntime } from "./runtime/function-runtime.ts";
import { bootstraps } from "./runtime/launch-plan.ts";
import { findPrivateMounts, type Mounting } from "./runtime/private-mounts.ts";
import type { FunctionImage } from "./runtime-port.ts";
import { startSourcePollers } from "./source-pollers.ts";
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
  /** How long in ms environments of a replaced revision may still serve; default 0. The switch of this name can add to it. */
  readonly overlapMs?: number;
  /** Whether functions get mounts of their own where that is permitted; default "private". */
  readonly mounts?: "private" | "none";
  /**
   * Folder in which what the sandbox holds outlives it; made when it is not there. Absent: all is gone in the end.
   * It is written within a moment of each change; environments, logs, metrics and recorded calls are not in it.
   */
  readonly data?: string;
  /**
   * URL of a registry that holds the container images in place of the sandbox: pushes and pulls go there. A login in it
   * (`http://user:password@host`) is what ECR's GetAuthorizationToken gives out. Absent: the sandbox is the registry.
   */
  readonly registry?: string;
  /** Told when the data folder cannot be written for the time being, and, with null, when it can again. */
  readonly onDataProblem?: (problem: DataFolderUnusable | null) => void;
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
   * run in a temporary folder that LAMBDA_TASK_ROOT names, and functions with layers, or of container images, are not run.
   */
  readonly withoutMounts: string | null;
  /**
   * Ends all functions, pollers and connections, and removes the unpacked code. May be called again. Throws
   * DataFolderUnusable, after all of that, when what changed last cannot be written to the data folder.
   */
  close(): Promise<void>;
}

const refreshEveryMs = 100;

/**
 * Starts a local AWS on one port. Functions are real processes of the same user, without isolation: run only code that
 * you would run yourself. When this process ends for whatever reason, theirs end too; the folder that it leaves behind
 * when it is killed is removed by the next sandbox. Throws DataFolderUnusable, and what listening to the port throws.
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const data = await dataOf(options);
  const ground = await groundOf(options, data).catch(async (error: unknown) => {
    await data?.close();
    throw error;
  });
  const { cloud, runtime, front, folder, mounting } = ground;
  const pollers = startSourcePollers(cloud, runtime.invoke);
  const refresh = setInterval(() => runtime.refresh((image) => revisionOf(cloud, image)), refreshEveryMs);
  refresh.unref();
  const end = async (): Promise<void> => {
    clearInterval(refresh);
    cloud.close();
    try {
      await Promise.all([pollers.close(), runtime.close(), front.close()]);
    } finally {
      await folder.remove();
      await data?.close();
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

async function dataOf({ data, onDataProblem = () => undefined }: SandboxOptions): Promise<DataFolder | null> {
  if (data === undefined) return null;
  return await openDataFolder({
    path: resolve(data),
    elapsed: () => performance.now(),
    problem: onDataProblem,
  });
}

interface Ground {
  readonly cloud: Cloud;
  readonly runtime: FunctionRuntime;
  readonly front: CloudServer;
  readonly folder: LockedFolder;
  readonly mounting: Mounting;
}

/** A cloud that can be called; leaves nothing behind when its port cannot be had. */
async function groundOf(options: SandboxOptions, data: DataFolder | null): Promise<Ground> {
  await sweepDeadFolders(tmpdir());
  const folder = await makeLockedFolder(tmpdir());
  try {
    const address: Address = { url: null };
    const mounting = await mountingOf(options, folder.path);
    const kept = data === null ? {} : { state: data.state, changed: data.changed };
    const blobs = folderBlobs(data?.blobs ?? join(folder.path, "blobs"));
    const images: { puller: ImagePuller | null } = { puller: null };
    const files = createFunctionFiles(folder.path, mounting, async (repository, digest) => {
      if (images.puller === null) throw new Error("Functions are run before there is a cloud.");
      return (await images.puller.pulled(repository, digest)).read(digest);
    });
    const parts = partsOf(options, { files, address, kept: { ...kept, blobs } });
    images.puller = parts.cloud.registry.images;
    const { port = 0, host = "127.0.0.1" } = options;
    const front = await serveCloud(parts.cloud, { port, host });
    address.url = front.url;
    return { ...parts, front, folder, mounting };
  } catch (error) {
    await folder.remove();
    throw error;
  }
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

interface PartsGround {
  readonly files: FunctionFileStore;
  readonly address: Address;
  readonly kept: Pick<CloudOptions, "state" | "changed" | "blobs">;
}

/** The cloud and what runs its functions: each needs the other. */
function partsOf(
  { account, timing = "fast", metricsDelayMs, overlapMs = 0, registry }: SandboxOptions,
  { files, address, kept }: PartsGround,
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
    overlapMs: () => Math.max(overlapMs, cloud.switches.get().overlapMs),
  });
  const cloud: Cloud = createCloud({
    clock: { now: () => Date.now() },
    timing: timings[timing],
    invoke: runtime.invoke,
    endpoint: () => address.url ?? "http://127.0.0.1",
    ...kept,
    ...(account === undefined ? {} : { account }),
    ...(registry === undefined ? {} : { registry }),
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
