import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { openJournal } from "./sqlite-journal.ts";

const script = fileURLToPath(new URL("../../../../test/support/journal-process.ts", import.meta.url));
const children: ChildProcess[] = [];
const folders: string[] = [];

afterEach(async () => {
  for (const child of children.splice(0)) await end(child, "SIGKILL");
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "unplug-journal-"));
  folders.push(folder);
  return folder;
}

function start(...args: readonly string[]): { child: ChildProcess; lines: AsyncIterator<string> } {
  const child = spawn(process.execPath, [script, ...args], { stdio: ["pipe", "pipe", "inherit"] });
  children.push(child);
  if (child.stdout === null) throw new Error("no output");
  return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
}

async function said(lines: AsyncIterator<string>): Promise<unknown> {
  const { value, done } = await lines.next();
  if (done === true) throw new Error("The process ended without a word.");
  return JSON.parse(value);
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  await once(child, "exit");
}

describe("a journal shared by processes", () => {
  it("lets one of four have a target, and names it to the others, also where no journal was yet", async () => {
    const folder = newFolder();
    const runs = ["r-1", "r-2", "r-3", "r-4"];
    const answers = await Promise.all(runs.map((run) => said(start(folder, "take", run, "target").lines)));
    const winner = runs[answers.indexOf(null)];
    expect(answers.filter((answer) => answer === null)).toHaveLength(1);
    for (const answer of answers.filter((one) => one !== null)) {
      expect(answer).toEqual({ run: winner, alive: true, claim: "target" });
    }
  });

  it("frees a lock the moment its process is killed, and keeps the claim of what it left", async () => {
    const folder = newFolder();
    const { child, lines } = start(folder, "take", "r-1", "target");
    expect(await said(lines)).toBeNull();
    const journal = openJournal(folder, Date);
    expect(await journal.runs()).toMatchObject([{ run: "r-1", alive: true, closed: false }]);
    expect(await journal.take("r-1", [])).toMatchObject({ run: "r-1", alive: true });
    await end(child, "SIGKILL");
    expect(await journal.runs()).toMatchObject([{ run: "r-1", alive: false, closed: false }]);
    expect(await journal.take("r-2", ["target"])).toEqual({ run: "r-1", alive: false, claim: "target" });
    expect(await journal.take("r-1", [])).toBeNull();
    expect(await journal.read("r-1")).toMatchObject([{ event: { type: "step.skipped", step: "r-1" } }]);
    journal.close();
  });

  it("keeps a lock while its process is suspended", async () => {
    const folder = newFolder();
    const { child, lines } = start(folder, "take", "r-1", "target");
    await said(lines);
    child.kill("SIGSTOP");
    const journal = openJournal(folder, Date);
    expect(await journal.runs()).toMatchObject([{ alive: true }]);
    expect(await journal.take("r-1", [])).toMatchObject({ alive: true });
    journal.close();
    child.kill("SIGCONT");
  });

  it("has everything that `append` resolved for, when its process is killed in the middle", async () => {
    const folder = newFolder();
    const { child, lines } = start(folder, "append", "r-1");
    let last = -1;
    while (last < 50) last = Number(await said(lines));
    await end(child, "SIGKILL");
    const journal = openJournal(folder, Date);
    const kept = (await journal.read("r-1")).map(({ at }) => at);
    expect(kept.length).toBeGreaterThan(last);
    expect(kept).toEqual(kept.map((_, i) => i));
    journal.close();
  });

  it("never takes a look of another process for a life", async () => {
    const folder = newFolder();
    const { child, lines } = start(folder, "take", "r-1", "target");
    await said(lines);
    await end(child, "SIGKILL");
    const probes = [start(folder, "probe"), start(folder, "probe"), start(folder, "probe")];
    expect(await Promise.all(probes.map((probe) => said(probe.lines)))).toEqual([0, 0, 0]);
  });

  it("never has two holders of one lock, however fast it is let go and taken", async () => {
    const folder = newFolder();
    const rivals = Array.from({ length: 3 }, () => start(folder, "contend", "r-1"));
    expect(await Promise.all(rivals.map(({ lines }) => said(lines)))).toEqual([0, 0, 0]);
  });
});
