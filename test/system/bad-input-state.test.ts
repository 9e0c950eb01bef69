import { spawnSync } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createServer as createTcpServer, type Socket } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, inject, test, vi } from "vitest";
import { systemClock } from "../../packages/unplug/src/contract/clock.ts";
import { openJournal } from "../../packages/unplug/src/journal/sqlite-journal.ts";
import { Lab, REGION, TOGGLE } from "../support/lab.ts";
import { namespaceOptions } from "../support/namespaces.ts";
import { needs } from "../support/needs.ts";
import { lastLine, NAME } from "../support/toggled.ts";

// They mostly wait.
vi.setConfig({ maxConcurrency: 4 });

let shared: Lab;

beforeAll(async () => {
  shared = await Lab.open({ timing: "none" });
});

afterAll(() => shared.close());

const PATIENCE = { timeout: 120_000 };
const RUN = ["fault", TOGGLE, `FUNCTION_NAME=${NAME}`, `REGION=${REGION}`, "EVENT_UUIDS=all"];
const JSON_RUN = [...RUN, "TOTAL_CHAOS_DURATION=1", "--format", "json"];

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** One message and no stack, nothing written. */
function expectRefused({ code, stdout, stderr }: Ended, says: RegExp): void {
  expect(code, stderr).toBe(3);
  expect(stdout).toBe("");
  expect(stderr).toMatch(says);
  expect(stderr.trim().split("\n"), stderr).toHaveLength(1);
  expect(stderr).not.toMatch(/\n\s+at |defect|Error: /);
  expect(shared.sandbox.cloud.record.all()).toEqual([]);
}

describe.concurrent("a state folder that cannot hold a journal ends with 3 before anything is written", () => {
  test("a file in its place", PATIENCE, async () => {
    const home = join(shared.folder, "file");
    await writeFile(home, "mine");
    expectRefused(
      await shared.unplug(JSON_RUN, { UNPLUG_HOME: home }),
      /is no folder.*set UNPLUG_HOME to another/,
    );
  });

  test("a place where nobody can make one", PATIENCE, async () => {
    const ended = await shared.unplug(JSON_RUN, { UNPLUG_HOME: "/proc/unplug" });
    expectRefused(ended, /\/proc\/unplug.*set UNPLUG_HOME to another/);
  });

  test("a journal of a newer version", PATIENCE, async () => {
    const home = join(shared.folder, "newer");
    await shared.unplug(["runs"], { UNPLUG_HOME: home });
    const journal = new DatabaseSync(join(home, "journal.db"));
    journal.exec("PRAGMA user_version = 99");
    journal.close();
    expectRefused(
      await shared.unplug(JSON_RUN, { UNPLUG_HOME: home }),
      /newer Unplug \(format 99, this one knows 1\)\. Use that version/,
    );
  });

  test("a damaged journal", PATIENCE, async () => {
    const home = join(shared.folder, "damaged");
    await mkdir(home, { recursive: true });
    await writeFile(join(home, "journal.db"), "this is no database, whatever its name says\n".repeat(200));
    expectRefused(
      await shared.unplug(JSON_RUN, { UNPLUG_HOME: home }),
      /journal\.db cannot be opened: file is not a database/,
    );
  });

  test("a journal that another process keeps locked", PATIENCE, async () => {
    const home = join(shared.folder, "locked");
    await shared.unplug(["runs"], { UNPLUG_HOME: home });
    const journal = new DatabaseSync(join(home, "journal.db"));
    journal.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    const ended = await shared.unplug(JSON_RUN, { UNPLUG_HOME: home });
    journal.close();
    expectRefused(ended, /journal\.db .*locked/);
  });
});

describe.concurrent("a state folder that goes away", () => {
  test("in mid-run ends the hold and restores from memory", PATIENCE, async () => {
    await using lab = await Lab.open({ timing: "none" });
    const uuids = await lab.addFed(NAME, 1);
    const before = await lab.snapshot(NAME, uuids);
    const run = lab.toggle(NAME, { TOTAL_CHAOS_DURATION: 600 });
    await run.event("hold.started");

    await rm(lab.home, { recursive: true, force: true });
    const { code } = await run.ended;

    expect(code, run.said).toBe(3);
    expect(lastLine(run)).toMatch(/journal/);
    expect(run.said).not.toMatch(/\n\s+at |defect/);
    expect(await lab.snapshot(NAME, uuids)).toEqual(before);
  });
});

const namespaces = needs("namespaces");

describe("a state folder on a disk of its own", () => {
  for (const { name, mount, says } of [
    { name: "read-only", mount: "-o ro,size=1m", says: /unable to open database file/ },
    { name: "full", mount: "-o size=4k,nr_inodes=8", says: /full|no space/i },
  ]) {
    namespaces.test(`ends with 3 before anything is written when it is ${name}`, async (unshare) => {
      const home = join(shared.folder, `disk-${name}`);
      await mkdir(home);
      const { bin } = inject("command");
      const inside = 'mount -t tmpfs $MOUNT none "$UNPLUG_HOME" && exec "$@"';
      const env = {
        ...process.env,
        UNPLUG_HOME: home,
        MOUNT: mount,
        AWS_ACCESS_KEY_ID: "test",
        AWS_SECRET_ACCESS_KEY: "test",
      };
      const options = [...namespaceOptions, "sh", "-c", inside, "sh", process.execPath, bin, ...JSON_RUN];
      const { status, stdout, stderr } = spawnSync(unshare, options, {
        env,
        encoding: "utf8",
        timeout: 60_000,
        killSignal: "SIGKILL",
      });

      expect({ status, stdout }, stderr).toEqual({ status: 3, stdout: "" });
      expect(stderr).toMatch(says);
      expect(stderr).toContain("UNPLUG_HOME");
      expect(stderr).not.toMatch(/\n\s+at |defect|Error: /);
    });
  }
});

describe.concurrent("an endpoint that is not AWS ends with 3, its advice, and valid JSON", () => {
  const page = "<!DOCTYPE html><html><body>Sign in to use this network</body></html>";
  const xml = "<GetCallerIdentityResponse><GetCaller";
  const http = (status: number, headers: Readonly<Record<string, string>>, body: string, whole = true) =>
    createServer((request, response) => {
      request.resume();
      response.writeHead(status, headers);
      response.write(body);
      if (whole) response.end();
      else response.flushHeaders();
      if (!whole) setTimeout(() => response.destroy(), 20);
    });
  const tcp = (answer: (socket: Socket) => void) =>
    createTcpServer((socket) => answer(socket.on("error", () => undefined)));

  for (const [name, server, advice] of [
    ["a page", () => http(200, { "content-type": "text/html" }, page), /AWS_ENDPOINT_URL and HTTPS_PROXY/],
    [
      "a page, 404",
      () => http(404, { "content-type": "text/html" }, page),
      /AWS_ENDPOINT_URL and HTTPS_PROXY/,
    ],
    [
      "a redirect",
      () => http(302, { location: "https://portal.invalid/" }, ""),
      /AWS_ENDPOINT_URL and HTTPS_PROXY/,
    ],
    ["nothing, 200", () => http(200, {}, ""), /names no account/],
    [
      "JSON",
      () => http(200, { "content-type": "application/json" }, "{}"),
      /AWS_ENDPOINT_URL and HTTPS_PROXY/,
    ],
    ["a part", () => http(200, { "content-length": "1000" }, xml, false), /a part of the answer was lost/],
    ["500 without more", () => http(500, {}, ""), /AWS_ENDPOINT_URL and HTTPS_PROXY/],
    ["no word, and hangs up", () => tcp((socket) => socket.destroy()), /endpoint cannot be reached/],
    [
      "another protocol",
      () => tcp((socket) => socket.end("SSH-2.0-OpenSSH_9.2\r\n")),
      /does not speak this protocol/,
    ],
  ] as const) {
    test(name, PATIENCE, async () => {
      const served = server();
      await new Promise<void>((resolve) => served.listen(0, "127.0.0.1", resolve));
      const address = served.address();
      const port = typeof address === "object" ? address?.port : null;
      const env = { AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` };
      const { code, stdout, stderr } = await shared.unplug(JSON_RUN, env);
      served.close();

      expect(code, stderr).toBe(3);
      const result = JSON.parse(stdout);
      expect(result).toMatchObject({ verdict: "error", injection: "skipped", restore: "not-needed" });
      expect(stderr).toMatch(advice);
      expect(stderr.match(/^ERROR: /gm), stderr).toHaveLength(1);
      expect(stderr).not.toMatch(/\n\s+at |defect|undefined|\[object/);
      const journal = openJournal(shared.home, systemClock);
      const head = (await journal.runs()).find(({ run }) => run === result.runId);
      journal.close();
      expect(head).toMatchObject({ closed: true, alive: false });
    });
  }
});
