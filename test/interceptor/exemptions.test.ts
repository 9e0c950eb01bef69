import { copyFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { openStage, type Stage } from "../interception/stage.ts";
import { blockedIn, blocking, by, connects, object, onStage, outcomes, take } from "./steps.ts";

const everything = blocking([]);
const inert = (reason: RegExp) => [
  { kind: "inert", pid: expect.any(Number), reason: expect.stringMatching(reason) },
];
let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
  for (const address of ["169.254.100.1/16", "fd00:ec2::254/64"]) {
    const env = { PATH: "/usr/sbin:/sbin:/usr/bin:/bin" };
    const args = ["addr", "add", address, "dev", "lo", ...(address.includes("::") ? ["nodad"] : [])];
    const { code, stderr } = await stage.run({ command: "ip", args, env }, 100_000);
    if (code !== 0) throw new Error(`${address}: ${stderr}`);
  }
});

afterAll(() => stage.close());

/** A copy of the object, with its configuration in a file beside it. */
function objectWith(configuration: string | null, name: string): string {
  const path = join(stage.folder, name);
  copyFileSync(object, `${path}.so`);
  if (configuration === null) rmSync(`${path}.conf`, { force: true });
  else writeFileSync(`${path}.conf`, configuration);
  return `${path}.so`;
}

describe.concurrent("lets everything through, and says why in one line, with a configuration that is", () => {
  const past = Math.floor(Date.now() / 1000) - 1;
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ["empty", "", /not valid/],
    ["of a newer version", "unplug=2;targets=0", /entry 1 is not valid: unplug=2/],
    ["junk", "\u0001\u0002=\u001b[31m", /entry 1 is not valid: \?\?=\?\[31m/],
    ["cut off", "unplug=1;targets=2;target=10.99.0.2", /not valid: targets=/],
    ["over", blocking([], `until=${past}`), /until/],
  ];
  for (const [name, configuration, reason] of cases) {
    onStage().test(name, async () => {
      const taken = await take(stage, by(configuration), connects("10.99.0.2:8080", "10.99.0.2:8081"));

      expect(outcomes(taken)).toEqual(["ok", "ok"]);
      expect(taken.lines).toEqual(inert(reason));
    });
  }

  onStage().test("not there", async () => {
    const env = { LD_PRELOAD: objectWith(null, "alone") };
    const taken = await take(stage, env, connects("10.99.0.2:8080", "10.99.0.2:8081"));

    expect(outcomes(taken)).toEqual(["ok", "ok"]);
    expect(taken.lines).toEqual(inert(/no UNPLUG_INTERCEPTOR/));
  });

  onStage().test("too long", async () => {
    const env = { LD_PRELOAD: objectWith(`${everything};#${"x".repeat(262_144)}`, "long") };
    const taken = await take(stage, env, connects("10.99.0.2:8080"));

    expect(outcomes(taken)).toEqual(["ok"]);
    expect(taken.lines).toEqual(inert(/too long/));
  });
});

onStage().test(
  "works only where the variable that it is told is set, and says nothing elsewhere",
  async () => {
    const env = by(blocking([], "if-set=LAMBDA_TASK_ROOT"));
    const there = await take(stage, { ...env, LAMBDA_TASK_ROOT: "/var/task" }, connects("10.99.0.2:8080"));
    const elsewhere = await take(stage, env, connects("10.99.0.2:8080"));

    expect([outcomes(there), outcomes(elsewhere)]).toEqual([["ECONNREFUSED"], ["ok"]]);
    expect(elsewhere.lines).toEqual([]);
  },
);

onStage().test(
  "lets everything through where a variable has the value that it is told, and says nothing there",
  async () => {
    const env = by(blocking([], "unless=AWS_LAMBDA_FUNCTION_VERSION=$LATEST"));
    const of = (version: string) =>
      take(stage, { ...env, AWS_LAMBDA_FUNCTION_VERSION: version }, connects("10.99.0.2:8080"));
    const [latest, longer, third] = [await of("$LATEST"), await of("$LATEST.PUBLISHED"), await of("3")];
    const unset = await take(stage, env, connects("10.99.0.2:8080"));

    expect([latest, longer, third, unset].map(outcomes)).toEqual([
      ["ok"],
      ["ECONNREFUSED"],
      ["ECONNREFUSED"],
      ["ECONNREFUSED"],
    ]);
    expect(latest.lines).toEqual([]);
  },
);

onStage().test("reads the file beside the object when the variable is not set", async () => {
  const other = objectWith(blocking(["10.99.0.2"], "run=from-a-file"), "with-a-file");
  const addresses = connects("10.99.0.2:8080", "10.99.0.3:8080");
  const fromFile = await take(stage, { LD_PRELOAD: other }, addresses);
  const fromVariable = await take(stage, { ...by(blocking(["10.99.0.3"])), LD_PRELOAD: other }, addresses);

  expect(outcomes(fromFile)).toEqual(["ECONNREFUSED", "ok"]);
  expect(fromFile.lines[0]).toMatchObject({ kind: "armed", run: "from-a-file", targets: 1 });
  expect(outcomes(fromVariable)).toEqual(["ok", "ECONNREFUSED"]);
});

onStage().test("says nothing in a program that connects to nothing and looks nothing up", async () => {
  const { lines } = await take(stage, by(everything), ["socket a 4 tcp", "close a"]);

  expect(lines).toEqual([]);
});

describe.concurrent("when everything is blocked, lets through", () => {
  const through: readonly (readonly [string, string])[] = [
    ["loopback", "127.0.0.1:8080"],
    ["all of loopback", "127.9.9.9:8080"],
    ["loopback of IPv6", "[::1]:8080"],
    ["loopback, mapped to IPv6", "[::ffff:127.0.0.1]:8080"],
    ["the unspecified address, which is loopback", "0.0.0.0:8080"],
    ["link-local addresses", "169.254.100.1:8080"],
    ["link-local addresses, mapped to IPv6", "[::ffff:169.254.100.1]:8080"],
    ["the link-local addresses of AWS for IPv6", "[fd00:ec2::254]:8080"],
    ["DNS over TCP, to the resolver", "10.99.0.53:53"],
  ];
  for (const [name, address] of through) {
    onStage().test(name, async () => {
      const taken = await take(stage, by(everything), [...connects(address), ...connects("10.99.0.2:8080")]);

      expect(outcomes(taken)).toEqual(["ok", "ECONNREFUSED"]);
      expect(blockedIn(taken.lines)).toEqual(["10.99.0.2:8080 by *"]);
    });
  }

  onStage().test("sockets in the file system, UDP, and nothing else of TCP", async () => {
    const taken = await take(stage, by(everything), [
      ...connects("unix:/nothing/here"),
      "socket u 4 udp",
      "connect u 10.99.0.2:8080",
      "socket v 6 udp",
      "connect v [2001:db8:99::2]:8080",
      "socket a 6 tcp",
      "connect a [2001:db8:99::2]:8080",
      "socket b 6 tcp",
      "connect b [::ffff:10.99.0.2]:8080",
      ...connects("10.99.0.53:8080", "10.99.0.2:53"),
    ]);

    expect(taken.results).toEqual(
      [
        ["ok", "ENOENT", "ok"],
        ["ok", "ok", "ok", "ok"],
        ["ok", "ECONNREFUSED", "ok", "ECONNREFUSED"],
        ["ok", "ECONNREFUSED", "ok", "ok", "ECONNREFUSED", "ok"],
      ].flat(),
    );
    expect(blockedIn(taken.lines)).toEqual([
      "2001:db8:99:0:0:0:0:2:8080 by *",
      "10.99.0.2:8080 by *",
      "10.99.0.53:8080 by *",
      "10.99.0.2:53 by *",
    ]);
  });

  onStage().test("the Runtime API, on its port", async () => {
    const env = { ...by(everything), AWS_LAMBDA_RUNTIME_API: "10.99.0.3:8081" };
    const taken = await take(stage, env, connects("10.99.0.3:8081", "10.99.0.3:8080", "10.99.0.4:8081"));

    expect(outcomes(taken)).toEqual(["ok", "ECONNREFUSED", "ECONNREFUSED"]);
  });

  onStage().test("the Runtime API by name, once the program has looked it up", async () => {
    const env = { ...by(everything), AWS_LAMBDA_RUNTIME_API: "Real.test:8081" };
    const looked = ["lookup getaddrinfo real.test", ...connects("10.99.0.9:8081", "10.99.0.9:8080")];
    const aliased = ["lookup getaddrinfo alias.test", ...connects("10.99.0.9:8081", "10.99.0.9:8080")];

    for (const steps of [looked, aliased]) {
      const { results } = await take(stage, env, steps);
      expect(results).toEqual(["10.99.0.9", "ok", "ok", "ok", "ok", "ECONNREFUSED", "ok"]);
    }
  });

  onStage().test("what is exempt, and only that", async () => {
    const configuration = `${everything};exempt=10.99.0.4/31;exempt=[2001:db8:99::/64]:8081`;
    const addresses = [
      ["10.99.0.3:8080", "10.99.0.4:8080", "10.99.0.5:8080", "10.99.0.6:8080"],
      ["[2001:db8:99::1]:8081", "[2001:db8:99::1]:8080"],
    ].flat();

    expect(outcomes(await take(stage, by(configuration), connects(...addresses)))).toEqual(
      [
        ["ECONNREFUSED", "ok", "ok", "ECONNREFUSED"],
        ["ok", "ECONNREFUSED"],
      ].flat(),
    );
  });
});
