import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer, request, type Server } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { Lab, waitFor } from "../support/lab.ts";
import { filesBelow, plantedIn } from "../support/planted-secrets.ts";
import { addShop, everything, SHOP } from "../support/shop.ts";
import { UnplugProcess } from "../support/unplug-process.ts";

const ROLE = "arn:aws:iam::000000000000:role/chaos";

/** What must be found nowhere, by what it is; the sessions that AWS hands out are added as they come. */
const planted: Record<string, string> = {
  secretKey: "wJalrPLANTEDsecretAccessKeyOfTheEnvironment",
  sessionToken: "FwoGPLANTEDsessionTokenOfTheEnvironment",
  fileSecretKey: "kQ9zPLANTEDsecretAccessKeyOfTheFileSecret",
  functionVariable: "postgres://shop:PLANTEDdbPassword@db.internal/shop",
};

/** Of a process: a defect, or all of its memory in use, when it is told to. */
const PROVOKED = `
  process.on("SIGWINCH", () => {
    throw Object.assign(new TypeError("provoked"), { environment: process.env });
  });
  process.on("SIGCONT", () => {
    const all = [];
    for (;;) all.push(new Array(1_000_000).fill(Math.random()));
  });
`;

let lab: Lab;
let proxy: Server;
let reports: string;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  lab = await Lab.open({ timing: "none" });
  const Variables = { DATABASE_URL: planted["functionVariable"] };
  await addShop(lab, { settings: { Environment: { Variables } } });
  proxy = createServer((asked, answer) => {
    const { method, headers } = asked;
    const sent = request(new URL(asked.url ?? "/", lab.sandbox.url), { method, headers }, (response) => {
      void text(response).then((body) => {
        // What the sandbox makes by chance is planted here.
        for (const [, name = "", value = ""] of body.matchAll(/<(SecretAccessKey|SessionToken)>([^<]+)</g))
          planted[`${name} of the role, ${Object.keys(planted).length}`] = value;
        answer.writeHead(response.statusCode ?? 502, response.headers).end(body);
      });
    });
    sent.on("error", () => answer.destroy());
    asked.pipe(sent);
  }).listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const address = proxy.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  reports = join(lab.folder, "reports");
  const provoked = join(lab.folder, "provoked.mjs");
  await writeFile(provoked, PROVOKED);
  await Promise.all([reports, join(lab.home, "secrets")].map((path) => mkdir(path, { recursive: true })));
  const key = planted["fileSecretKey"];
  const file = `[default]\naws_access_key_id = AKIAFILE\naws_secret_access_key = ${key}\n`;
  await writeFile(join(lab.home, "secrets", "creds"), file);
  const flags = ["--report-on-signal", "--report-on-fatalerror"];
  const options = [...flags, `--report-directory=${reports}`, "--max-old-space-size=256"];
  env = {
    ...lab.env,
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    AWS_ACCESS_KEY_ID: "AKIAENVIRONMENT",
    AWS_SECRET_ACCESS_KEY: planted["secretKey"],
    AWS_SESSION_TOKEN: planted["sessionToken"],
    UNPLUG_DEBUG: "1",
    NODE_OPTIONS: [`--import=${provoked}`, ...options].join(" "),
  };
});

afterAll(async () => {
  proxy.closeAllConnections();
  await new Promise((resolve) => proxy.close(resolve));
  await lab.close();
});

/** A run in its hold, with the session of a role; its memory is in no file when it dies. */
async function held(): Promise<UnplugProcess> {
  const { bin, cache } = inject("command");
  const words = [`FUNCTION_NAME=${SHOP}`, "REGION=us-east-1", "TOTAL_CHAOS_DURATION=600"];
  const access = ["AWS_AUTHENTICATION_SECRET=creds", `ASSUME_ROLE_ARN=${ROLE}`];
  const fault = ["fault", "lambda-block-tcp-connection", ...words, ...access];
  const through = ["sh", "-c", 'ulimit -c 0 && exec "$@"', "sh"];
  const args = [...fault, "--format", "ndjson"];
  const run = lab.adopt(new UnplugProcess(bin, args, { XDG_CACHE_HOME: cache, ...env }, { through }));
  await run.event("hold.started");
  return run;
}

async function nowhere(said: readonly string[]): Promise<void> {
  const found = said.flatMap((one) => plantedIn(one, planted));
  for (const file of [...(await filesBelow(reports)), ...(await filesBelow(lab.home))]) {
    if (file.endsWith("/secrets/creds")) continue;
    const names = plantedIn(await readFile(file, "latin1"), planted);
    found.push(...names.map((name) => `${name} in ${file}`));
  }
  expect(found).toEqual([]);
}

test("what a run tells of its defect, and what Node.js reports of it, holds no secret", async () => {
  const before = await everything(lab);
  const run = await held();
  run.kill("SIGUSR2");
  await waitFor(async () => (await filesBelow(reports)).length === 1);
  run.kill("SIGWINCH");

  expect(await run.ended, run.said).toEqual({ code: 70, signal: null });
  expect(run.said).toContain("This is a defect in Unplug: TypeError: provoked");
  expect(run.said).toMatch(/\n\s+at /);
  expect(await everything(lab)).toEqual(before);
  expect(Object.keys(planted).join()).toMatch(/SecretAccessKey of the role.*SessionToken of the role/);
  await nowhere([run.said]);
});

test("what Node.js reports of a run that dies for want of memory holds no secret", async () => {
  const before = await everything(lab);
  const known = await filesBelow(reports);
  const run = await held();
  run.kill("SIGCONT");

  expect((await run.ended).code, run.said).not.toBe(0);
  expect(run.stderr).toContain("JavaScript heap out of memory");
  const made = (await filesBelow(reports)).filter((file) => !known.includes(file));
  expect(made).toHaveLength(1);
  expect(JSON.parse(await readFile(made[0] ?? "", "utf8"))).toMatchObject({
    header: { trigger: expect.stringMatching(/OOM|Fatal/) },
  });
  const restore = lab.start(["restore", "--all"], env);
  expect(await restore.ended, restore.said).toEqual({ code: 0, signal: null });
  expect(await everything(lab)).toEqual(before);
  await nowhere([run.said, restore.said]);
});
