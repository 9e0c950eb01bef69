import { afterAll, beforeAll, describe, expect } from "vitest";
import { openStage, type Stage } from "../interception/stage.ts";
import { blockedIn, blocking, by, connects, onStage, outcomes, take } from "./steps.ts";

const targets = ["10.99.0.2", "2001:db8:99::2"];
const four = "10.99.0.2:8080";
const six = "[2001:db8:99::2]:8080";
const allowed = "10.99.0.1:8080";
const refuse = by(blocking(targets));
const timeout = by(blocking(targets, "behavior=timeout", "timeout-ms=1000"));
const hang = by(blocking(targets, "behavior=hang"));
let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
});

afterAll(() => stage.close());

describe.concurrent("times out after as long as it was told, of 1 s on:", () => {
  const times = [1000, 1500, 2300];
  for (const [name, address] of [
    ["IPv4", four],
    ["IPv6", six],
  ] as const) {
    for (const ms of times) {
      onStage().test(`${name}, ${ms} ms`, async () => {
        const env = by(blocking(targets, "behavior=timeout", `timeout-ms=${ms}`));
        // A machine that is busy makes one late; it makes none early, nor all of them as late as the next of the times.
        const all = await Promise.all([1, 2, 3].map(() => take(stage, env, connects(address))));

        expect(all.flatMap(outcomes)).toEqual(["ETIMEDOUT", "ETIMEDOUT", "ETIMEDOUT"]);
        const waited = all.map((taken) => taken.ms[1] ?? 0);
        expect(Math.min(...waited)).toBeGreaterThanOrEqual(ms - 10);
        expect(Math.min(...waited)).toBeLessThanOrEqual(ms + 400);
      });
    }
  }
});

describe.concurrent("on a socket that does not block,", () => {
  onStage().test("a refusal comes as the kernel has it from a port that is closed", async () => {
    const steps = (address: string, family: number) => [
      `socket a ${family} tcp nonblock`,
      `connect a ${address}`,
      "edge a 5000",
      "error a",
      "error a",
    ];
    const closed = await take(stage, {}, [...steps("127.0.0.1:9", 4), ...steps("[::1]:9", 6)]);
    const all = await Promise.all(
      [1, 2, 3].map(() => take(stage, refuse, [...steps(four, 4), ...steps(six, 6)])),
    );

    expect(closed.results).toContain("ECONNREFUSED");
    for (const refused of all) expect(refused.results).toEqual(closed.results);
    // A machine that is busy makes one late, and not all of them.
    expect(Math.min(...all.map(({ ms }) => Math.max(...ms)))).toBeLessThan(500);
  });

  for (const [name, address, family] of [
    ["IPv4", four, 4],
    ["IPv6", six, 6],
  ] as const) {
    onStage().test(`a time-out comes as one event, ${name}`, async () => {
      const { results, ms, lines } = await take(stage, timeout, [
        `socket a ${family} tcp nonblock`,
        `connect a ${address}`,
        "poll a 200",
        "error a",
        "edge a 5000",
        "error a",
        "error a",
      ]);

      expect(results).toEqual(["ok", "EINPROGRESS", "nothing", "ok", "OUT ERR HUP", "ETIMEDOUT", "ok"]);
      // From the connect to the event: between them a machine that is busy may make the steps late.
      expect(ms.slice(1, 5).reduce((sum, one) => sum + one, 0)).toBeGreaterThanOrEqual(990);
      expect(blockedIn(lines)).toHaveLength(1);
    });

    onStage().test(`a hang is pending until the descriptor is closed, ${name}`, async () => {
      const { results, lines } = await take(stage, hang, [
        `socket a ${family} tcp nonblock`,
        `connect a ${address}`,
        "poll a 1500",
        `connect a ${address}`,
        "error a",
        "close a",
        // It has the number of the one that was closed.
        "socket a 4 tcp",
        `connect a ${allowed}`,
      ]);

      expect(results).toEqual(["ok", "EINPROGRESS", "nothing", "EALREADY", "ok", "ok", "ok", "ok"]);
      expect(blockedIn(lines)).toHaveLength(1);
    });
  }

  onStage().test("a second connect while the first is pending is answered by the kernel", async () => {
    const { results, lines } = await take(stage, timeout, [
      "socket a 4 tcp nonblock",
      `connect a ${four}`,
      `connect a ${four}`,
      `connect a ${allowed}`,
      "poll a 5000",
      "error a",
    ]);

    expect(results).toEqual(["ok", "EINPROGRESS", "EALREADY", "EALREADY", "OUT ERR HUP", "ETIMEDOUT"]);
    expect(blockedIn(lines)).toHaveLength(1);
  });
});

describe.concurrent("on a socket that blocks,", () => {
  onStage().test("a hang ends with the limit of the socket, as the kernel has it", async () => {
    const { results, ms } = await take(stage, hang, [
      "socket a 4 tcp",
      "option a sndtimeo 300",
      `connect a ${four}`,
      `connect a ${four}`,
      "close a",
    ]);

    expect(results).toEqual(["ok", "ok", "EINPROGRESS", "EALREADY", "ok"]);
    expect(ms[2]).toBeGreaterThanOrEqual(290);
    expect(ms[3]).toBeGreaterThanOrEqual(290);
  });

  onStage().test("a signal interrupts a hang", async () => {
    const { results } = await take(stage, hang, [
      "socket a 4 tcp",
      // Long enough for the next step to be waiting by then.
      "alarm 1500",
      `connect a ${four}`,
      "option a sndtimeo 100",
      `connect a ${four}`,
    ]);

    expect(results).toEqual(["ok", "ok", "EINTR", "ok", "EALREADY"]);
  });

  onStage().test("a socket can be used again after it was refused", async () => {
    const { results, lines } = await take(stage, refuse, [
      "socket a 4 tcp",
      `connect a ${four}`,
      `connect a ${four}`,
      `connect a ${allowed}`,
      `connect a ${four}`,
    ]);

    expect(results).toEqual(["ok", "ECONNREFUSED", "ECONNREFUSED", "ok", "EISCONN"]);
    expect(lines.map((line) => (line.kind === "blocked" ? line.n : line.kind))).toEqual(["armed", 1, 2]);
  });

  onStage().test("a socket can be used again after it timed out", async () => {
    const { results } = await take(stage, timeout, [
      "socket a 4 tcp",
      `connect a ${four}`,
      `connect a ${four}`,
      `connect a ${allowed}`,
    ]);

    expect(results).toEqual(["ok", "ETIMEDOUT", "ETIMEDOUT", "ok"]);
  });
});

describe.concurrent("TCP fast open is a connect, too:", () => {
  for (const how of ["sendto", "sendmsg", "sendmmsg"]) {
    onStage().test(how, async () => {
      const open = (address: string) => ["socket a 4 tcp", `fastopen a ${how} ${address}`];
      const pending = ["socket a 6 tcp nonblock", `fastopen a ${how} ${six}`, "poll a 5000", "error a"];
      const [refused, timedOut, hung] = await Promise.all([
        take(stage, refuse, [...open(four), ...open(allowed)]),
        take(stage, timeout, [...open(four), ...pending, ...open(allowed)]),
        take(stage, hang, ["socket a 4 tcp", "option a sndtimeo 200", `fastopen a ${how} ${four}`]),
      ]);

      expect(refused.results).toEqual(["ok", "ECONNREFUSED", "ok", "ok"]);
      expect(timedOut.results).toEqual(
        [["ok", "ETIMEDOUT", "ok", "EINPROGRESS", "OUT ERR HUP", "ETIMEDOUT", "ok", "ok"]].flat(),
      );
      expect(hung.results).toEqual(["ok", "ok", "EINPROGRESS"]);
      expect([refused, timedOut, hung].map(({ lines }) => blockedIn(lines).length)).toEqual([1, 2, 1]);
    });
  }

  onStage().test("TCP_FASTOPEN_CONNECT", async () => {
    const open = (address: string) => [
      "socket a 4 tcp",
      "option a fastopen-connect 1",
      `connect a ${address}`,
    ];
    const refused = await take(stage, refuse, [...open(four), ...open(allowed)]);
    // With a cookie for the address that it is led to, the kernel would say at once that it has connected.
    const timedOut = await take(stage, timeout, ["fastopen-cookie", ...open(four), ...open(allowed)]);

    expect(refused.results).toEqual(["ok", "ok", "ECONNREFUSED", "ok", "ok", "ok"]);
    expect(timedOut.results).toEqual(["ok", "ok", "ok", "ETIMEDOUT", "ok", "ok", "ok"]);
  });
});

describe.concurrent("Multipath TCP is TCP, too:", () => {
  onStage("mptcp").test("refuse", async () => {
    const steps = ["socket a 4 mptcp", `connect a ${four}`, "socket a 4 mptcp", `connect a ${allowed}`];
    const { results, lines } = await take(stage, refuse, steps);

    expect(results).toEqual(["ok", "ECONNREFUSED", "ok", "ok"]);
    expect(blockedIn(lines)).toEqual(["10.99.0.2:8080 by 10.99.0.2"]);
  });

  onStage("mptcp").test("timeout and hang, which last as long as the kernel waits", async () => {
    const steps = ["socket a 4 mptcp nonblock", `connect a ${four}`, "poll a 1500"];
    for (const env of [timeout, hang]) {
      const { results, lines } = await take(stage, env, steps);
      expect(results).toEqual(["ok", "EINPROGRESS", "nothing"]);
      expect(blockedIn(lines)).toEqual(["10.99.0.2:8080 by 10.99.0.2"]);
    }
  });
});

onStage().test("what is allowed goes as it would without the interceptor, down to errno", async () => {
  const steps = [
    connects(allowed, "[2001:db8:99::1]:8080", "10.99.0.1:9", "[2001:db8:99::1]:9", "unix:/nothing/here"),
    ["socket a 4 tcp", `connect a [2001:db8:99::1]:8080`, `connect a ${allowed}`, `connect a ${allowed}`],
    ["socket b 4 udp", `connect b ${allowed}`, "close b", `connect b ${allowed}`],
    ["socket c 6 tcp", "connect c [2001:db8:98::1]:80", `fastopen c sendto ${allowed}`],
  ].flat();
  const plain = await take(stage, {}, steps);

  expect(plain.lines).toEqual([]);
  expect(plain.results).toContain("ok");
  for (const env of [refuse, timeout, hang, { LD_PRELOAD: refuse["LD_PRELOAD"] ?? "" }]) {
    expect((await take(stage, env, steps)).results).toEqual(plain.results);
  }
});
