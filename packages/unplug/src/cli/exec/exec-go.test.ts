import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect } from "vitest";
import { builtGo } from "../../../../../test/support/built-go.ts";
import { needs, needsAll } from "../../../../../test/support/needs.ts";
import { makeGo } from "../../../../interceptor/src/go-elf-for-test.ts";
import { execLab } from "./exec-for-test.ts";
import { ADDRESS, type NetworkLab, networkLab, summaryOf } from "./exec-network-for-test.ts";

/**
 * Says how it was started, and does what its arguments say: `connect ADDRESS` (as often as it stands there), `until-refused ADDRESS`,
 * `exit CODE`, `wait`.
 */
const PROGRAM = `package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"syscall"
	"time"
)

func connect(to string) string {
	c, err := net.Dial("tcp", to)
	if err == nil {
		c.Close()
		return "connected"
	}
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return errno.Error()
	}
	return err.Error()
}

func main() {
	args := os.Args[1:]
	for len(args) > 0 {
		switch args[0] {
		case "who":
			self, _ := os.Readlink("/proc/self/exe")
			fmt.Println(os.Args[0], self)
			args = args[1:]
		case "variable":
			fmt.Println(os.Getenv(args[1]))
			args = args[2:]
		case "connect":
			fmt.Println(connect(args[1]))
			args = args[2:]
		case "until-refused":
			fmt.Println(connect(args[1]))
			for connect(args[1]) == "connected" {
				time.Sleep(20 * time.Millisecond)
			}
			fmt.Println("refused")
			args = args[2:]
		case "exit":
			code, _ := strconv.Atoi(args[1])
			os.Exit(code)
		case "wait":
			fmt.Println("ready")
			time.Sleep(time.Hour)
		}
	}
}
`;

const { test } = needsAll("x86-64", "go");
const networked = needsAll("x86-64", "go", "namespaces");
let lab: ReturnType<typeof execLab>;
let network: NetworkLab;
let program: string;

beforeAll(async () => {
  lab = execLab();
  network = networkLab();
  const source = join(lab.folder, "talks.go");
  writeFileSync(source, PROGRAM);
  const go = needs("go").path;
  if (go !== null) program = await builtGo({ go, source, env: { CGO_ENABLED: "0" } });
}, 120_000);

afterAll(() => {
  lab.close();
  network.close();
});

const temporary = () => readdirSync(lab.folder).filter((name) => name.startsWith("unplug-exec-"));

test("runs a Go program as it was called and ends as it does, without a trace", async () => {
  const { code, out, err } = await lab.run(["--quiet", program, "who", "exit", "37"]);
  const [called, self = ""] = out.toString().trim().split(" ");

  expect({ code, err, called }).toEqual({ code: 37, err: "", called: program });
  expect(self.startsWith(join(lab.folder, "unplug-exec-"))).toBe(true);
  expect(self.endsWith(program.slice(program.lastIndexOf("/")))).toBe(true);
  expect(temporary()).toEqual([]);
});

test("takes the copy away when a signal ends the program", async () => {
  const running = lab.start(["--quiet", program, "wait"]);
  await running.says("ready");
  expect(temporary()).toHaveLength(1);

  running.child.kill("SIGTERM");

  expect((await running.ended).code).toBe("SIGTERM");
  expect(temporary()).toEqual([]);
});

test("leaves GODEBUG alone where there is no libc to be asked for names", async () => {
  const { out } = await lab.run(["--quiet", program, "variable", "GODEBUG"], {
    env: { GODEBUG: "gctrace=0" },
  });

  expect(out.toString()).toBe("gctrace=0\n");
});

needsAll("x86-64", "go", "gcc").test(
  "has names asked by Go itself where a program has libc, too",
  async () => {
    const source = join(lab.folder, "talks.go");
    const withC = await builtGo({ go: needs("go").path ?? "", source, env: { CGO_ENABLED: "1" } });
    const { out } = await lab.run(["--quiet", withC, "variable", "GODEBUG", "variable", "LD_PRELOAD"], {
      env: { GODEBUG: "netdns=cgo,gctrace=0" },
    });

    expect(out.toString()).toMatch(/^gctrace=0,netdns=go\n\S+\.so\n$/);
  },
  120_000,
);

needsAll("go").test("says how go reaches what it builds and starts", async () => {
  const go = needs("go").path ?? "";
  const { code, err } = await lab.run(["--block", "192.0.2.1", go, "run", "-n"]);

  expect({ code, err }).toEqual({
    code: 1,
    err: expect.stringContaining("go run -exec 'unplug exec --block TARGET --'"),
  });
});

test("starts a program for any address, whose loader has no libc to load", async () => {
  const source = join(lab.folder, "plain.go");
  writeFileSync(source, 'package main\n\nfunc main() { println("here") }\n');
  const flags = ["-buildmode=pie"];
  const plain = await builtGo({ go: needs("go").path ?? "", source, flags, env: { CGO_ENABLED: "0" } });

  expect(await lab.run(["--quiet", plain])).toMatchObject({ code: 0, err: "here\n" });
}, 120_000);

networked.test("refuses what is named, and counts it", async () => {
  const unshare = needs("namespaces").path ?? "";
  const to = `${ADDRESS}:PORT`;
  const args = ["exec", "--block", to, "--", program, "connect", to, "connect", to, "connect", `127.0.0.1:9`];
  const ended = await network.outcome(unshare, args);

  expect(ended).toMatchObject({ code: 0, out: "connection refused\n".repeat(3) });
  expect(ended.err).toMatch(/^unplug: blocked pid=\d+ n=2 behavior=refuse to=10\.99\.0\.1:\d+ /m);
  expect(summaryOf(ended)).toBe(`unplug: blocked 2 connects to ${to}; 1 other connect passed`);
});

networked.test("leaves alone what is not named", async () => {
  const args = ["exec", "--block", "10.99.0.2", "--", program, "connect", `${ADDRESS}:PORT`];
  const ended = await network.outcome(needs("namespaces").path ?? "", args);

  expect(ended).toMatchObject({ code: 0, out: "connected\n" });
  expect(summaryOf(ended)).toBe("unplug: blocked no connect to 10.99.0.2; 1 other connect passed");
});

networked.test("begins when --after is over", async () => {
  const args = ["exec", "--after", "4s", "--", program, "until-refused", `${ADDRESS}:PORT`];
  const ended = await network.outcome(needs("namespaces").path ?? "", args);

  expect(ended).toMatchObject({ code: 0, out: "connected\nrefused\n" });
  expect(ended.err).toContain(": connects are refused, beginning in 4 s\n");
  expect(summaryOf(ended)).toMatch(/^unplug: blocked 1 connect \(all outbound TCP but loopback\); \d+ other/);
});

test("starts no Go program that cannot be patched, and says why", async () => {
  const old = join(lab.folder, "old");
  writeFileSync(old, makeGo({ version: "go1.18.3" }), { mode: 0o755 });

  expect(await lab.run([old])).toMatchObject({
    code: 3,
    err: `Refused: Nothing could be blocked in ${old}; it was not started.
  - ${old}: it was built with go1.18.3, and Go 1.19 is the first that can be patched
Expected a program that a dynamic linker loads, glibc's or musl's, or a script that such a one runs; or a program of Go 1.19 or later.
`,
  });
});

test("starts no script that a Go program runs", async () => {
  const script = join(lab.folder, "script");
  writeFileSync(script, `#!${program}\n`, { mode: 0o755 });

  expect(await lab.run([script])).toMatchObject({
    code: 3,
    err: expect.stringContaining("of which a copy is patched only where it is COMMAND itself"),
  });
});

test("refuses what is too long to be told a Go program", async () => {
  const targets = Array.from({ length: 3900 }, (_, index) => `*.zone-${index}.internal.example.com:5432`);
  const { code, err } = await lab.run([
    "--block",
    targets.slice(0, 2000).join(),
    "--block",
    targets.slice(2000).join(),
    program,
  ]);

  expect({ code, err }).toEqual({ code: 3, err: expect.stringContaining("is too long for") });
  expect(temporary()).toEqual([]);
});
