import { spawn } from "node:child_process";
import { afterAll, beforeAll, expect } from "vitest";
import { namespaceOptions } from "../../../../../test/support/namespaces.ts";
import { needs } from "../../../../../test/support/needs.ts";
import { bin } from "./exec-for-test.ts";
import { ADDRESS, type NetworkLab, networkLab, summaryOf } from "./exec-network-for-test.ts";

/** Connects so many times, one after the other, and prints what comes of each. */
const CLIENT = `
const net = require("net");
const connect = (left) => {
  const began = Date.now();
  const next = (what) => { console.log(what); if (left > 1) connect(left - 1); };
  net.connect(PORT, "${ADDRESS}").on("connect", function () { this.destroy(); next("connected"); })
    .on("error", (error) => next(error.code + (Date.now() - began >= 900 ? " late" : "")));
};
connect(TIMES);
`;

const namespaces = needs("namespaces");
let lab: NetworkLab;

beforeAll(() => {
  lab = networkLab();
});

afterAll(() => lab.close());

const outcome = (...all: Parameters<NetworkLab["outcome"]>) => lab.outcome(...all);
const client = (times: number) => ["--", process.execPath, "-e", CLIENT.replace("TIMES", String(times))];

namespaces.test("refuses what is named and says how often", async (unshare) => {
  const ended = await outcome(unshare, ["exec", "--block", `${ADDRESS}:PORT`, ...client(3)]);

  expect(ended).toMatchObject({ code: 0, out: "ECONNREFUSED\n".repeat(3) });
  expect(summaryOf(ended)).toBe(`unplug: blocked 3 connects to ${ADDRESS}:PORT; 0 other connects passed`);
});

namespaces.test("leaves alone what is not", async (unshare) => {
  const ended = await outcome(unshare, ["exec", "--block", `${ADDRESS}:9`, ...client(2)]);

  expect(ended.out).toBe("connected\n".repeat(2));
  expect(summaryOf(ended)).toBe(`unplug: blocked no connect to ${ADDRESS}:9; 2 other connects passed`);
});

namespaces.test("blocks everything when nothing is named, as *", async (unshare) => {
  for (const args of [[], ["--block", "*"]]) {
    const ended = await outcome(unshare, ["exec", ...args, ...client(1)]);

    expect(ended.out).toBe("ECONNREFUSED\n");
    expect(summaryOf(ended)).toBe(
      "unplug: blocked 1 connect (all outbound TCP but loopback); 0 other connects passed",
    );
  }
});

namespaces.test("lets connects time out", async (unshare) => {
  const timeout = ["--behavior", "timeout", "--timeout-ms", "1000"];
  const ended = await outcome(unshare, ["exec", "--block", ADDRESS, ...timeout, ...client(1)]);

  expect(ended.out).toBe("ETIMEDOUT late\n");
});

namespaces.test("blocks a part, the same one with the same seed", async (unshare) => {
  const half = ["exec", "--percentage", "50", "--seed", "7", ...client(20)];
  const [first, second] = [await outcome(unshare, half), await outcome(unshare, half)];
  const blocked = first.out.split("\n").filter((line) => line === "ECONNREFUSED").length;

  expect(first.out).toContain("connected");
  expect(blocked).toBeGreaterThan(0);
  expect(second.out).toBe(first.out);
  expect(summaryOf(first)).toBe(
    `unplug: blocked ${blocked} connect${blocked === 1 ? "" : "s"} (all outbound TCP but loopback); ${20 - blocked} more let through by --percentage 50 (--seed 7); 0 other connects passed`,
  );
});

namespaces.test(
  "blocks by the last of 4000 targets, also where nothing is loaded from TMPDIR",
  async (unshare) => {
    const targets = Array.from({ length: 3999 }, (_, index) => `*.zone-${index}.internal.example.com:5432`);
    const lists = [targets.slice(0, 2000), targets.slice(2000), [ADDRESS]].flatMap((list) => [
      "--block",
      list.join(),
    ]);
    for (const before of ["true", `mount -t tmpfs -o noexec none "${lab.folder}/tmp"`]) {
      const ended = await outcome(unshare, ["exec", ...lists, ...client(1)], before);

      expect(ended.out).toBe("ECONNREFUSED\n");
      expect(summaryOf(ended)).toBe(`unplug: blocked 1 connect to ${ADDRESS}; 0 other connects passed`);
    }
  },
);

namespaces.test("goes elsewhere from a full TMPDIR", async (unshare) => {
  const full = `mount -t tmpfs -o size=64k none "${lab.folder}/tmp" && { head -c 1000000 /dev/zero > "${lab.folder}/tmp/full" 2>&1 || true; }`;
  const ended = await outcome(unshare, ["exec", "--block", ADDRESS, ...client(1)], full);

  expect(ended.out).toBe("ECONNREFUSED\n");
  expect(summaryOf(ended)).toBe(`unplug: blocked 1 connect to ${ADDRESS}; 0 other connects passed`);
});

namespaces.test("lets everything pass when the time is over, and says so", async (unshare) => {
  const until = `
    const net = require("net");
    const connect = () => net.connect(PORT, "${ADDRESS}").on("connect", () => process.exit(5)).on("error", () => setTimeout(connect, 50));
    connect();`;
  // It runs from before the program starts, which takes its time on a machine that is busy.
  const ended = await outcome(unshare, ["exec", "--for", "4s", "--", process.execPath, "-e", until]);

  expect(ended).toMatchObject({ code: 5, err: expect.stringContaining(": connects are refused, for 4 s\n") });
  expect(summaryOf(ended)).toBe("unplug: the blocking ended after 4 s (--for); what came later passed");
  expect(ended.err).toMatch(
    /^unplug: blocked [1-9]\d* connects? \(all outbound TCP but loopback\); 1 other connect passed$/m,
  );
});

namespaces.test("knows the address of a name also where the program does not ask for it", async (unshare) => {
  const hosts = `printf '${ADDRESS} db.internal\\n127.0.0.1 near.internal\\n' > "${lab.folder}/hosts" && mount --bind "${lab.folder}/hosts" /etc/hosts`;
  const names = "db.internal,near.internal,gone.invalid";
  const ended = await outcome(unshare, ["exec", "--block", names, ...client(1)], hosts);

  expect(ended.out).toBe("ECONNREFUSED\n");
  expect(summaryOf(ended)).toBe("unplug: blocked 1 connect to db.internal; 0 other connects passed");
  expect(ended.err).toContain(
    "unplug: warning: near.internal has no address here but loopback or link-local ones",
  );
  expect(ended.err).toContain(
    "\nunplug: gone.invalid could not be resolved: only the program's own look-ups",
  );
});

namespaces.test(
  "a silent name server holds neither the start nor the end of the program for long",
  async (unshare) => {
    const silent = `printf 'nameserver ${ADDRESS}\\n' > "${lab.folder}/resolv.conf" && mount --bind "${lab.folder}/resolv.conf" /etc/resolv.conf`;
    // To ask for all of them, a second for each, takes longer than is waited for here.
    const names = Array.from({ length: 400 }, (_, index) => `h${index}.internal`);
    const ended = await outcome(unshare, ["exec", "--quiet", "--block", names.join(), "true"], silent);

    expect(ended).toMatchObject({ code: 0, err: "" });
  },
);

namespaces.test(
  "as the first process of a container, which signals do not end, it says by its code how it ended",
  async (unshare) => {
    const command = [process.execPath, bin, "exec", "--quiet", "sh", "-c", "kill -TERM $$"];
    const child = spawn(unshare, [...namespaceOptions, ...command], { stdio: "ignore", timeout: 60_000 });
    const code = await new Promise((resolve) => child.once("close", resolve));

    expect(code).toBe(143);
  },
);
