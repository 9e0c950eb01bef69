import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { expect, it } from "vitest";
import { createCloud, serveCloud, timings } from "../packages/sandbox/src/index.ts";
import { withRetries } from "../packages/unplug/src/aws/retries.ts";
import { sdkAws } from "../packages/unplug/src/aws/sdk-aws.ts";
import type { Action, Aws } from "../packages/unplug/src/contract/aws.ts";
import { runExperiment } from "../packages/unplug/src/engine/run.ts";
import { memoryJournal } from "../packages/unplug/src/journal/memory-journal.ts";
import { fold } from "../packages/unplug/src/report/fold.ts";
import { exitCode } from "../packages/unplug/src/report/outcome.ts";
import { builtImage, imageTypes, putImage } from "./support/image-builder.ts";
import { PretendedProcesses } from "./support/processes.ts";
import { experiment, partsOf, scenarios, snapshot } from "./support/scenario.ts";
import { VirtualClock } from "./support/virtual-clock.ts";
import { ACCOUNT, awsOf, IMAGE, REGION } from "./support/world.ts";

/** How long an answer is waited for that does not come. */
const PATIENCE_MS = 1_000;

interface Hostile {
  readonly title: string;
  /** The only one that is answered badly, each time. */
  readonly action: Action;
  readonly request: RegExp;
  /** `reach` hands the request on all the same, and keeps the answer; it calls `then` when that has come. */
  behave(response: ServerResponse, reach: (then: () => void) => void): void;
  /** No answer comes to an end: it is not waited for as long as a run would. */
  readonly isSilent?: true;
  /** What the run says. */
  readonly reason: RegExp;
  /** Something was pushed, and had to be taken away again. */
  readonly isPushed?: true;
}

/** A front that passes all on to the server at `port`, but for what is answered badly. */
async function front(port: () => number, hostile: Hostile) {
  const server = createServer((asked, response) => {
    const isBad = hostile.request.test(`${asked.method} ${asked.url}`);
    if (isBad) hostile.behave(response, (then) => passOn(port(), asked, then));
    else passOn(port(), asked, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port.");
  return { url: `http://127.0.0.1:${address.port}`, close };
}

function passOn(port: number, asked: IncomingMessage, to: ServerResponse | (() => void)): void {
  const { method, url, headers } = asked;
  const behind = request({ host: "127.0.0.1", port, method, path: url, headers }, (answer) => {
    if (typeof to === "function") return answer.resume().on("end", to);
    to.writeHead(answer.statusCode ?? 500, answer.headers);
    return answer.pipe(to);
  });
  behind.on("error", () => asked.destroy());
  asked.pipe(behind);
}

/** A world whose registry is asked over HTTP, by the SDK and the client of a run. */
async function worldOf(hostile: Hostile) {
  const clock = new VirtualClock();
  let behind = 0;
  const { url, close } = await front(() => behind, hostile);
  const cloud = createCloud({ clock, account: ACCOUNT, timing: timings.fast, endpoint: () => url });
  const served = await serveCloud(cloud, { port: 0 });
  behind = served.port;
  await putImage(
    cloud,
    { repository: IMAGE.repository, tag: IMAGE.tag, region: REGION },
    builtImage(scenarios.blockInImage.image),
  );
  const Role = `arn:aws:iam::${ACCOUNT}:role/orders`;
  const made = { FunctionName: "orders", Role, PackageType: "Image", Code: { ImageUri: IMAGE.uri } };
  await cloud.call("lambda:CreateFunction", made, { region: REGION });
  clock.jump(60_000);

  const config = {
    region: REGION,
    endpoint: url,
    newProvider: () => () => Promise.resolve({ accessKeyId: "test", secretAccessKey: "test" }),
    now: () => clock.now(),
    maxAttempts: 1 as const,
    customUserAgent: [],
  };
  const [inProcess, patient] = [awsOf(cloud), sdkAws(config)];
  const short = hostile.isSilent === true ? sdkAws(config, PATIENCE_MS) : patient;
  const aws: Aws = {
    call: (action, input, signal) => {
      if (!action.startsWith("registry:")) return inProcess.call(action, input, signal);
      // What is answered well may take as long as this machine is busy.
      return clock.outside((action === hostile.action ? short : patient).call(action, input, signal));
    },
  };
  const end = async (): Promise<void> => {
    close();
    await served.close();
  };
  return { cloud, clock, mappings: [], aws: withRetries(aws, clock), [Symbol.asyncDispose]: end };
}

/** One run; what it ends with, and what it says of that. */
async function ran(world: Awaited<ReturnType<typeof worldOf>>) {
  const tunables = {
    FUNCTION_NAME: "orders",
    REGION,
    TARGET_HOSTNAMES: "db.internal",
    TOTAL_CHAOS_DURATION: 30,
  };
  const steps = experiment({ fault: "lambda-block-tcp-connection", tunables });
  const parts = partsOf(world.aws, memoryJournal(new PretendedProcesses(), world.clock), world);
  const run = runExperiment(steps, { run: "r-1", signal: new AbortController().signal }, parts);
  await world.clock.run(run);
  const events = await run;
  return { code: exitCode(fold(events)), said: JSON.stringify(events.map(({ event }) => event)) };
}

const OF_TAG = /^PUT \/v2\/shop\/orders\/manifests\/unplug-/;
const OF_MANIFEST = /^GET \/v2\/shop\/orders\/manifests\//;

const put = { action: "registry:PutManifest", request: OF_TAG } as const;
const read = { action: "registry:GetManifest", request: OF_MANIFEST } as const;

const rows: readonly Hostile[] = [
  {
    ...put,
    title: "says nothing to a manifest",
    behave: () => undefined,
    isSilent: true,
    reason: /TimeoutError/,
  },
  {
    ...put,
    title: "takes a manifest, and never says so",
    behave: (response, reach) => reach(() => response.destroy()),
    reason: /ECONNRESET/,
    isPushed: true,
  },
  {
    ...read,
    title: "sends a manifest byte by byte without an end",
    behave: (response) => {
      response.writeHead(200, { "content-type": imageTypes.oci.manifest });
      const timer = setInterval(() => response.write(" "), PATIENCE_MS / 20);
      response.on("close", () => clearInterval(timer));
    },
    isSilent: true,
    reason: /TimeoutError/,
  },
  {
    ...put,
    title: "asks for patience for ever",
    behave: (response) => {
      const errors = [{ code: "TOOMANYREQUESTS", message: "not now" }];
      response.writeHead(429, { "content-type": "application/json" }).end(JSON.stringify({ errors }));
    },
    reason: /TooManyRequestsException.*not now/,
  },
  {
    ...read,
    title: "takes no credentials",
    behave: (response) => response.writeHead(401, { "www-authenticate": 'Basic realm="ecr"' }).end(),
    reason: /it does not take the credentials \(HTTP 401\)/,
  },
  {
    ...read,
    title: "sends everybody in a circle",
    behave: (response) => response.writeHead(307, { location: "/v2/shop/orders/manifests/live" }).end(),
    reason: /it redirects more than 5 times/,
  },
];

it.concurrent.each(rows)("a run whose registry $title ends with 3, and changes nothing", async (hostile) => {
  await using world = await worldOf(hostile);
  const before = await snapshot(world);

  const { code, said } = await ran(world);

  expect(said).toMatch(hostile.reason);
  expect(code).toBe(3);
  expect(await snapshot(world)).toEqual(before);
  const deleted = world.cloud.record.all().some(({ action }) => action === "ecr:BatchDeleteImage");
  expect(deleted).toBe(hostile.isPushed === true);
});
