import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { zipOf } from "@unplug/sandbox";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openJournal } from "../journal/sqlite-journal.ts";
import { commandLab, FAULT } from "./command-for-test.ts";
import { checkClock } from "./doctor/check-clock.ts";
import type { Finding } from "./doctor/diagnosis.ts";

let lab: Awaited<ReturnType<typeof commandLab>>;
beforeAll(async () => {
  lab = await commandLab();
});
afterAll(() => lab.close());

const DOCTOR = ["doctor", "--format", "json"] as const;
const FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:orders";

async function examine(more: NodeJS.ProcessEnv = {}, ...flags: readonly string[]) {
  const { code, out } = await lab.runWith(more, ...DOCTOR, ...flags);
  const { findings, exitCode } = JSON.parse(out) as { findings: readonly Finding[]; exitCode: number };
  expect(exitCode).toBe(code);
  return { code, findings, of: (state: Finding["state"]) => findings.filter((one) => one.state === state) };
}

test("where nothing is left it says so, and makes no folder", async () => {
  const { code, findings, of } = await examine();

  expect({ code, left: of("left"), bad: of("bad"), unknown: of("unknown") }).toEqual({
    code: 0,
    left: [],
    bad: [],
    unknown: [],
  });
  const told = findings.map(({ subject, text }) => `${subject}: ${text}`).join("\n");
  expect(told).toMatch(/^clock: within 30 s of AWS's$/m);
  expect(told).toMatch(/^identity: arn:aws:iam::000000000000:user\/sandbox, account 000000000000$/m);
  expect(told).toMatch(/^journal: there is none in /m);
  expect(told).toMatch(/^account: 1 functions: none has a marker/m);
  expect(told).toMatch(/^account: 1 event source mappings: none of the 1/m);
  const people = await lab.run("doctor");
  expect(people.out).toContain("Nothing of Unplug's is left, as far as could be seen");
});

test("what a dead run left is told with the commands that mend it, and they do", async () => {
  const run = lab.start(
    "fault",
    FAULT,
    "FUNCTION_NAME=orders",
    "EVENT_UUIDS=all",
    "TOTAL_CHAOS_DURATION=600",
  );
  await run.says("unplugged");
  const during = await examine();
  expect({ code: during.code, left: during.of("left") }).toEqual({ code: 0, left: [] });
  expect(during.of("note").filter(({ mend }) => mend?.startsWith("unplug abort"))).toHaveLength(1);
  run.child.kill("SIGKILL");
  await run.ended;

  const here = await examine();
  expect(here.code).toBe(4);
  expect(here.of("left").map(({ subject }) => subject)).toEqual(["runs", "account"]);
  const mends = new Set(here.of("left").map(({ mend }) => mend));
  expect(mends.size).toBe(1);
  expect(here.findings.find(({ subject }) => subject === "journal")?.text).toMatch(
    /whole, readable and writable$/,
  );
  const elsewhere = await examine({ UNPLUG_HOME: join(lab.folder, "another") });
  expect(elsewhere.of("note").map(({ text }) => text)).toContainEqual(
    expect.stringMatching(
      /^mapping \S+ of orders has a marker of run \S+ of another machine, which may be alive until .*, and is disabled$/,
    ),
  );

  const [mend = ""] = mends;
  expect(mend).toMatch(/^unplug restore r-/);
  expect((await lab.run(...mend.split(" ").slice(1))).code).toBe(0);
  expect((await examine()).code).toBe(0);
});

test("markers, versions and layers that no journal knows are found, and layers are no leftover", async () => {
  const told = `run=r-old until=${Math.floor(Date.now() / 1000) - 60}`;
  const Environment = { Variables: { UNPLUG_INTERCEPTOR: told, SECRET: "own-value" } };
  await lab.call("lambda:UpdateFunctionConfiguration", { FunctionName: "orders", Environment });
  const Description = "unplug run=r-older until=1700000000 alias=live was=1";
  await lab.call("lambda:PublishVersion", { FunctionName: "orders", Description });
  await lab.call("lambda:PublishLayerVersion", {
    LayerName: "unplug-interceptor-x86_64-0123456789ab",
    Content: { ZipFile: await zipOf({ "unplug/interceptor.so": "none" }) },
  });

  const { code, of } = await examine();

  expect(code).toBe(4);
  expect(of("left")).toEqual([
    {
      subject: "account",
      state: "left",
      text: "function orders has the interceptor in it, of run r-old of another machine",
      mend: "unplug restore --function orders --region us-east-1",
    },
    {
      subject: "account",
      state: "left",
      text: "version 1 of orders, of run r-older of another machine, for alias live",
      mend: "unplug restore --function orders --region us-east-1 --yes",
    },
  ]);
  expect(of("note").map(({ mend }) => mend)).toContain(
    "aws lambda delete-layer-version --layer-name unplug-interceptor-x86_64-0123456789ab --version-number 1 --region us-east-1",
  );
  const mended = await lab.run("restore", "--function", "orders", "--region", "us-east-1", "--yes");
  expect(mended.code).toBe(0);
  const after = await examine();
  expect({ code: after.code, left: after.of("left") }).toEqual({ code: 0, left: [] });
});

test("what the caller may not look at is named, and lessens nothing else", async () => {
  await lab.call("iam:CreateUser", { UserName: "shy" });
  const Statement = [{ Effect: "Allow", Action: ["lambda:ListLayer*"], Resource: "*" }];
  const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
  await lab.call("iam:PutUserPolicy", { UserName: "shy", PolicyName: "p", PolicyDocument });
  const made = await lab.call("iam:CreateAccessKey", { UserName: "shy" });
  const { AccessKey } = made as { AccessKey: { AccessKeyId: string; SecretAccessKey: string } };

  const { code, of } = await examine(
    { AWS_ACCESS_KEY_ID: AccessKey.AccessKeyId, AWS_SECRET_ACCESS_KEY: AccessKey.SecretAccessKey },
    "--function",
    "orders",
  );

  expect(code).toBe(3);
  expect(of("unknown").map(({ text }) => text)).toEqual([
    "functions and their versions: not looked at, since the caller may not lambda:ListFunctions",
    "event source mappings: not looked at, since the caller may not lambda:ListEventSourceMappings",
  ]);
  expect(of("bad").map(({ text }) => text)).toEqual([
    expect.stringContaining(`not authorized to perform: lambda:`),
    expect.stringContaining(`not authorized to perform: lambda:`),
  ]);
});

test("permissions of both main faults on a function are told where nothing is missing", async () => {
  const { code, findings } = await examine({}, "--function", FUNCTION);

  expect(code).toBe(0);
  const texts = findings.filter(({ subject }) => subject === "permissions").map(({ text }) => text);
  expect(texts.some((text) => text.startsWith("lambda-toggle-event-mapping-state on"))).toBe(true);
  expect(texts.some((text) => text.startsWith("lambda-block-tcp-connection on"))).toBe(true);
});

test("a function that is not there would stop every run on it", async () => {
  const { code, of } = await examine({}, "--function", "nobody");

  expect(code).toBe(3);
  expect(of("bad").map(({ text }) => text)).toEqual([
    expect.stringContaining("Function nobody does not exist"),
    expect.stringContaining("Function nobody does not exist"),
  ]);
});

test("a role of the environment is taken with its external id, also for the permissions", async () => {
  const Principal = { AWS: "000000000000" };
  const Condition = { StringEquals: { "sts:ExternalId": "e-1" } };
  const trust = [{ Effect: "Allow", Principal, Action: "sts:AssumeRole", Condition }];
  const all = [{ Effect: "Allow", Action: "lambda:*", Resource: "*" }];
  const document = (Statement: unknown) => JSON.stringify({ Version: "2012-10-17", Statement });
  await lab.call("iam:CreateRole", { RoleName: "asks", AssumeRolePolicyDocument: document(trust) });
  await lab.call("iam:PutRolePolicy", { RoleName: "asks", PolicyName: "p", PolicyDocument: document(all) });
  await lab.call("iam:CreateUser", { UserName: "taker" });
  await lab.call("iam:PutUserPolicy", {
    UserName: "taker",
    PolicyName: "p",
    PolicyDocument: document([{ Effect: "Allow", Action: "sts:AssumeRole", Resource: "*" }]),
  });
  const made = await lab.call("iam:CreateAccessKey", { UserName: "taker" });
  const { AccessKey } = made as { AccessKey: { AccessKeyId: string; SecretAccessKey: string } };
  const env = {
    AWS_ACCESS_KEY_ID: AccessKey.AccessKeyId,
    AWS_SECRET_ACCESS_KEY: AccessKey.SecretAccessKey,
    ASSUME_ROLE_ARN: "arn:aws:iam::000000000000:role/asks",
    ASSUME_ROLE_EXTERNAL_ID: "e-1",
  };

  const { code, of } = await examine(env, "--function", "orders");

  expect({ code, bad: of("bad") }).toEqual({ code: 0, bad: [] });
});

test("a journal that cannot be read, and an endpoint that does not answer, are told together: exit 3", async () => {
  const home = join(lab.folder, "broken");
  mkdirSync(home);
  writeFileSync(join(home, "journal.db"), "this is no database, whatever its name says");

  const { code, of } = await examine({ UNPLUG_HOME: home, AWS_ENDPOINT_URL: "http://127.0.0.1:9" });

  expect(code).toBe(3);
  expect(of("bad").map(({ subject }) => subject)).toEqual(["identity", "journal"]);
  expect(of("unknown").map(({ subject }) => subject)).toEqual(["clock"]);
});

test("a run that cannot be read is told with the reason, and all else is looked at", async () => {
  const home = join(lab.folder, "damaged");
  const journal = openJournal(home, { now: () => Date.UTC(2026, 0, 31) });
  for (const run of ["r-dead", "r-over"]) {
    await journal.take(run, []);
    await journal.append(run, 1, [{ type: run === "r-over" ? "run.closed" : "run.finished" }]);
  }
  journal.close();
  const database = new DatabaseSync(join(home, "journal.db"));
  database.exec("UPDATE events SET body = 'null'");
  database.close();

  const { code, findings } = await examine({ UNPLUG_HOME: home });

  expect(code).toBe(4);
  expect(findings.filter(({ subject }) => subject === "runs")).toEqual([
    {
      subject: "runs",
      state: "left",
      text: "r-dead of 2026-01-31T00:00:00.000Z ended without restoring everything, and leases its targets; it cannot be read: what stands in it is no event",
      mend: expect.stringMatching(/^Keep this journal and set UNPLUG_HOME to another folder/),
    },
    {
      subject: "runs",
      state: "note",
      text: "r-over is over, and cannot be read: what stands in it is no event",
    },
  ]);
  expect(findings.map(({ subject }) => subject)).toContain("account");
});

test.each([
  [{ AWS_REGION: "", AWS_DEFAULT_REGION: "" }, [], "add --region"],
  [{}, ["--region", "nowhere"], "the region"],
  [{}, ["--function", "a b"], "expected a function's name"],
  [{ ASSUME_ROLE_ARN: "chaos" }, [], "ASSUME_ROLE_ARN of the environment must be a role's ARN"],
  [
    { AWS_AUTHENTICATION_SECRET: "AKIA/x" },
    [],
    "AWS_AUTHENTICATION_SECRET of the environment names no file secret",
  ],
])("usage that means nothing is refused: %j %j", async (env, flags, message) => {
  const { code, out, err } = await lab.runWith(env, "doctor", ...flags);

  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toContain(message);
});

test.each([
  [0, "good", /^within 30 s/],
  [120_000, "note", /^this machine is 1[12]\d s ahead of AWS$/],
  [-400_000, "bad", /^this machine is (39|40)\d s behind AWS, which refuses/],
] as const)("a clock that is %d ms ahead is %s", async (ahead, state, text) => {
  const endpoint = lab.endpoint;
  const [, clock] = await checkClock({ region: "us-east-1", endpoint }, () => Date.now() + ahead);

  expect(clock?.state).toBe(state);
  expect(clock?.text).toMatch(text);
});
