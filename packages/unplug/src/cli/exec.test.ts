import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmodSync, closeSync, openSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { constants } from "node:os";
import { join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { elfProgram, ownMachine } from "./exec/elf-for-test.ts";
import { bin, execLab } from "./exec/exec-for-test.ts";

/** A program that says which signals it gets, and goes on until SIGUSR2. */
const LISTENER = `
for (const name of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGWINCH", "SIGCONT"])
  process.on(name, () => console.log("got " + name));
process.on("SIGUSR2", () => process.exit(7));
setInterval(() => undefined, 1000);
console.log("ready");
`;

const NOTHING_SEEN = `unplug: blocking all outbound TCP but loopback: connects are refused
unplug: none of its processes was seen to make a connect or a look-up, so nothing was blocked (Go and static programs that others start, and ones started with a cleaned environment, are not seen)
`;

describe.runIf(process.platform === "linux")("unplug exec", () => {
  let lab: ReturnType<typeof execLab>;
  beforeAll(() => {
    lab = execLab();
  });
  afterAll(() => lab.close());

  const quiet = (...args: string[]) => lab.run(["--quiet", ...args]);
  const node = (code: string) => [process.execPath, "-e", code];
  const put = (name: string, content: string | Buffer) => {
    const file = join(lab.folder, name);
    writeFileSync(file, content);
    chmodSync(file, 0o755);
    return file;
  };
  const temporary = () => readdirSync(lab.folder).filter((name) => name.startsWith("unplug-exec-"));

  test("ends with the program's exit code, and says what was seen", async () => {
    const { code, out, err } = await lab.run(["sh", "-c", "echo hello; exit 37"]);

    expect({ code, out: out.toString(), err }).toEqual({ code: 37, out: "hello\n", err: NOTHING_SEEN });
  });

  test.each([
    ["with", ["--"]],
    ["without", []],
  ])("leaves the program's own options alone, %s --", async (_, dashes) => {
    const args = ["--help", "-x", "--block", "a b", "", "--", "--quiet"];
    const { out, err } = await quiet(...dashes, "sh", "-c", 'printf "[%s]" "$0" "$@"', ...args);

    expect({ out: out.toString(), err }).toEqual({
      out: "[--help][-x][--block][a b][][--][--quiet]",
      err: "",
    });
  });

  test("calls the program as it was called", async () => {
    expect((await quiet("sh", "-c", "echo $0")).out.toString()).toBe("sh\n");
  });

  test("hands over standard input, whatever is in it", async () => {
    const input = randomBytes(3_000_000);

    expect((await lab.run(["--quiet", "cat"], { input })).out.equals(input)).toBe(true);
  });

  test("a program that writes faster than is read loses nothing", async () => {
    const running = lab.start(["--quiet", "sh", "-c", "echo started >&2; head -c 20000000 /dev/zero"]);
    running.child.stdout?.pause();
    await running.says("started");
    running.child.stdout?.resume();

    const { code, out, err } = await running.ended;
    expect({ code, length: out.length, err }).toEqual({ code: 0, length: 20_000_000, err: "started\n" });
  });

  test.each([
    "SIGALRM",
    "SIGVTALRM",
    "SIGABRT",
    "SIGTRAP",
    "SIGSYS",
    "SIGXCPU",
    "SIGIO",
    "SIGPWR",
    "SIGSTKFLT",
  ] as const)("%s ends the program instead of leaving it alone", async (signal) => {
    const program = "ulimit -c 0; echo ready $$; exec sleep 100";
    const running = lab.start(["--quiet", "sh", "-c", program]);
    await running.says("ready");
    expect(temporary()).toHaveLength(1);

    running.child.kill(signal);

    const { code, out } = await running.ended;
    const withCore = ["SIGABRT", "SIGTRAP", "SIGSYS", "SIGXCPU"].includes(signal);
    expect(code).toBe(withCore ? 128 + constants.signals[signal] : signal);
    const pid = Number(/\d+/.exec(out.toString())?.[0]);
    expect(() => process.kill(pid, 0)).toThrow("ESRCH");
    expect(temporary()).toEqual([]);
  });

  test("hands over open files with gaps between them, and closes what is not one of them", async () => {
    const inner = 'echo five >&5; echo nine >&9; (echo four >&4) 2>/dev/null || echo "no four"';
    const outer = 'exec 5>"$0/five" 9>"$0/nine"; exec "$@"';
    const command = [process.execPath, bin, "exec", "--quiet", "sh", "-c", inner];
    const { out, err } = await quiet("sh", "-c", outer, lab.folder, ...command);

    expect({ out: out.toString(), err }).toEqual({ out: "no four\n", err: "" });
    expect(readFileSync(join(lab.folder, "five"), "utf8")).toBe("five\n");
    expect(readFileSync(join(lab.folder, "nine"), "utf8")).toBe("nine\n");
  });

  test("hands over copies of standard output, which is a pipe", async () => {
    const command = [process.execPath, bin, "exec", "--quiet", "sh", "-c", "echo nine >&9"];
    const { out, err } = await quiet("sh", "-c", 'exec 5>&1 9>&1; exec "$@"', "sh", ...command);

    expect({ out: out.toString(), err }).toEqual({ out: "nine\n", err: "" });
  });

  test("takes a relative TMPDIR, also when the program goes elsewhere", async () => {
    const show = 'cd /; echo "$UNPLUG_INTERCEPTOR"';
    const { code, out, err } = await lab.run(["sh", "-c", show], {
      env: { TMPDIR: relative(process.cwd(), lab.folder) },
    });

    expect({ code, err }).toEqual({ code: 0, err: NOTHING_SEEN });
    expect(out.toString()).toContain(`tally=${lab.folder}/unplug-exec-`);
  });

  test("hands over the other open files", async () => {
    const file = join(lab.folder, "third");
    const third = openSync(file, "w");
    await lab.run(["--quiet", "sh", "-c", "echo three >&3"], { third });
    closeSync(third);

    expect(readFileSync(file, "utf8")).toBe("three\n");
  });

  test.each(["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGWINCH", "SIGCONT"] as const)(
    "passes %s on, and waits for the program's own end",
    async (signal) => {
      const running = lab.start(["--quiet", ...node(LISTENER)]);
      await running.says("ready");

      running.child.kill(signal);
      await running.says(`got ${signal}`);
      running.child.kill("SIGUSR2");

      const { code, out } = await running.ended;
      expect({ code, out: out.toString() }).toEqual({ code: 7, out: `ready\ngot ${signal}\n` });
    },
  );

  test.each(["SIGTERM", "SIGINT", "SIGKILL", "SIGPIPE", "SIGUSR1", "SIGALRM"])(
    "ends by %s where the program does",
    async (signal) => {
      const { code, err } = await lab.run(["sh", "-c", `kill -${signal.slice(3)} $$`]);

      expect({ code, err }).toEqual({ code: signal, err: NOTHING_SEEN });
    },
  );

  test.each([
    ["SIGSEGV", 139],
    ["SIGABRT", 134],
  ])("leaves no second core file: %s becomes exit code %i", async (signal, number) => {
    expect((await quiet("sh", "-c", `ulimit -c 0; kill -${signal.slice(3)} $$`)).code).toBe(number);
  });

  test("leaves no file behind, also when a signal ends it", async () => {
    const running = lab.start(["sh", "-c", "echo ready; exec sleep 100"]);
    await running.says("ready");
    expect(temporary()).toHaveLength(1);

    running.child.kill("SIGTERM");

    expect((await running.ended).code).toBe("SIGTERM");
    expect(temporary()).toEqual([]);
    expect(readdirSync(lab.folder)).not.toContain(".local");
  });

  test("counts what passes: loopback always does", async () => {
    const server = createServer((socket) => socket.end()).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" ? address?.port : null;
    const { code, err } = await lab.run(node(`require("net").connect(${port}, "127.0.0.1").resume()`));
    server.close();

    expect(code).toBe(0);
    expect(err.split("\n")).toEqual([
      "unplug: blocking all outbound TCP but loopback: connects are refused",
      expect.stringMatching(/^unplug: armed pid=\d+ behavior=refuse targets=0$/),
      "unplug: blocked no connect; 1 other connect passed",
      "",
    ]);
  });

  test.each([
    [300, "IN A VARIABLE"],
    [4000, "IN A FILE"],
  ])("takes %i targets, which are handed over %s", async (count, where) => {
    const targets = Array.from({ length: count }, (_, index) => `*.zone-${index}.internal.example.com:5432`);
    // One argument has at most 128 KiB, too.
    const halves = [targets.slice(0, count / 2), targets.slice(count / 2)];
    const code = `console.log(process.env.UNPLUG_INTERCEPTOR === undefined ? "IN A FILE" : "IN A VARIABLE");
      require("net").connect(9, "127.0.0.1").on("error", () => undefined)`;
    const { out, err } = await lab.run([
      ...halves.flatMap((half) => ["--block", half.join()]),
      ...node(code),
    ]);

    expect(out.toString()).toBe(`${where}\n`);
    expect(err).toMatch(new RegExp(`^unplug: armed pid=\\d+ behavior=refuse targets=${count}$`, "m"));
    expect(err).toContain(`and ${count - 5} other targets; 1 other connect passed`);
    expect(temporary()).toEqual([]);
  });

  test("inside another one, its own targets count and the interceptor is loaded once", async () => {
    const inner = [process.execPath, bin, "exec", "--quiet", "--block", "inner.invalid", "sh", "-c"];
    const show = 'echo "$LD_PRELOAD"; echo "$UNPLUG_INTERCEPTOR"; echo "$RES_OPTIONS"';
    const { out } = await quiet("--block", "outer.invalid", ...inner, show);

    const [preload = "", configuration, resolver] = out.toString().split("\n");
    expect(preload.split(":")).toHaveLength(1);
    expect(configuration).toContain("target=inner.invalid");
    expect(configuration).not.toContain("outer.invalid");
    // What makes our own look-ups impatient is not for the program.
    expect(resolver).toBe("");
  });

  test("keeps what LD_PRELOAD names already", async () => {
    const { out } = await lab.run(["--quiet", "sh", "-c", 'echo "$LD_PRELOAD"'], {
      env: { LD_PRELOAD: "libm.so.6" },
    });

    expect(out.toString()).toMatch(/^\/\S+\.so:libm\.so\.6\n$/);
  });

  test("runs a script without #!, as a shell does", async () => {
    const script = put("plain", "echo plain $1\n");

    expect((await quiet(script, "text")).out.toString()).toBe("plain text\n");
  });

  test.each([
    ["a program that is not there", ["no-such-program"], 2, "no-such-program: not found in PATH."],
    ["a folder", ["/usr"], 2, "/usr: it is a folder. Expected a program."],
    ["an option of COMMAND's that comes too early", ["--fail", "curl"], 2, "error: unknown option '--fail'"],
    ["no program", ["--block", "db.internal"], 2, "error: missing required argument 'command'"],
    ["a target that is none", ["--block", "db:x", "true"], 2, "--block db:x: a port is"],
  ])("starts nothing for %s", async (_, args, code, said) => {
    expect(await lab.run(args)).toMatchObject({ code, err: expect.stringContaining(said) });
  });

  test("refuses a program that it cannot reach, with its reason", async () => {
    const program = put("static", elfProgram(null, ownMachine));
    const script = put("script", `#!${program}\n`);

    expect(await lab.run([script])).toMatchObject({
      code: 3,
      err: `Refused: Nothing could be blocked in ${script}; it was not started.
  - ${program}: it is linked statically, and only a dynamic linker loads the interceptor
Expected a program that a dynamic linker loads, glibc's or musl's, or a script that such a one runs; or a program of Go 1.19 or later.
`,
    });
  });

  test("says why the system would not start it", async () => {
    const program = put("orphan", elfProgram("/nowhere/ld-linux-x.so.2", ownMachine));

    expect(await quiet(program)).toMatchObject({
      code: 2,
      err: `${program} cannot be started: the dynamic linker or interpreter that it names is not there.\n`,
    });
    expect(temporary()).toEqual([]);
  });

  test("loads nothing of what runs against AWS need", async () => {
    const watch = `import { registerHooks } from "node:module";
      registerHooks({ load: (url, context, next) => (process.stderr.write(url + "\\n"), next(url, context)) });`;
    const nodeOptions = ["--import", `data:text/javascript,${encodeURIComponent(watch)}`];
    const { err } = await lab.run(["--quiet", "true"], { nodeOptions, source: true });
    const loaded = err.split("\n").filter((url) => url !== "");

    expect(loaded.some((url) => url.endsWith("/cli/exec.ts"))).toBe(true);
    expect(
      loaded.filter((url) => /@aws-sdk|@smithy|zod|sqlite|sandbox|\/(aws|journal|faults)\//.test(url)),
    ).toEqual([]);
  });
});
