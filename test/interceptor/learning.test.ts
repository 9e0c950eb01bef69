import { join } from "node:path";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { openStage, type Stage } from "../interception/stage.ts";
import { type Need, needs } from "../support/needs.ts";
import { blockedIn, blocking, by, linesIn, onStage, programFolder, stepsProgram, take } from "./steps.ts";

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
});

afterAll(() => stage.close());

const libcs: readonly (readonly [string, Need, readonly string[]])[] = [
  ["glibc", "gcc", []],
  ["glibc, fortified", "gcc", ["-O2", "-D_FORTIFY_SOURCE=2"]],
  ["musl", "musl-gcc", []],
];

/** Steps that connect to each of these, family by the address. */
function tries(...addresses: readonly string[]): string[] {
  return addresses.flatMap((address) => [
    `socket a ${address.startsWith("[") ? 6 : 4} tcp`,
    `connect a ${address}`,
  ]);
}

describe.concurrent("learns the addresses of a target from", () => {
  const lookups: readonly (readonly [string, string, string, string])[] = [
    ["getaddrinfo", "db.blocked.test", "10.99.0.2", "db.blocked.test"],
    ["no-hints", "db.blocked.test", "10.99.0.2", "db.blocked.test"],
    ["four", "DB.Blocked.TEST", "10.99.0.2", "db.blocked.test"],
    ["getaddrinfo", "db.blocked.test.", "10.99.0.2", "db.blocked.test"],
    ["getaddrinfo", "db6.blocked.test", "2001:db8:99::2", "*.blocked.test"],
    ["getaddrinfo", "hosts.blocked.test", "10.99.0.12", "*.blocked.test"],
    ["getaddrinfo", "a.b.wild.test", "10.99.0.11", "*.wild.test"],
    ["getaddrinfo", "alias.test", "10.99.0.9", "real.test"],
    ["canonical", "alias.test", "10.99.0.9", "real.test"],
    ["gethostbyname", "alias.test", "10.99.0.9", "real.test"],
    ["gethostbyname", "db.blocked.test", "10.99.0.2", "db.blocked.test"],
    ["gethostbyname2", "db6.blocked.test", "2001:db8:99::2", "*.blocked.test"],
    ["gethostbyname_r", "db.blocked.test", "10.99.0.2", "db.blocked.test"],
    ["gethostbyname2_r", "db6.blocked.test", "2001:db8:99::2", "*.blocked.test"],
  ];
  for (const [libc, compiler, flags] of libcs) {
    if (flags.length > 0) continue;
    for (const [how, name, address, target] of lookups) {
      onStage(compiler).test(`${how} of ${name}, ${libc}`, async () => {
        const env = by(blocking([target]));
        const to = address.includes(":") ? `[${address}]:8080` : `${address}:8080`;
        const steps = [`lookup ${how} ${name}`, ...tries(to, "10.99.0.1:8080")];
        const program = await stepsProgram({ compiler });
        const plain = await take(stage, {}, steps, program);
        const { results, lines } = await take(stage, env, steps, program);

        expect(plain.results[0]).toContain(address);
        expect(plain.results.slice(1)).toEqual(["ok", "ok", "ok", "ok"]);
        // The look-up itself is as it was.
        expect(results[0]).toBe(plain.results[0]);
        expect(results.slice(1)).toEqual(["ok", "ECONNREFUSED", "ok", "ok"]);
        expect(blockedIn(lines).map((line) => line.split(" by ")[1])).toEqual([target]);
      });
    }
  }

  const answers: readonly (readonly [string, string, string, string])[] = [
    ["db.blocked.test", "A", "10.99.0.2:8080", "db.blocked.test"],
    ["db6.blocked.test", "AAAA", "[2001:db8:99::2]:8080", "*.blocked.test"],
    // getaddrinfo tells of the first and the last name of a chain; the answer itself of all.
    ["start.test", "A", "10.99.0.10:8080", "middle.test"],
  ];
  for (const [libc, compiler, flags] of libcs) {
    for (const how of ["recv", "recvfrom", "recvmsg", "recvmmsg", "read"]) {
      onStage(compiler).test(`answers of DNS servers by ${how}, ${libc}`, async () => {
        const program = await stepsProgram({ compiler, flags });
        for (const [name, type, address, target] of answers) {
          const env = by(blocking([target]));
          const open = ["socket u 4 udp", "connect u 10.99.0.53:53", `query u - ${name} ${type}`];
          const closed = ["socket u 4 udp", `query u 10.99.0.53:53 ${name} ${type}`];
          for (const asked of [open, closed]) {
            const steps = [...asked, `answer u ${how}`, ...tries(address, "10.99.0.1:8080")];
            const { results, lines } = await take(stage, env, steps, program);

            expect(results[asked.length]).toMatch(/^[13] answers$/);
            expect(results.slice(asked.length + 1)).toEqual(["ok", "ECONNREFUSED", "ok", "ok"]);
            expect(blockedIn(lines).map((line) => line.split(" by ")[1])).toEqual([target]);
          }
        }
      });
    }
  }

  onStage("python3").test(
    "an answer that comes after one without a question, on the same socket",
    async () => {
      const args = [join(programFolder, "formerr.py"), "10.99.0.30", "db.test", "10.99.0.3", "8080"];
      const command = needs("python3").path ?? "";
      const plain = await stage.run({ command, args, env: {} }, 100_000);
      const ended = await stage.run({ command, args, env: by(blocking(["db.test"])) }, 100_000);

      expect(plain.stdout).toMatch(/connected\n$/);
      expect(ended.stdout, ended.stderr).toMatch(/refused\n$/);
      expect(blockedIn(linesIn(ended.stderr))).toEqual(["10.99.0.3:8080 by db.test"]);
    },
  );
});

describe.concurrent("of what it has not learned,", () => {
  onStage().test("an address is not blocked by its name", async () => {
    const { results } = await take(stage, by(blocking(["db.blocked.test"])), tries("10.99.0.2:8080"));

    expect(results).toEqual(["ok", "ok"]);
  });

  onStage().test("an address is blocked that the configuration tells of", async () => {
    const known = "known=DB.blocked.test 10.99.0.2;known=other.test 10.99.0.3";
    const env = by(`${blocking(["db.blocked.test"])};${known}`);
    const { results } = await take(stage, env, tries("10.99.0.2:8080", "10.99.0.3:8080"));

    expect(results).toEqual(["ok", "ECONNREFUSED", "ok", "ok"]);
  });
});

onStage().test("blocks another name that shares the address, and says for which target", async () => {
  const { results, lines } = await take(
    stage,
    by(blocking(["alias.test"])),
    [["lookup getaddrinfo alias.test", "lookup getaddrinfo real.test"], tries("10.99.0.9:8080")].flat(),
  );

  expect(results).toEqual(["10.99.0.9", "10.99.0.9", "ok", "ECONNREFUSED"]);
  expect(blockedIn(lines)).toEqual(["10.99.0.9:8080 by alias.test"]);
});

onStage().test("knows a name by both its alias and its own, on the ports of each", async () => {
  const { results, lines } = await take(stage, by(blocking(["alias.test:8081", "real.test:8080"])), [
    "lookup getaddrinfo alias.test",
    ...tries("10.99.0.9:8080", "10.99.0.9:8081"),
  ]);

  expect(results).toEqual(["10.99.0.9", "ok", "ECONNREFUSED", "ok", "ECONNREFUSED"]);
  expect(blockedIn(lines)).toEqual(["10.99.0.9:8080 by real.test:8080", "10.99.0.9:8081 by alias.test:8081"]);
});

describe.concurrent("says once that the table of learned addresses is full,", () => {
  const warning = {
    kind: "warning",
    pid: expect.any(Number),
    reason: expect.stringContaining("full (4096)"),
  };
  function knowing(addresses: number): Readonly<Record<string, string>> {
    const known = Array.from(
      { length: addresses },
      (_, i) => `known=a.test 10.${98 - (i >> 8)}.9.${i & 255}`,
    );
    return by([blocking(["*.test"]), ...known].join(";"));
  }

  onStage().test("when a look-up finds no room, and goes on", async () => {
    const { results, lines } = await take(
      stage,
      knowing(4096),
      [
        ["lookup getaddrinfo db.blocked.test", "lookup getaddrinfo ok.test", "lookup getaddrinfo real.test"],
        tries("10.99.0.2:8080"),
      ].flat(),
    );

    expect(results).toEqual(["10.99.0.2", "10.99.0.1", "10.99.0.9", "ok", "ok"]);
    expect(lines.slice(1)).toEqual([warning]);
  });

  onStage().test("when the configuration itself holds too many", async () => {
    const { results, lines } = await take(stage, knowing(4097), [
      "lookup getaddrinfo db.blocked.test",
      ...tries("10.99.0.2:8080"),
    ]);

    expect(results).toEqual(["10.99.0.2", "ok", "ok"]);
    expect(lines.slice(1)).toEqual([warning]);
  });
});
