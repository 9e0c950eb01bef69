import { createHash, randomBytes, randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FunctionImage, InvokeAnswer, LayerImage } from "../runtime-port.ts";
import { zipOf } from "../zip-of.ts";
import { createFunctionFiles } from "./function-files.ts";
import {
  createFunctionRuntime,
  type FunctionRuntime,
  type FunctionRuntimeOptions,
} from "./function-runtime.ts";
import { bootstraps } from "./launch-plan.ts";
import { findPrivateMounts, type Mounting } from "./private-mounts.ts";

/** A runtime whose logs and figures can be read, for tests. */
export interface RuntimeForTest {
  readonly runtime: FunctionRuntime;
  readonly lines: { group: string; stream: string; line: string }[];
  readonly figures: { name: string; value: number }[];
  call(
    image: FunctionImage,
    payload?: unknown,
  ): Promise<InvokeAnswer & { readonly value: unknown; readonly tail: string }>;
  close(): Promise<void>;
}

/** Starts one in a temporary folder of its own, which `close` removes; functions get mounts where that is permitted. */
export async function runtimeForTest(
  options: Partial<FunctionRuntimeOptions> = {},
  mounts: "private" | "none" = "private",
): Promise<RuntimeForTest> {
  const root = await mkdtemp(join(tmpdir(), "unplug-runtime-test-"));
  const lines: { group: string; stream: string; line: string }[] = [];
  const figures: { name: string; value: number }[] = [];
  const mounting: Mounting =
    mounts === "none" ? { kind: "none", reason: "not wanted" } : await mountingForTest(root);
  const runtime = createFunctionRuntime({
    files: createFunctionFiles(root, mounting, noLayers),
    machine: { node: process.execPath, searchPath: process.env["PATH"] ?? "" },
    now: () => Date.now(),
    elapsed: () => performance.now(),
    hex: (digits) => randomBytes(digits).toString("hex").slice(0, digits),
    endpoint: () => "http://127.0.0.1:1",
    log: ({ group, stream }, _at, line) => lines.push({ group, stream, line: line.replace(/\n$/, "") }),
    figure: (_image, name, value) => figures.push({ name, value }),
    ...options,
  });
  return {
    runtime,
    lines,
    figures,
    async call(image, payload = {}) {
      const answer = await runtime.invoke({
        image,
        payload: Buffer.from(JSON.stringify(payload)),
        logTail: true,
        requestId: randomUUID(),
        source: "api",
      });
      const value: unknown = JSON.parse(answer.payload.toString());
      return { ...answer, value, tail: Buffer.from(answer.logTail ?? "", "base64").toString() };
    },
    async close() {
      await runtime.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}

function noLayers(): Promise<never> {
  return Promise.reject(new Error("There are no container images here."));
}

/** Tries what is permitted here. */
export async function mountingForTest(root: string): Promise<Mounting> {
  const name = `unplug-${randomBytes(4).toString("hex")}`;
  return await findPrivateMounts({ root, runtimes: bootstraps, programs: [process.execPath], name });
}

/** A layer with these files. */
export async function layerOf(files: Readonly<Record<string, string | Buffer>>): Promise<LayerImage> {
  const zip = await zipOf(files);
  const codeSha256 = createHash("sha256").update(zip).digest("base64");
  return { arn: `arn:aws:lambda:us-east-1:000000000000:layer:${codeSha256}:1`, codeSha256, zip };
}

/** The image of a function with these files; Node.js 22 and `index.handler` unless said otherwise. */
export async function imageOf(
  files: Readonly<Record<string, string | Buffer>>,
  changes: Partial<FunctionImage> = {},
): Promise<FunctionImage> {
  const zip = await zipOf(files);
  const functionName = changes.functionName ?? "orders";
  return {
    functionName,
    functionArn: `arn:aws:lambda:us-east-1:000000000000:function:${functionName}`,
    version: "$LATEST",
    region: "us-east-1",
    account: "000000000000",
    runtime: "nodejs22.x",
    handler: "index.handler",
    logGroup: `/aws/lambda/${functionName}`,
    memorySize: 256,
    timeoutSeconds: 10,
    environment: {},
    container: null,
    layers: [],
    ephemeralStorageMb: 512,
    revision: "1",
    codeSha256: createHash("sha256").update(zip).digest("base64"),
    zip,
    reservedConcurrency: null,
    ...changes,
  };
}
