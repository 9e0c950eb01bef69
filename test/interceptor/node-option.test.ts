import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import {
  architectureOf,
  interceptorFor,
  nodeOption,
  readLine,
} from "../../packages/interceptor/src/index.ts";
import { Dependency, ownAddress } from "../support/dependency.ts";

const program = join(import.meta.dirname, "programs/reaching.mjs");
const by = { NODE_OPTIONS: nodeOption };

/** What the program met, and what was said on standard error. */
async function met(
  what: string,
  port: number,
  env: Readonly<Record<string, string>>,
  ...more: readonly string[]
): Promise<{ readonly found: unknown; readonly lines: readonly unknown[] }> {
  const args = [program, ownAddress ?? "", String(port), what, ...more];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { env });
  const lines = stderr.split("\n").filter((line) => line !== "");
  return { found: JSON.parse(stdout), lines: lines.map((line) => readLine(line) ?? line) };
}

function told(entries: readonly string[], ...targets: readonly string[]): Readonly<Record<string, string>> {
  const all = ["unplug=1", ...entries, `targets=${targets.length}`, ...targets.map((one) => `target=${one}`)];
  return { ...by, UNPLUG_INTERCEPTOR: all.join(";") };
}

/** A port on which nobody listens any more. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, ownAddress ?? "");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" ? (address?.port ?? 0) : 0;
}

const host = ownAddress ?? "";
const refuse = ["behavior=refuse"];

describe
  .runIf(ownAddress !== null && process.platform === "linux")
  .concurrent("the item of NODE_OPTIONS", () => {
    test("refuses what every part of Node.js connects, as the kernel does", async () => {
      await using dependency = await Dependency.open();
      const { port } = dependency;
      const closed = await closedPort();
      const [real, blocked] = await Promise.all([
        met("kinds", closed, {}),
        met("kinds", port, told([...refuse, "run=r-1", "until=4000000000"], `${host}:${port}`)),
      ]);

      const expected = JSON.parse(JSON.stringify(real.found).replaceAll(String(closed), String(port)));
      expect(blocked.found).toEqual(expected);
      expect(blocked.found).toMatchObject({ net: { code: "ECONNREFUSED" }, fetch: { code: "ECONNREFUSED" } });
      expect(blocked.lines[0]).toMatchObject({ kind: "armed", run: "r-1", targets: 1, untilSeconds: 4e9 });
      const line = { kind: "blocked", behavior: "refuse", address: host, port, target: `${host}:${port}` };
      expect(blocked.lines.slice(1)).toMatchObject([1, 2, 3, 4, 5, 6].map((n) => ({ ...line, n })));
    });

    test("times out as the kernel does, and hangs until the program gives up", async () => {
      const port = await closedPort();
      const [timeout, hang] = await Promise.all([
        met("one", port, told(["behavior=timeout", "timeout-ms=1000"], host)),
        met("hang", port, told(["behavior=hang"])),
      ]);

      const shape = {
        kind: "Error",
        code: "ETIMEDOUT",
        errno: -110,
        syscall: "connect",
        address: host,
        port,
      };
      expect(timeout.found).toEqual({ ...shape, message: `connect ETIMEDOUT ${host}:${port}` });
      expect(hang.found).toEqual({ still: true });
      expect(hang.lines[1]).toMatchObject({ kind: "blocked", behavior: "hang", target: "*" });
    });

    test("knows names in any spelling, suffixes, and addresses that were looked up before", async () => {
      await using dependency = await Dependency.open();
      const { port } = dependency;
      const env = told(refuse, "db.internal", `*.example.com:${port}`);
      const [lookups, callback, promise] = await Promise.all([
        met("lookups", port, env),
        met("resolved", port, env, "callback"),
        met("resolved", port, env, "promise"),
      ]);

      const refused = expect.objectContaining({ code: "ECONNREFUSED" });
      expect(lookups.found).toEqual({
        "other.test": "reached",
        "example.com": "reached",
        "DB.Internal.": refused,
        "a.b.EXAMPLE.com": refused,
        isNamed: true,
        plain: { address: "127.0.0.1", family: 4 },
      });
      for (const { found } of [callback, promise])
        expect(found).toEqual({ before: "reached", found: 1, after: refused });
    });

    test("blocks ranges and worker threads, and nothing that is not named", async () => {
      await using dependency = await Dependency.open();
      const { port } = dependency;
      const [range, other, worker] = await Promise.all([
        met("one", port, told(refuse, `${host}/24`)),
        met("one", port, told(refuse, `${host}:${port === 1 ? 2 : 1}`, "[2001:db8::/32]:443")),
        met("worker", port, told(refuse)),
      ]);

      expect(range.found).toMatchObject({ code: "ECONNREFUSED" });
      expect(other.found).toBe("reached");
      expect(worker.found).toMatchObject({ code: "ECONNREFUSED" });
      expect(worker.lines).toMatchObject([{ kind: "armed" }, { kind: "blocked" }]);
    });

    test("throws the dice of the shared object", async () => {
      await using dependency = await Dependency.open();
      const architecture = architectureOf(process.arch);
      if (architecture === null) return;
      const env = {
        ...told([...refuse, "percentage=50", "seed=18446744073709551615"], host),
        AWS_LAMBDA_LOG_STREAM_NAME: "2026/01/01/[$LATEST]aaaa",
      };
      const [ours, theirs] = await Promise.all([
        met("burst", dependency.port, env),
        met("burst", dependency.port, {
          ...env,
          NODE_OPTIONS: "",
          LD_PRELOAD: interceptorFor(architecture).path,
        }),
      ]);

      expect(ours.found).toMatch(/^(?=.*R)(?=.*C)[RC]{40}$/);
      expect(ours.found).toBe(theirs.found);
    });

    test("lets everything through where it is not meant, over, or told what it cannot read", async () => {
      await using dependency = await Dependency.open();
      const { port } = dependency;
      const all: readonly (readonly [Readonly<Record<string, string>>, readonly unknown[]])[] = [
        [by, []],
        [told([...refuse, "if-set=LAMBDA_TASK_ROOT"]), []],
        [{ ...told([...refuse, "unless=V=$LATEST"]), V: "$LATEST" }, []],
        [told([...refuse, "until=1"]), [{ kind: "inert", reason: "the time in until has passed" }]],
        [{ ...by, UNPLUG_INTERCEPTOR: "unplug=2;targets=0" }, [{ kind: "inert" }]],
        [{ ...by, UNPLUG_INTERCEPTOR: "#" }, [{ kind: "inert" }]],
        [{ ...told(refuse), AWS_LAMBDA_RUNTIME_API: `${host}:${port}` }, [{ kind: "armed" }]],
      ];
      await Promise.all(
        all.map(async ([env, lines]) => {
          const seen = await met("one", port, env);
          expect(seen.found, JSON.stringify(env)).toBe("reached");
          expect(seen.lines).toMatchObject(lines);
        }),
      );
    });

    test("is one item without what NODE_OPTIONS gives a meaning to, and small", () => {
      expect(nodeOption).toMatch(/^--import=data:text\/javascript,[^\s"\\%#?]*(%20[^\s"\\%#?]*)*$/);
      expect(nodeOption.length).toBeLessThan(2_700);
    });
  });
