import { spawn } from "node:child_process";
import { expect } from "vitest";
import { needs } from "../../../../../test/support/needs.ts";
import { bin } from "./exec-for-test.ts";

/**
 * A shell with one job, in a terminal of its own: `TYPE BYTES` types, `AWAIT TEXT` waits for the screen to show something.
 *
 * When the job stops it says so and, at a line typed, goes on with it.
 */
const TERMINAL = `
import os, pty, signal, sys

def shell(command):
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    own = os.getpid()
    job = os.fork()
    if job == 0:
        os.setpgid(0, 0)
        os.tcsetpgrp(0, os.getpid())
        signal.signal(signal.SIGTTOU, signal.SIG_DFL)
        os.execvp(command[0], command)
    while True:
        _, status = os.waitpid(job, os.WUNTRACED)
        os.tcsetpgrp(0, own)
        if not os.WIFSTOPPED(status): break
        print("STOPPED", flush=True)
        sys.stdin.readline()
        os.tcsetpgrp(0, job)
        os.killpg(job, signal.SIGCONT)
        print("CONTINUED", flush=True)
    print("SIGNAL %d" % os.WTERMSIG(status) if os.WIFSIGNALED(status) else "CODE %d" % os.WEXITSTATUS(status), flush=True)

steps, command = sys.argv[1].split("|"), sys.argv[2:]
child, terminal = pty.fork()
if child == 0:
    shell(command)
    os._exit(0)
shown, seen = "", 0
def read():
    global shown
    try: chunk = os.read(terminal, 65536)
    except OSError: chunk = b""
    shown += chunk.decode()
    return chunk != b""
for step in steps:
    what, text = step.split(" ", 1)
    if what == "TYPE": os.write(terminal, text.encode().decode("unicode_escape").encode())
    while what == "AWAIT" and text not in shown[seen:]:
        if not read(): sys.exit("it ended without showing " + text + ": " + shown)
    if what == "AWAIT": seen = shown.index(text, seen) + len(text)
while read(): pass
sys.stdout.write(shown.replace("\\r", ""))
`;

const LISTENER = `
for (const name of ["SIGINT", "SIGQUIT"]) process.on(name, () => console.log("got " + name));
process.stdin.on("data", () => process.exit(7));
console.log("ready");
`;

const python = needs("python3");

/** What the terminal has shown in the end. */
async function inTerminal(
  python3: string,
  steps: readonly string[],
  command: readonly string[],
): Promise<string[]> {
  const exec = [process.execPath, bin, "exec", "--quiet", ...command];
  const args = ["-c", TERMINAL, steps.join("|"), ...exec];
  // With the terminal, all that runs in it ends.
  const child = spawn(python3, args, { stdio: ["ignore", "pipe", "pipe"], timeout: 100_000 });
  const [out, err, code] = await Promise.all([
    child.stdout.setEncoding("utf8").toArray(),
    child.stderr.setEncoding("utf8").toArray(),
    new Promise((resolve) => child.once("close", resolve)),
  ]);
  expect({ code, err: err.join("") }).toEqual({ code: 0, err: "" });
  return out.join("").split("\n");
}

python.test("the program gets a Ctrl-C once, from the terminal itself", async (python3) => {
  const steps = [
    "AWAIT ready",
    "TYPE \\x03",
    "AWAIT got SIGINT",
    "TYPE \\x1c",
    "AWAIT got SIGQUIT",
    "TYPE \\n",
  ];
  const shown = await inTerminal(python3, steps, [process.execPath, "-e", LISTENER]);

  expect(shown.filter((line) => line.includes("SIGINT"))).toEqual(["^Cgot SIGINT"]);
  expect(shown.filter((line) => line.includes("SIGQUIT"))).toHaveLength(1);
  expect(shown).toContain("CODE 7");
});

python.test("a program that a Ctrl-C ends looks so to the shell", async (python3) => {
  const shown = await inTerminal(
    python3,
    ["AWAIT ready", "TYPE \\x03"],
    ["sh", "-c", "echo ready; exec sleep 100"],
  );

  expect(shown).toContain("^CSIGNAL 2");
});

python.test(
  "Ctrl-Z gives the terminal back to the shell, and it goes on in the foreground",
  async (python3) => {
    const again = ["TYPE \\x1a", "AWAIT STOPPED", "TYPE fg\\n", "AWAIT CONTINUED"];
    const steps = ["AWAIT ready", ...again, ...again, "TYPE \\x03", "AWAIT got SIGINT", "TYPE \\n"];
    const shown = await inTerminal(python3, steps, [process.execPath, "-e", LISTENER]);

    expect(shown.filter((line) => line.includes("got SIGINT"))).toHaveLength(1);
    expect(shown).toContain("CODE 7");
  },
);
