import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { architectureOf, interceptorFor, readLine } from "@unplug/interceptor";
import { type Sandbox, startSandbox, zipOf } from "@unplug/sandbox";
import { afterAll, beforeAll, expect, test } from "vitest";
import "../support/needs.ts";

const sandbox: Sandbox = await startSandbox({ timing: "none" });
// The interceptor lets loopback through, always.
const own = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ family, internal }) => family === "IPv4" && !internal)?.address;
const notRun =
  sandbox.withoutMounts !== null
    ? `functions cannot have mounts here: ${sandbox.withoutMounts}`
    : own === undefined
      ? "no address but loopback (connect the machine to a network)"
      : null;

const database = createServer((socket) => socket.end("hello"));
const other = createServer((socket) => socket.end("hello"));
const call = (action: string, input: object) =>
  sandbox.cloud.call(`lambda:${action}`, { FunctionName: "shop", ...input }, { region: "us-east-1" });

beforeAll(async () => {
  for (const server of [database, other]) await once(server.listen(0, "0.0.0.0"), "listening");
});
afterAll(async () => {
  await sandbox.close();
  for (const server of [database, other]) server.close();
});

const source = `const { connect } = require("node:net");
  const reach = (host, port) => new Promise((resolve) => {
    connect(port, host).once("error", (error) => resolve(error.code)).once("data", (data) => resolve(String(data))); });
  exports.handler = async ({ host, ports }) => await Promise.all(ports.map((port) => reach(host, port)));`;

function portOf(server: typeof database): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port.");
  return (address satisfies AddressInfo).port;
}

/** The files of the interceptor that blocks the database, below a folder that functions see as `root`. */
function filesFor(root: string): Record<string, string | Buffer> {
  const architecture = architectureOf(process.arch);
  if (architecture === null) throw new Error(`There is no interceptor for ${process.arch}.`);
  const object = Buffer.from(interceptorFor(architecture).bytes);
  const configuration = `unplug=1\nbehavior=refuse\ntargets=1\ntarget=${own}:${portOf(database)}\n`;
  return {
    "unplug-wrapper": `#!/bin/sh\nexport LD_PRELOAD=${root}/unplug/interceptor.so\nexec "$@"\n`,
    "unplug/interceptor.so": object,
    "unplug/interceptor.conf": configuration,
  };
}

async function invoke(): Promise<{ readonly answer: unknown; readonly events: readonly string[] }> {
  const Payload = Buffer.from(JSON.stringify({ host: own, ports: [portOf(database), portOf(other)] }));
  const { Payload: answer, LogResult } = Object(await call("Invoke", { LogType: "Tail", Payload }));
  const lines = Buffer.from(String(LogResult), "base64").toString().split("\n");
  return { answer: JSON.parse(String(answer)), events: lines.flatMap((line) => readLine(line)?.kind ?? []) };
}

async function blocks(): Promise<void> {
  const setUp = { Runtime: "nodejs22.x", Handler: "index.handler", Role: "arn:aws:iam::000000000000:role/r" };
  const code = { "index.js": source };
  await call("CreateFunction", { ...setUp, Code: { ZipFile: await zipOf(code) } });
  const passed = { answer: ["hello", "hello"], events: [] };
  expect(await invoke()).toEqual(passed);

  const Content = { ZipFile: await zipOf(filesFor("/opt")) };
  const { LayerVersionArn } = Object(await call("PublishLayerVersion", { LayerName: "unplug", Content }));
  const wrapped = (path: string) => ({ Environment: { Variables: { AWS_LAMBDA_EXEC_WRAPPER: path } } });
  const Layers = [String(LayerVersionArn)];
  await call("UpdateFunctionConfiguration", { Layers, ...wrapped("/opt/unplug-wrapper") });
  const blocked = { answer: ["ECONNREFUSED", "hello"], events: ["armed", "blocked"] };
  expect(await invoke()).toEqual(blocked);

  await call("UpdateFunctionConfiguration", { Layers: [], Environment: { Variables: {} } });
  expect(await invoke()).toEqual(passed);

  await call("UpdateFunctionCode", { ZipFile: await zipOf({ ...code, ...filesFor("/var/task") }) });
  await call("UpdateFunctionConfiguration", wrapped("/var/task/unplug-wrapper"));
  expect(await invoke()).toEqual(blocked);
}

const name = "a wrapper in a layer, and one in the code, blocks a connection of a function and no other";
if (notRun === null) test(name, blocks);
else {
  test.skip(name, { meta: { notRun } }, () => undefined);
  // Hooks are not called where all tests are skipped.
  await sandbox.close();
}
