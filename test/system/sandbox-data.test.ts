import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test as base, expect, inject } from "vitest";
import { waitFor } from "../support/lab.ts";
import { needs } from "../support/needs.ts";
import { SandboxProcess } from "../support/sandbox-process.ts";
import { UnplugProcess } from "../support/unplug-process.ts";

const PATIENCE = { timeout: 120_000 };

const test = base.extend<{ folder: string }>({
  folder: async ({ onTestFinished }, use) => {
    const folder = await mkdtemp(join(tmpdir(), "unplug-kept-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await use(folder);
  },
});

test("what a sandbox holds is there after it was killed while it was used", PATIENCE, async ({ folder }) => {
  const data = join(folder, "data");
  let sent = 0;
  for (let kills = 0; kills < 3; kills++) {
    await using sandbox = await SandboxProcess.start(folder, "--data", data);
    if (kills === 0) await sandbox.family();
    const QueueUrl = await queueOf(sandbox);
    const [before, number] = [sent, { last: sent }];
    const sending = sendOn(sandbox, QueueUrl, number);
    // This one is on the disk; others are being sent, and perhaps being written.
    await waitFor(async () => (await stateText(data)).includes(`m-${before + 20}-`));
    await sandbox.end("SIGKILL");
    await sending;
    sent = await expectPrefix(data, before + 20, number.last);
  }
  await using last = await SandboxProcess.start(folder, "--data", data);
  const { Messages } = await last.sqs("ReceiveMessage", {
    QueueUrl: await queueOf(last),
    MaxNumberOfMessages: 2,
  });
  expect(Messages).toMatchObject([{ Body: "m-1-" }, { Body: "m-2-" }]);
  expect(await last.invoke()).toHaveLength(3);
});

test("a data folder that cannot be used is one message and exit code 3", PATIENCE, async ({ folder }) => {
  const data = join(folder, "data");
  await using first = await SandboxProcess.start(folder, "--data", data);
  const start = (path: string) => {
    const env = { PATH: process.env["PATH"], HOME: folder, TMPDIR: folder };
    return UnplugProcess.unplug(["sandbox", "--port", "0", "--data", path], env);
  };
  await writeFile(join(folder, "file"), "");
  const [busy, file] = [start(data), start(join(folder, "file"))];
  expect(await busy.ended).toEqual({ code: 3, signal: null });
  expect(busy.said.trim()).toBe(
    `The data folder ${data} is in use by another sandbox. End that one, or name another folder.`,
  );
  expect(await file.ended).toEqual({ code: 3, signal: null });
  expect(file.said.trim()).toMatch(
    /^The data folder .*\/file is no folder \(E\w+\)\. Name a folder; [^\n]*$/,
  );
  expect(await first.end("SIGTERM")).toBe(0);
});

needs("namespaces").test("a full disk is one message and exit code 3, too", async (unshare) => {
  const folder = await mkdtemp(join(tmpdir(), "unplug-full-"));
  try {
    const { bin } = inject("command");
    const script = `mount -t tmpfs -o size=16k none "$1" && { cat /dev/zero >"$1/full" 2>/dev/null
      mkdir "$1/data"; exec "$2" "$3" sandbox --port 0 --data "$1/data"; }`;
    const words = [
      "--mount",
      "--map-root-user",
      "--user",
      "sh",
      "-c",
      script,
      "sh",
      folder,
      process.execPath,
      bin,
    ];
    const { status, stdout, stderr } = spawnSync(unshare, words, {
      timeout: 60_000,
      killSignal: "SIGKILL",
      encoding: "utf8",
      env: { ...process.env, HOME: "/dev/null" },
    });
    expect({ status, stdout, stderr }).toEqual({
      status: 3,
      stdout: "",
      stderr: `The data folder ${join(folder, "data")} cannot be written: the disk is full (ENOSPC). Make room, or name one on another disk.\n`,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

async function queueOf(sandbox: SandboxProcess): Promise<unknown> {
  return (await sandbox.sqs("CreateQueue", { QueueName: "orders" }))["QueueUrl"];
}

/** Sends messages with numbers until the sandbox is gone. */
async function sendOn(sandbox: SandboxProcess, QueueUrl: unknown, number: { last: number }): Promise<void> {
  try {
    for (;;) {
      number.last += 1;
      await sandbox.sqs("SendMessage", { QueueUrl, MessageBody: `m-${number.last}-` });
    }
  } catch {
    // It was killed.
  }
}

async function stateText(data: string): Promise<string> {
  return await readFile(join(data, "state"), "latin1");
}

/** All messages up to one are there, and that one is not before `written`; gives its number. */
async function expectPrefix(data: string, written: number, sent: number): Promise<number> {
  const text = await stateText(data);
  const found = [...text.matchAll(/m-(\d+)-/g)].map(([, number]) => Number(number));
  const last = Math.max(...found);
  expect(new Set(found).size).toBe(last);
  expect(last).toBeGreaterThanOrEqual(written);
  expect(last).toBeLessThanOrEqual(sent);
  return last;
}
