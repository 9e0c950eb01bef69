// Runs on a stage, where names are known to a DNS server: blocks functions by names, through a local AWS, and prints what
// each of them reached before, during and after. Arguments: the command, its cache, and a folder for its state.
import { startSandbox, zipOf } from "../../packages/sandbox/src/index.ts";
import { UnplugProcess } from "./unplug-process.ts";
import { REGION } from "./world.ts";

const [, , bin = "", cache = "", home = ""] = process.argv;

/** What became of a connect to each name. `a:` is looked up first, and its address connected to. */
type Reached = Readonly<Record<string, string>>;

export interface Named {
  readonly before: Reached;
  readonly during: Reached;
  readonly after: Reached;
  readonly code: number | null;
  readonly said: string;
}

const node = `import { connect } from "node:net";
import { resolve4 } from "node:dns/promises";
const met = (port, host) => new Promise((resolve) => {
  const socket = connect(port, host).once("connect", () => { socket.destroy(); resolve("reached"); });
  socket.once("error", (error) => resolve(error.errors?.[0]?.code ?? error.code));
});
const reach = async (port, name) => met(port, name.startsWith("a:") ? (await resolve4(name.slice(2)))[0] : name);
export const handler = async ({ port, names }) =>
  Object.fromEntries(await Promise.all(names.map(async (name) => [name, await reach(port, name)])));`;

const python = `import errno, socket
def reach(port, name):
    try:
        host = socket.gethostbyname(name[2:]) if name.startswith("a:") else name
        socket.create_connection((host, port), timeout=10).close()
        return "reached"
    except OSError as error:
        return errno.errorcode.get(error.errno, str(error))
def handler(event, context):
    return {name: reach(event["port"], name) for name in event["names"]}
`;

const asked = {
  port: 8080,
  names: [
    "db.blocked.test",
    "DB.Blocked.TEST.",
    "a.wild.test",
    "a.b.WILD.test",
    "a:db.blocked.test",
    "wild.test",
    "ok.test",
    "a:ok.test",
  ],
};

const functions = [
  { name: "node-layer", Runtime: "nodejs22.x", files: { "index.mjs": node }, method: "layer" },
  { name: "node-env", Runtime: "nodejs22.x", files: { "index.mjs": node }, method: "env" },
  { name: "python-code", Runtime: "python3.11", files: { "index.py": python }, method: "code" },
] as const;

const sandbox = await startSandbox({ timing: "none" });
try {
  const found = await Promise.all(functions.map(async (one) => [one.name, await tried(one)] as const));
  process.stdout.write(JSON.stringify(Object.fromEntries(found)));
} finally {
  await sandbox.close();
}

async function tried({ name, Runtime, files, method }: (typeof functions)[number]): Promise<Named> {
  await call("CreateFunction", {
    FunctionName: name,
    Runtime,
    Handler: "index.handler",
    Role: "arn:aws:iam::000000000000:role/named",
    Timeout: 20,
    Code: { ZipFile: await zipOf(files) },
  });
  const before = await reached(name);
  const tunables = {
    FUNCTION_NAME: name,
    REGION,
    TARGET_HOSTNAMES: "Db.Blocked.Test.,*.Wild.TEST",
    INJECTION_METHOD: method,
    TOTAL_CHAOS_DURATION: 600,
  };
  const assignments = Object.entries(tunables).map(([key, value]) => `${key}=${value}`);
  const args = ["fault", "lambda-block-tcp-connection", ...assignments, "--format", "ndjson"];
  const env = { ...process.env, ...sandbox.exports, XDG_CACHE_HOME: cache, UNPLUG_HOME: home };
  const run = new UnplugProcess(bin, args, env);
  await run.event("hold.started");
  const during = await reached(name);
  run.kill("SIGINT");
  const { code } = await run.ended;
  return { before, during, after: await reached(name), code, said: run.said };
}

async function reached(FunctionName: string): Promise<Reached> {
  const { Payload } = Object(
    await call("Invoke", { FunctionName, Payload: Buffer.from(JSON.stringify(asked)) }),
  );
  return JSON.parse(String(Payload));
}

function call(action: string, input: Readonly<Record<string, unknown>>): Promise<unknown> {
  return sandbox.cloud.call(`lambda:${action}`, input, { region: REGION, internal: true });
}
