import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { startSandbox, zipOf } from "../../packages/sandbox/src/index.ts";
import { runCommandLine } from "../../packages/unplug/src/cli/command-line.ts";
import { filesBelow, plantedIn } from "../support/planted-secrets.ts";

/** What must be found nowhere, by what it is. */
const planted = {
  secretKey: "wJalrPLANTEDsecretAccessKeyOfTheEnvironment",
  sessionToken: "FwoGPLANTEDsessionTokenOfTheEnvironment",
  fileSecretKey: "kQ9zPLANTEDsecretAccessKeyOfTheFileSecret",
  storedSecretKey: "pL3xPLANTEDsecretAccessKeyOfTheStore",
  bearer: "eyJhPLANTEDbearerTokenOfTheProbe",
  header: "hdr-PLANTEDvalueOfTheHeader",
  password: "pw-PLANTEDpasswordOfTheProbe",
  variable: "cmd-PLANTEDvariableOfTheCommand",
  functionVariable: "postgres://shop:PLANTEDdbPassword@db.internal/shop",
  cipherText: "AQICAHhPLANTEDcipherTextOfKms0000",
  notAName: "not/a/NAME+PLANTEDbutTheSecretItself",
} as const;

let folder: string;
let sandbox: Awaited<ReturnType<typeof startSandbox>>;
let server: Server;
const children = new Set<ChildProcess>();
/** Everything that any command has printed, by its command line. */
const outputs: { readonly what: string; readonly text: string }[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "unplug-nowhere-"));
  sandbox = await startSandbox({ timing: "none" });
  const call = (action: string, input: Readonly<Record<string, unknown>>) =>
    sandbox.cloud.call(action, input, { region: "us-east-1" });
  await call("sqs:CreateQueue", { QueueName: "orders" });
  await call("lambda:CreateFunction", {
    FunctionName: "orders",
    Runtime: "nodejs22.x",
    Handler: "index.handler",
    Role: "arn:aws:iam::000000000000:role/orders",
    Code: { ZipFile: await zipOf({ "index.mjs": "export const handler = async () => {};" }) },
    Environment: { Variables: { DATABASE_URL: planted.functionVariable, API_KEY: planted.cipherText } },
  });
  await call("lambda:CreateEventSourceMapping", {
    FunctionName: "orders",
    EventSourceArn: "arn:aws:sqs:us-east-1:000000000000:orders",
  });
  // It tells everybody what it was told, as a careless page of errors does.
  server = createServer((request, response) => {
    const heard = JSON.stringify(request.headers);
    const status = request.url === "/fails" ? 500 : 200;
    response.writeHead(status, { "x-heard": heard, "content-type": "application/json" });
    response.end(JSON.stringify({ heard }));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  await mkdir(join(folder, "secrets"));
  const file = (key: string) => `[default]\naws_access_key_id = AKIAFILE\naws_secret_access_key = ${key}\n`;
  const write = (name: string, text: string) => writeFile(join(folder, "secrets", name), text);
  await write("creds", file(planted.fileSecretKey));
  await write("bearer", planted.bearer);
  await write("header", `${planted.header}\n`);
  await write("password", planted.password);
  await write("variable", planted.variable);
  await writeFile(join(folder, "stored"), file(planted.storedSecretKey));
});

afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  server.close();
  server.closeAllConnections();
  await sandbox.close();
  await rm(folder, { recursive: true, force: true });
});

function unplug(args: readonly string[], more: NodeJS.ProcessEnv = {}) {
  const { bin, cache } = inject("command");
  const child = spawn(process.execPath, [bin, ...args], {
    cwd: folder,
    env: {
      PATH: process.env["PATH"],
      HOME: folder,
      XDG_CACHE_HOME: cache,
      UNPLUG_HOME: join(folder, "home"),
      UNPLUG_SECRETS: join(folder, "secrets"),
      UNPLUG_DEBUG: "1",
      ...sandbox.exports,
      AWS_ACCESS_KEY_ID: "AKIAENVIRONMENT",
      AWS_SECRET_ACCESS_KEY: planted.secretKey,
      AWS_SESSION_TOKEN: planted.sessionToken,
      ...more,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.add(child);
  let [out, err] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
  const ended = once(child, "close").then(([code, signal]) => {
    children.delete(child);
    outputs.push({ what: `unplug ${args.join(" ")}`, text: out + err });
    return { code: code ?? signal, out, err };
  });
  const says = async (text: string) => {
    while (!out.includes(text) && child.exitCode === null) await once(child.stdout, "data");
    expect(out).toContain(text);
  };
  return { child, ended, says };
}

const run = (args: readonly string[], more: NodeJS.ProcessEnv = {}) => unplug(args, more).ended;

/** What asks nobody but the journal needs no process of its own. */
async function told(args: readonly string[]): Promise<string> {
  let [out, err] = ["", ""];
  await runCommandLine(args, {
    env: { HOME: folder, UNPLUG_HOME: join(folder, "home") },
    stdout: { write: (piece) => (out += piece) },
    stderr: { write: (piece) => (err += piece) },
    readInput: () => Promise.resolve(""),
  });
  outputs.push({ what: `unplug ${args.join(" ")}`, text: out + err });
  return out;
}

/** Both faults, probes that pass and that fail, with secrets in every place where one may be named. */
async function experimentFile(): Promise<string> {
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const http = (path: string, auth: object) => ({
    url: `http://127.0.0.1:${port}${path}`,
    headers: { "x-key": { secret: "header" } },
    auth,
  });
  const probes = [
    {
      name: "passes",
      type: "http",
      mode: "Edge",
      http: http("/", { type: "bearer", token: "bearer" }),
      expect: { statusCode: 200 },
    },
    {
      name: "fails",
      type: "http",
      mode: "EOT",
      http: http("/fails", { type: "basic", username: "shop", password: "password" }),
      expect: { statusCode: 200, "header.x-heard": "nothing", "json.heard": { contains: "nothing" } },
    },
    {
      name: "complains",
      type: "command",
      mode: "EOT",
      command: {
        shell: 'echo "$TOLD" >&2; echo "told $TOLD"; exit 3',
        env: { TOLD: { secret: "variable" } },
      },
      expect: { number: { ">": 3 }, stdout: "nothing" },
    },
  ];
  const steps = [
    {
      name: "off",
      fault: "lambda-toggle-event-mapping-state",
      tunables: { FUNCTION_NAME: "orders", EVENT_UUIDS: "all", REGION: "us-east-1", TOTAL_CHAOS_DURATION: 1 },
    },
    {
      name: "cut",
      fault: "lambda-block-tcp-connection",
      tunables: { FUNCTION_NAME: "orders", REGION: "us-east-1", TOTAL_CHAOS_DURATION: 1 },
    },
  ];
  const path = join(folder, "experiment.json");
  const document = {
    apiVersion: "unplug.dev/v1",
    kind: "Experiment",
    metadata: { name: "planted" },
    spec: { probes, steps },
  };
  await writeFile(path, JSON.stringify(document));
  return path;
}

/** The arguments of every process that can be seen. */
async function argumentsOfAll(): Promise<string> {
  const pids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "latin1").catch(() => "")),
  );
  return lines.join("\n");
}

test("planted secrets are in no journal, report, output, error, argument or file of state", async () => {
  const experiment = await experimentFile();
  await told(["secret", "add", "stored", join(folder, "stored")]);
  await rm(join(folder, "stored"));
  const out = join(folder, "out");
  const seen: string[] = [];

  const whole = unplug(["run", experiment, "--out", out, "--format", "ndjson"]);
  const looking = setInterval(() => void argumentsOfAll().then((text) => seen.push(text)), 200);
  const { code, err } = await whole.ended;
  clearInterval(looking);
  // The probes fail, the faults go in and come out.
  expect({ code, err: err.includes("This is a defect") }).toEqual({ code: 1, err: false });

  const toggle = [
    "lambda-toggle-event-mapping-state",
    "FUNCTION_NAME=orders",
    "EVENT_UUIDS=all",
    "REGION=us-east-1",
  ];
  const block = ["lambda-block-tcp-connection", "FUNCTION_NAME=orders", "REGION=us-east-1"];
  const killed = unplug(["fault", ...block, "TOTAL_CHAOS_DURATION=600", "AWS_AUTHENTICATION_SECRET=creds"]);
  await killed.says("held until");
  seen.push(await argumentsOfAll());
  killed.child.kill("SIGKILL");
  await killed.ended;

  const doctors = await Promise.all([
    run(["doctor"]),
    run(["doctor", "--function", "orders", "--format", "json"]),
  ]);
  expect(doctors.map((one) => one.code)).toEqual([4, 4]);
  const runs = JSON.parse(await told(["runs", "--format", "json"])) as { runId: string }[];
  expect(runs).toHaveLength(2);
  const forms = ["html", "junit", "json", "markdown", "openmetrics"].map((form) => ["--as", form]);
  const shown = [["--format", "json"], ["--format", "ndjson"], ["--as", "aws-cli"], []];
  for (const { runId } of runs) {
    const all = [
      ...forms.map((form) => ["report", runId, ...form]),
      ...shown.map((form) => ["show", runId, ...form]),
    ];
    for (const args of all) expect(await told(args)).not.toBe("");
  }
  expect((await run(["restore", "--all"])).code).toBe(0);

  expect(await told(["secret", "list"])).toMatch(/^stored +\d+ bytes/);
  const asStored = "AWS_AUTHENTICATION_SECRET=stored";
  const refused = await Promise.all([
    run(["plan", experiment]),
    run(["plan", ...block, asStored, "--format", "json"]),
    run(["policy", ...toggle, asStored]),
    // On purpose: a value where a name belongs, an endpoint that answers nonsense, another that is not there.
    run(["fault", ...toggle, `AWS_AUTHENTICATION_SECRET=${planted.notAName}`]),
    run(["fault", ...toggle, asStored], { AWS_ENDPOINT_URL: "http://127.0.0.1:9" }),
    run(["fault", ...toggle, asStored, "AWS_PROFILE=nobody"]),
    run(["secret", "add", planted.notAName, "-"]),
  ]);
  expect(refused.map((one) => one.code)).toEqual([0, 0, 0, 2, 3, 3, 2]);

  const where: string[] = [];
  const look = (what: string, text: string) => {
    for (const name of plantedIn(text, planted)) where.push(`${name} in ${what}`);
  };
  for (const { what, text } of outputs) look(`what \`${what.slice(0, 60)}\` printed`, text);
  const files = [...(await filesBelow(join(folder, "home"))), ...(await filesBelow(out))];
  expect(files.map((file) => file.split("/").at(-1))).toContain("journal.db");
  for (const file of files) look(file.slice(folder.length + 1), await readFile(file, "latin1"));
  // The one value that was given as an argument here is there by this test's own hand.
  for (const text of seen) look("the arguments of a process", text);
  expect(where).toEqual([]);
});
