import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { architectures } from "../../packages/interceptor/src/architecture.ts";
import { openStage, type Stage } from "../interception/stage.ts";
import { needs } from "../support/needs.ts";
import { goStepsOn, onGoStage, told } from "./go-steps.ts";
import { blockedIn, blocking, by, connects, onStage, outcomes, stepsProgram, take } from "./steps.ts";

const four = "10.99.0.2:8080";
const six = "[2001:db8:99::2]:8080";
let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
});

afterAll(() => stage.close());

describe.each(architectures)("in a program whose calls go through Go's function, on %s,", (architecture) => {
  const needing = onGoStage(architecture);
  /** Takes the steps in the program as it is, and in the patched one. */
  const both = async (configuration: string, steps: readonly string[]) => {
    const { plain, patched } = await goStepsOn(stage, architecture);
    return {
      plain: await take(stage, told(configuration), steps, plain),
      patched: await take(stage, told(configuration), steps, patched),
    };
  };
  const patchedOnly = async (configuration: string | null, steps: readonly string[]) => {
    const { patched } = await goStepsOn(stage, architecture);
    return take(stage, configuration === null ? {} : told(configuration), steps, patched);
  };

  for (const [targets, blocked] of [
    [["10.99.0.2"], [four]],
    [["10.99.0.0/30"], [four, "10.99.0.2:8081", "10.99.0.1:8080"]],
    [["10.99.0.2:8080"], [four]],
    [["2001:db8:99::2"], [six]],
    [["[2001:db8:99::/64]:8080"], [six]],
    [[], [four, six]],
  ] as const) {
    needing.test(`blocks ${targets.join(", ") || "everything"}, and nothing else`, async () => {
      const others = ["10.99.0.9:8081", "[2001:db8:99:1::1]:8081", "127.0.0.1:8080", "[::1]:8080"];
      const passing = targets.length === 0 ? others.slice(2) : others;
      const { plain, patched } = await both(blocking(targets), connects(...blocked, ...passing));

      expect(outcomes(plain)).toEqual([...blocked, ...passing].map(() => "ok"));
      expect(outcomes(patched)).toEqual([...blocked.map(() => "ECONNREFUSED"), ...passing.map(() => "ok")]);
      expect(blockedIn(patched.lines)).toHaveLength(blocked.length);
    });
  }

  for (const [name, type, address, target] of [
    ["db.blocked.test", "A", four, "db.blocked.test"],
    ["db6.blocked.test", "AAAA", six, "*.blocked.test"],
    ["start.test", "A", "10.99.0.10:8080", "middle.test"],
  ] as const) {
    needing.test(`learns ${name} from the answers of DNS servers, however they are received`, async () => {
      const ways = ["recv", "recvfrom", "recvmsg", "read"];
      for (const how of architecture === "arm64" ? ways.slice(2, 3) : ways) {
        const open = ["socket u 4 udp", "connect u 10.99.0.53:53", `query u - ${name} ${type}`];
        const closed = ["socket u 4 udp", `query u 10.99.0.53:53 ${name} ${type}`];
        for (const asked of [open, closed]) {
          const steps = [...connects(address), ...asked, `answer u ${how}`, ...connects(address)];
          const { plain, patched } = await both(blocking([target]), steps);

          expect(patched.results.slice(0, -2)).toEqual(plain.results.slice(0, -2));
          expect(plain.results.at(-2)).toBe("ok");
          expect(patched.results.at(-2)).toBe("ECONNREFUSED");
          expect(blockedIn(patched.lines).map((line) => line.split(" by ")[1])).toEqual([target]);
        }
      }
    });
  }

  needing.test("a look-up over TCP passes when everything is blocked", async () => {
    const { results } = await patchedOnly(blocking([]), ["socket a 4 tcp", "connect a 10.99.0.53:53"]);

    expect(results).toEqual(["ok", "ok"]);
  });

  needing.test("times out in time, and hangs until the program gives up", async () => {
    const one = blocking(["10.99.0.2"], "behavior=timeout", "timeout-ms=1000");
    const late = await patchedOnly(one, connects(four, "10.99.0.1:8080"));
    const hanging = blocking(["10.99.0.2"], "behavior=hang");
    const waiting = ["socket a 4 tcp nonblock", `connect a ${four}`, "poll a 300", "error a"];
    const given = await patchedOnly(hanging, [...waiting, ...connects("10.99.0.1:8080")]);

    expect(outcomes(late)).toEqual(["ETIMEDOUT", "ok"]);
    expect(late.ms[1]).toBeGreaterThanOrEqual(990);
    expect(given.results.slice(0, 4)).toEqual(["ok", "EINPROGRESS", "nothing", "ok"]);
    expect(given.results.at(-2)).toBe("ok");
  });

  needing.test("refuses what connects by sending", async () => {
    const steps = [
      "socket a 4 tcp",
      `fastopen a sendto ${four}`,
      "socket b 4 tcp",
      `fastopen b sendmsg ${four}`,
      "socket c 4 tcp",
      "fastopen c sendmsg 10.99.0.1:8080",
    ];
    const { plain, patched } = await both(blocking(["10.99.0.2"]), steps);

    expect(patched.results).toEqual(["ok", "ECONNREFUSED", "ok", "ECONNREFUSED", "ok", plain.results[5]]);
  });

  needing.test(
    "nothing happens without the variable, with a wrong one, and where it is not for",
    async () => {
      const steps = connects(four);
      const wrong = await patchedOnly("unplug=1;behaviour=hang;targets=0", steps);
      const elsewhere = await patchedOnly(blocking([], "if-set=LAMBDA_TASK_ROOT"), steps);
      const silent = await patchedOnly(null, steps);

      for (const taken of [silent, wrong, elsewhere]) expect(outcomes(taken)).toEqual(["ok"]);
      expect(wrong.lines).toMatchObject([
        { kind: "inert", reason: expect.stringContaining("behaviour=hang") },
      ]);
      expect([...silent.lines, ...elsewhere.lines]).toEqual([]);
    },
  );

  needing.test("passes before `from` and after `until`", async () => {
    const steps = connects(four);
    const early = await patchedOnly(blocking([], "from=4000000000"), steps);
    const late = await patchedOnly(blocking([], "until=1700000000"), steps);
    const between = await patchedOnly(blocking([], "from=1700000000", "until=4000000000"), steps);

    expect([early, late, between].map(outcomes)).toEqual([["ok"], ["ok"], ["ECONNREFUSED"]]);
    expect(early.lines.map(({ kind }) => kind)).toEqual(["armed"]);
    expect(late.lines.map(({ kind }) => kind)).toEqual(["inert"]);
  });

  needing.test("hands to the kernel what the kernel refuses", async () => {
    const bad = [
      ...["null", "none", "kernel", "16", "15", "8", "2"].flatMap((where) => [
        `bad a ${where} connect ${four}`,
        `bad a ${where} sendto ${four}`,
        `bad a ${where} sendmsg ${four}`,
        `bad a ${where} message ${four}`,
      ]),
      ...["0", "1", "2", "8", "15", "129", "-1", "100000"].map(
        (length) => `bad a 128 connect ${four} ${length}`,
      ),
      ...["16", "23", "24", "27", "28"].map((length) => `bad b ${length} connect ${six} ${length}`),
      ...["24", "28"].map((inside) => `bad b ${inside} connect ${six} 28`),
    ];
    const steps = [
      "socket a 4 tcp",
      "socket b 6 tcp",
      "connect x unix:/none",
      "socket u unix tcp",
      "connect u unix:/none",
      `connect u ${four}`,
      "socket c 4 udp",
      `connect c ${four}`,
      "socket d 6 tcp",
      "option d v6only 1",
      "connect d [::ffff:10.99.0.2]:8080",
      `connect d ${four}`,
      "close d",
      `connect d ${four}`,
      `connect z ${four}`,
      ...bad,
    ];
    // Nothing of it is blocked, so that all of it is the kernel's own answer.
    const { plain, patched } = await both(blocking(["10.99.0.77"]), steps);

    expect(patched.results).toEqual(plain.results);
    expect(new Set(plain.results).size).toBeGreaterThan(4);
  });

  needing.test("refuses an address that ends where memory ends, and no other", async () => {
    const whole = ["socket a 4 tcp", `bad a 16 connect ${four}`, "socket b 6 tcp", `bad b 28 connect ${six}`];
    const cut = ["socket c 4 tcp", `bad c 15 connect ${four}`, "socket d 6 tcp", `bad d 27 connect ${six}`];
    const blind = [`bad c null sendto ${four}`, `bad c none message ${four}`, `bad c 12 message ${four}`];
    const { plain, patched } = await both(blocking([]), [...whole, ...cut, ...blind]);

    expect(patched.results.slice(0, 4)).toEqual(["ok", "ECONNREFUSED", "ok", "ECONNREFUSED"]);
    expect(patched.results.slice(4)).toEqual(plain.results.slice(4));
  });

  needing.test("a mapped address is blocked, a datagram socket is not", async () => {
    const { results } = await patchedOnly(blocking(["10.99.0.2"]), [
      "socket a 6 tcp",
      "connect a [::ffff:10.99.0.2]:8080",
      "socket b 4 udp",
      `connect b ${four}`,
    ]);

    expect(results).toEqual(["ok", "ECONNREFUSED", "ok", "ok"]);
  });
});

onGoStage("x86_64", "strace").test(
  "the kernel is asked once whether an address is memory, not at each connect",
  async () => {
    const { patched } = await goStepsOn(stage, "x86_64");
    const log = join(stage.folder, "asked");
    const args = ["-qq", "-o", log, "-e", "trace=rt_sigprocmask,connect", patched, "burst 20 10.99.0.1:8080"];
    const { code } = await stage.run(
      { command: needs("strace").path ?? "", args, env: told(blocking(["10.99.0.77"])) },
      100_000,
    );
    const calls = readFileSync(log, "utf8").split("\n");

    expect(code).toBe(0);
    expect(calls.filter((call) => call.startsWith("connect(") && call.endsWith(" = 0"))).toHaveLength(20);
    // Of an address that goes on in a second page, twice.
    const asked = calls.filter((call) => call.startsWith("rt_sigprocmask(0xffffffff")).length;
    expect([1, 2]).toContain(asked);
  },
);

onGoStage("x86_64").test("only what is published has something happen to it, if so told", async () => {
  const { patched } = await goStepsOn(stage, "x86_64");
  const published = "AWS_LAMBDA_FUNCTION_VERSION";
  const env = told(blocking([], `unless=${published}=$LATEST`, "if-set=LAMBDA_TASK_ROOT"));
  const outcomeIn = async (version: string) => {
    const own = { ...env, LAMBDA_TASK_ROOT: "/var/task", [published]: version };
    return outcomes(await take(stage, own, connects(four), patched));
  };

  expect([await outcomeIn("$LATEST"), await outcomeIn("7")]).toEqual([["ok"], ["ECONNREFUSED"]]);
});

onGoStage("x86_64").test("an environment that cannot be read, or not as far, is told", async () => {
  const { patched } = await goStepsOn(stage, "x86_64");
  const env = told(blocking([]));
  const long = Object.fromEntries([1, 2, 3].map((n) => [`LONG_${n}`, "x".repeat(100_000)]));
  const behind = await take(stage, { ...long, ...env }, connects(four), patched);
  const before = await take(stage, { ...env, ...long }, connects(four), patched);
  const covering = join(stage.folder, "without-proc");
  const cover = `/bin/mount -t tmpfs none /proc && exec "$0" "$@"`;
  writeFileSync(covering, `#!/bin/sh\nexec /usr/bin/unshare -m /bin/sh -c '${cover}' ${patched} "$@"\n`);
  chmodSync(covering, 0o755);
  const hidden = await take(stage, env, connects(four), covering);

  expect([behind, before, hidden].map(outcomes)).toEqual([["ok"], ["ECONNREFUSED"], ["ok"]]);
  expect(behind.lines).toMatchObject([{ kind: "inert", reason: "the environment is too long" }]);
  expect(hidden.lines).toMatchObject([{ kind: "inert", reason: "no /proc/self/environ" }]);
});

onGoStage("x86_64").test("the dice fall as in a program that has the object preloaded", async () => {
  const entries = blocking(["10.99.0.2"], "percentage=40", "seed=77");
  const steps = [`burst 60 ${four}`];
  const { patched } = await goStepsOn(stage, "x86_64");
  const hooked = await take(stage, told(entries), steps, patched);
  const preloaded = await take(stage, by(entries), steps);

  expect(hooked.results).toEqual(preloaded.results);
  expect(hooked.results[0]).toMatch(/^(?=.*C)(?=.*R)[CR]{60}$/);
});

for (const [way, needing] of [
  ["the hook", onGoStage("x86_64")],
  ["the object that is preloaded", onStage()],
] as const) {
  needing.test(`begins at \`from\`, with names that were learned before it, by ${way}`, async () => {
    // What it takes to build and to patch it is not to pass before it connects.
    const program = way === "the hook" ? (await goStepsOn(stage, "x86_64")).patched : await stepsProgram();
    const from = Math.ceil(Date.now() / 1000) + 3;
    const entries = blocking(["db.blocked.test"], `from=${from}`);
    const asked = ["socket u 4 udp", "query u 10.99.0.53:53 db.blocked.test A", "answer u read"];
    const steps = [...asked, ...connects(four), `until ${from}`, ...connects(four)];
    const env = way === "the hook" ? told(entries) : by(entries);
    const { results, lines } = await take(stage, env, steps, program);

    expect(results.slice(2)).toEqual(["1 answers", "ok", "ok", "ok", "ok", "ok", "ECONNREFUSED", "ok"]);
    expect(blockedIn(lines)).toEqual([`${four} by db.blocked.test`]);
  });
}
