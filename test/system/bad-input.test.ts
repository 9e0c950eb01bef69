import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { runCommandLine } from "../../packages/unplug/src/cli/command-line.ts";
import { systemClock } from "../../packages/unplug/src/contract/clock.ts";
import { openJournal } from "../../packages/unplug/src/journal/sqlite-journal.ts";
import { Lab, REGION, TOGGLE } from "../support/lab.ts";
import { NAME } from "../support/toggled.ts";

const UUID = "14e0db71-5d35-4eb5-b481-8945cf9d10c2";

let lab: Lab;
let folder = "";

beforeAll(async () => {
  lab = await Lab.open({ timing: "none" });
  await lab.addFed(NAME, 1);
  await lab.addFunction("lonely");
  folder = await mkdtemp(join(tmpdir(), "unplug-bad-input-"));
  await writeFile(join(folder, "experiment.yaml"), experiment("EVENT_UUIDS: all"));
  await writeFile(join(folder, "program"), Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 0, 0, 0xff));
  await writeFile(join(folder, "utf16.yaml"), `\ufeff${experiment("EVENT_UUIDS: all")}`, "utf16le");
  await writeFile(join(folder, "large.yaml"), "# more\n".repeat(200_000));
  await writeFile(join(folder, "word"), "");
  await symlink("round.yaml", join(folder, "round.yaml"));
  await writeFile(join(folder, "mine"), "");
  await chmod(join(folder, "mine"), 0o600);
  await mkdir(join(folder, "folder"));
});

afterAll(async () => {
  await lab.close();
  await rm(folder, { recursive: true, force: true });
});

afterEach(() => vi.unstubAllEnvs());

function experiment(tunables: string): string {
  return `apiVersion: unplug.dev/v1
kind: Experiment
metadata: { name: orders }
spec:
  steps:
    - fault: ${TOGGLE}
      tunables: { FUNCTION_NAME: orders, ${tunables} }
`;
}

interface Wrong {
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly input?: string;
}

/** One command in this process, in the lab's surroundings; the SDK reads the process's environment. */
async function command({ args, env = {}, input = "" }: Wrong) {
  const given: Record<string, string | undefined> = { ...lab.env, ...env };
  for (const name of Object.keys({ ...process.env, ...given })) vi.stubEnv(name, given[name]);
  let [out, err] = ["", ""];
  const code = await runCommandLine(args, {
    env: given,
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    readInput: () => Promise.resolve(input),
  });
  return { code, out, err };
}

/** What is the same wherever the tests run. */
function message(err: string): string {
  return (
    err
      .replaceAll(folder, "FOLDER")
      .replaceAll(lab.folder, "LAB")
      // Which of the two it is depends on who is asked for names.
      .replaceAll("EAI_AGAIN", "ENOTFOUND")
      .replace(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, (id) =>
        id === UUID ? id : "UUID",
      )
  );
}

/** Holds of every wrong input: no stack, no word of a defect, nothing written, nobody's lease or lock left. */
async function expectHarmless(err: string): Promise<void> {
  expect(err).not.toMatch(/\n\s+at |defect|undefined|\[object|node:|Error: E[A-Z]+:/);
  expect(err.trim()).not.toBe("");
  expect(lab.writes()).toEqual([]);
  const journal = openJournal(lab.home, systemClock);
  const heads = await journal.runs();
  journal.close();
  expect(heads.filter(({ closed, alive }) => alive || !closed)).toEqual([]);
}

/** Ends with 2 before anything is called. */
async function expectUsage(wrong: Wrong): Promise<void> {
  const calls = lab.sandbox.cloud.record.all().length;
  const { code, out, err } = await command(wrong);
  expect({ code, out }, err).toEqual({ code: 2, out: "" });
  expect(message(err)).toMatchSnapshot();
  expect(lab.sandbox.cloud.record.all()).toHaveLength(calls);
  await expectHarmless(err);
}

describe("a file that cannot be read ends with 2", () => {
  test.each([
    ["missing", "nowhere.yaml"],
    ["a folder", "folder"],
    ["below a file", "program/x.yaml"],
    ["links in a circle", "round.yaml"],
    ["a name that is too long", `${"x".repeat(300)}.yaml`],
    ["a program", "program"],
    ["another encoding", "utf16.yaml"],
    ["too large", "large.yaml"],
    ["empty", "word"],
  ])("%s", async (_, name) => expectUsage({ args: ["run", join(folder, name)] }));

  test("no permission", async () => {
    // The superuser may read everything, so the test is somebody else meanwhile.
    const asRoot = process.getuid?.() === 0;
    if (asRoot) await chmod(folder, 0o755);
    else await chmod(join(folder, "mine"), 0o200);
    if (asRoot) process.seteuid?.(65_534);
    try {
      const { code, err } = await command({ args: ["run", join(folder, "mine")] });
      expect({ code, err: message(err) }).toMatchSnapshot();
    } finally {
      if (asRoot) process.seteuid?.(0);
    }
  });

  test.each([
    ["a file without end", { args: ["run", "/dev/zero"] }],
    ["no name", { args: ["run", ""] }],
    ["nothing on standard input", { args: ["run", "-"] }],
    ["too much on standard input", { args: ["run", "-"], input: "# more\n".repeat(200_000) }],
  ])("%s", async (_, wrong) => expectUsage(wrong));
});

describe("a tunable that is none ends with 2", () => {
  const times =
    '-5|1.5|0|99999999|"5 minutes"|1e9|"1e9"|"NaN"|.nan|"Infinity"|.inf|"0x10"|"٣"|~|true|[1]|"1h30m"|500ms|"5 m"';
  test.each([
    ...times.split("|").map((time) => `EVENT_UUIDS: all, TOTAL_CHAOS_DURATION: ${time}`),
    'EVENT_UUIDS: ""',
    'EVENT_UUIDS: ","',
    `EVENT_UUIDS: "${UUID},${UUID}"`,
    `EVENT_UUIDS: "${UUID},zzz,14e0db71"`,
    "EVENT_UUIDS: 12345",
    `EVENT_UUIDS: [${UUID}]`,
    "EVENT_UUIDS: all, EVENT_UUIDS: all",
    "EVENT_UUID: all",
    "EVENT_UUIDS: all, event_uuids: all",
    "EVENT_UUIDS: all, CYCLES: 999999999999999999999",
    "EVENT_UUIDS: all, REGION: ",
    "EVENT_UUIDS: all, REGION: us-east1",
    "EVENT_UUIDS: all, REGION: Frankfurt",
    "EVENT_UUIDS: all, SEQUENCE: Serial",
    "EVENT_UUIDS: all, ASSUME_ROLE_ARN: admin",
    "EVENT_UUIDS: all, AWS_AUTHENTICATION_SECRET: ../../etc/passwd",
    "EVENT_UUIDS: all, AWS_SECRET_ACCESS_KEY: hush",
    "EVENT_UUIDS: '${NOBODY_SET_THIS}'",
    "EVENT_UUIDS: '${NOBODY_SET_THIS:-}'",
    "EVENT_UUIDS: '${not-a-name}'",
    "EVENT_UUIDS: '${OPEN'",
    "EVENT_UUIDS: ${OPEN}",
    'EVENT_UUIDS: all, RAMP_TIME: "\\e[31mred\\u202e"',
    Array.from({ length: 30 }, (_, i) => `X${i}: 1`).join(", "),
  ])("%s", async (given) => expectUsage({ args: ["plan", "-"], input: experiment(given) }));

  test("no region anywhere", async () => {
    const env = { AWS_REGION: undefined, AWS_DEFAULT_REGION: undefined };
    await expectUsage({ args: ["plan", "-"], input: experiment("EVENT_UUIDS: all"), env });
  });

  test.each([
    ["kind", experiment("EVENT_UUIDS: all").replace("kind: Experiment", "kind: Experment")],
    ["apiVersion", experiment("EVENT_UUIDS: all").replace("dev/v1", "dev/v2")],
    ["fault", experiment("EVENT_UUIDS: all").replace(TOGGLE, "lambda-toggle-event-mappings-state")],
    ["key", experiment("EVENT_UUIDS: all").replace("  steps:", "  stepps:")],
    ["indentation", experiment("EVENT_UUIDS: all").replace("  steps:", "\tsteps:")],
    ["bracket", experiment("EVENT_UUIDS: all }").replace("{ name", "[ name")],
  ])("a wrong %s", async (_, input) => expectUsage({ args: ["plan", "-"], input }));
});

describe("a command line that cannot mean anything ends with 2", () => {
  test.each(
    [
      ["fault", "lambda-throttle", "FUNCTION_NAME"],
      ["fault", "lambda-throttle", "FUNCTION_NAME=a b"],
      ["fault", "lambda-update-function-memory", "FUNCTION_NAME=orders", "MEMORY_IN_MEGABYTES=128MB"],
      ["fault", "./experiment.yaml"],
      ["run", "FILE", "--out", ""],
      ["run", "FILE", "--out", "/dev/null"],
      ["run", "FILE", "--set", "nobody.REGION=us-east-1"],
      ["run", "FILE", "--format", "JSON"],
      ["restore", "--function", "a b"],
      ["restore", "--function", `arn:aws:lambda:eu-west-1:000000000000:function:${NAME}`, "--region", REGION],
      ["restore", "--function", NAME, "--region", "Frankfurt"],
      ["restore", "--function", NAME, "--mapping", ""],
      ["restore", "--function", NAME, "--assume-role-arn", "admin"],
      ["show", "r-1", "--as", "aws-cli", "--format", "json"],
      ["sandbox", "--port", "99999"],
      ["exec", "--block", "http://x/", "true"],
      ["exec", "--for", "5 minutes", "true"],
      ["exec", "no-such-program"],
    ].map((args) => [args.join(" ") || "nothing", args] as const),
  )("%s", async (_, args) => {
    await expectUsage({ args: args.map((arg) => (arg === "FILE" ? join(folder, "experiment.yaml") : arg)) });
  });

  test.each([
    ["AWS_ENDPOINT_URL", "localhost:4566"],
    ["AWS_ENDPOINT_URL", "http://127.0.0.1:99999"],
    ["AWS_ENDPOINT_URL_LAMBDA", "ftp://127.0.0.1"],
    ["UNPLUG_REQUESTS_PER_SECOND", "0x10"],
  ])("%s=%s", async (name, value) => {
    await expectUsage({ args: ["plan", join(folder, "experiment.yaml")], env: { [name]: value } });
  });

  test("a word that is no fault, beside a file of that name", async () => {
    const elsewhere = process.cwd();
    process.chdir(folder);
    try {
      await expectUsage({ args: ["plan", "word"] });
    } finally {
      process.chdir(elsewhere);
    }
  });
});

describe("what AWS does not know ends with 3, and nothing is written", () => {
  const nothing = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined };
  const wrong: readonly (readonly [string, Readonly<Record<string, string>>, Wrong["env"]])[] = [
    ["no credentials", {}, nothing],
    ["a key without its secret", {}, { AWS_SECRET_ACCESS_KEY: undefined }],
    ["a secret without its key", {}, { AWS_ACCESS_KEY_ID: "" }],
    ["a profile that is none", { AWS_PROFILE: "nobody" }, {}],
    ["a key with a line break", {}, { AWS_ACCESS_KEY_ID: "AK\nIA" }],
    ["a file secret that is not there", { AWS_AUTHENTICATION_SECRET: "nobody" }, {}],
    ["a closed port", {}, { AWS_ENDPOINT_URL: "http://127.0.0.1:1" }],
    ["a host that is none", {}, { AWS_ENDPOINT_URL: "http://nobody..invalid" }],
    ["a function that does not exist", { FUNCTION_NAME: "ordres" }, {}],
    [
      "a function in another region",
      { FUNCTION_NAME: `arn:aws:lambda:eu-west-1:000000000000:function:${NAME}` },
      {},
    ],
    [
      "a function of another account",
      { FUNCTION_NAME: `arn:aws:lambda:${REGION}:111111111111:function:${NAME}` },
      {},
    ],
    ["a function without mappings", { FUNCTION_NAME: "lonely" }, {}],
    ["a region that looks like a slip", { REGION: "us-eest-1" }, {}],
    ["a UUID that no mapping has", { EVENT_UUIDS: UUID }, {}],
  ];

  test.each(wrong)("%s", async (_, more, env = {}) => {
    const tunables = { FUNCTION_NAME: NAME, REGION, EVENT_UUIDS: "all", ...more };
    const given = Object.entries(tunables).map(([name, value]) => `${name}=${value}`);
    const plan = await command({ args: ["plan", TOGGLE, ...given, "--format", "json"], env });
    const run = await command({ args: ["fault", TOGGLE, ...given, "--format", "json"], env });
    const streamed = await command({ args: ["fault", TOGGLE, ...given, "--format", "ndjson"], env });

    expect({ code: plan.code, out: plan.out }, plan.err).toEqual({ code: 3, out: "" });
    expect(message(plan.err)).toMatchSnapshot();
    expect(run.code, run.err).toBe(3);
    expect(JSON.parse(run.out)).toMatchObject({
      verdict: "error",
      injection: "skipped",
      restore: "not-needed",
    });
    expect(run.err.match(/^ERROR: /gm), run.err).toHaveLength(1);
    expect(
      streamed.out
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line).event.type)
        .at(-1),
    ).toBe("run.closed");
    for (const { err } of [plan, run]) await expectHarmless(err);
  });

  test.each([
    [["restore", "r-1"]],
    [["restore", ""]],
    [["abort", "r-1"]],
    [["show", "r-1"]],
    [["restore", "--function", "ordres"]],
    [["restore", "--function", NAME, "--profile", "nobody"]],
    [["restore", "--function", NAME, "--mapping", UUID, "--yes"]],
  ])("%s", async (args) => {
    const { code, out, err } = await command({ args });

    expect({ code, out }, err).toEqual({ code: 3, out: "" });
    expect(message(err)).toMatchSnapshot();
    await expectHarmless(err);
  });
});
