import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import { listenForSignals } from "./signals.ts";

const PROGRAM = `
import { listenForSignals } from ${JSON.stringify(new URL("./signals.ts", import.meta.url).href)};
const say = (text) => process.stdout.write(text + "\\n");
const heard = listenForSignals({ by: "me", onFirst: (n) => say("first " + n), onRepeat: (n) => say("again " + n) });
heard.signal.addEventListener("abort", () => say(JSON.stringify(heard.signal.reason)));
process.on("message", async (text) => {
  if (text === "throw") setTimeout(() => { throw new Error("nobody caught this"); });
  if (text === "close") {
    heard.close();
    await new Promise((resolve) => setImmediate(resolve));
  }
  say("told " + text + " " + String(heard.defect()));
});
say("ready");
`;

/** A real process that listens, its lines one by one. */
function listening() {
  const child = spawn(process.execPath, ["--input-type=module", "-e", PROGRAM], {
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  if (child.stdout === null) throw new Error("the child's output is piped");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async () => (await lines.next()).value;
  const ended = new Promise<string>((resolve) =>
    child.once("exit", (code, signal) => resolve(signal ?? String(code))),
  );
  return { child, line, ended, [Symbol.dispose]: () => void child.kill("SIGKILL") };
}

test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "%s becomes an abort with its name, and ends nothing",
  async (name) => {
    using run = listening();
    expect(await run.line()).toBe("ready");

    run.child.kill(name);

    expect(await run.line()).toBe(JSON.stringify({ by: "me", signal: name, leave: false }));
    expect(await run.line()).toBe(`first ${name}`);
    run.child.kill("SIGINT");
    expect(await run.line()).toBe("again SIGINT");
    run.child.kill("SIGTERM");
    expect(await run.line()).toBe("again SIGTERM");
    expect(run.child.exitCode).toBeNull();
  },
);

test("an error that nobody caught ends the run as a signal does, and is kept", async () => {
  using run = listening();
  expect(await run.line()).toBe("ready");

  run.child.send("throw");

  expect(await run.line()).toBe("told throw null");
  expect(await run.line()).toBe(JSON.stringify({ by: "a defect in Unplug", signal: null, leave: false }));
  run.child.send("look");
  expect(await run.line()).toBe("told look Error: nobody caught this");
});

test("whoever closes it gives the signals back", async () => {
  using run = listening();
  expect(await run.line()).toBe("ready");
  run.child.send("close");
  expect(await run.line()).toBe("told close null");

  run.child.kill("SIGTERM");

  expect(await run.ended).toBe("SIGTERM");
});

test("leaves no listener behind, and none but its own until somebody else can have taken over", async () => {
  const before = process.listenerCount("SIGINT");
  const heard = listenForSignals({ by: "me", onFirst: () => undefined, onRepeat: () => undefined });
  expect(process.listenerCount("SIGINT")).toBe(before + 1);

  heard.close();
  // What decides how the process ends goes on from here without a pause.
  await Promise.resolve();
  expect(process.listenerCount("SIGINT")).toBe(before + 1);
  await new Promise((resolve) => setImmediate(resolve));

  expect(process.listenerCount("SIGINT")).toBe(before);
  expect(heard.signal.aborted).toBe(false);
});
