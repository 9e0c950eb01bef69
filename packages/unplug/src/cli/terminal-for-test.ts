import { spawn } from "node:child_process";
import { expect } from "vitest";

/**
 * A program in a terminal of its own so wide. A pair waits until the screen shows the first text, further on than
 * before, and types the second.
 */
const TERMINAL = `
import fcntl, json, os, pty, struct, sys, termios
columns, steps, command = int(sys.argv[1]), json.loads(sys.argv[2]), sys.argv[3:]
child, terminal = pty.fork()
if child == 0:
    # Before the program starts: it may look but once.
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    os.execvp(command[0], command)
shown, seen = b"", 0
def read():
    global shown
    try: chunk = os.read(terminal, 65536)
    except OSError: chunk = b""
    shown += chunk
    return chunk != b""
for text, typed in steps:
    text = text.encode()
    while text not in shown[seen:]:
        if not read(): sys.exit("it ended without showing %r: %r" % (text, shown))
    seen = shown.index(text, seen) + len(text)
    os.write(terminal, typed.encode())
while read(): pass
_, status = os.waitpid(child, 0)
sys.stdout.buffer.write(shown.replace(b"\\r\\n", b"\\n"))
sys.stdout.flush()
sys.exit(os.waitstatus_to_exitcode(status))
`;

export interface InTerminal {
  readonly command: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly columns?: number;
  readonly cwd?: string;
  /** What to wait for, and what to type then. */
  readonly steps?: readonly (readonly [string, string])[];
}

/** What the terminal has shown when its program has ended, and the program's exit code. */
export async function inTerminal(
  python3: string,
  { command, env, columns = 80, cwd = process.cwd(), steps = [] }: InTerminal,
): Promise<{ readonly code: number | null; readonly shown: string }> {
  const args = ["-c", TERMINAL, String(columns), JSON.stringify(steps), ...command];
  // With the terminal, all that runs in it ends.
  // Else Python would give its child another locale than the one that is meant.
  const child = spawn(python3, args, {
    cwd,
    env: { ...env, PYTHONCOERCECLOCALE: "0" },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 100_000,
  });
  const [out, err, code] = await Promise.all([
    child.stdout.setEncoding("utf8").toArray(),
    child.stderr.setEncoding("utf8").toArray(),
    new Promise<number | null>((resolve) => child.once("close", resolve)),
  ]);
  expect(err.join("")).toBe("");
  return { code, shown: out.join("") };
}
