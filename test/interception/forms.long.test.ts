import { afterAll, beforeAll, describe, expect } from "vitest";
import { type Behavior, behaviors } from "../../packages/interceptor/src/index.ts";
import { needsAll } from "../support/needs.ts";
import type { Client } from "./client.ts";
import { compiledClients } from "./compiled-clients.ts";
import { interpretedClients } from "./interpreted-clients.ts";
import { openStage, type Stage } from "./stage.ts";
import { type Connection, configurationOf, expectOutcomes, expectTimes, tryClient } from "./trial.ts";

/** Every form of a target, spelled as people do. No two of them mean the same address. */
const targets = [
  "DB.Blocked.Test.",
  "hosts.blocked.test",
  "db6.blocked.test",
  "both.blocked.test",
  "rotate.blocked.test",
  "*.wild.test",
  "real.test",
  "end.test",
  "port.blocked.test:8081",
  "ahead.test",
  "10.99.0.20",
  "10.99.0.21:8081",
  "10.99.1.0/29",
  "2001:db8:99::20",
  "[2001:db8:99::22]:8081",
  "2001:db8:99:1::/64",
];

const rotating = ["10.99.0.31:8080", "10.99.0.32:8080", "10.99.0.33:8080"];

const free = (target: string): Connection => ({ target, by: null, to: [] });
const blocked = (target: string, by: string, ...to: readonly string[]): Connection => ({
  target,
  by,
  to: to.length === 0 ? [target] : to,
});

/** In one process, in this order: an address is known from its name only once that has been looked up. */
const connections: readonly Connection[] = [
  free("ok.test:8080"),
  free("10.99.0.7:8080"),
  blocked("db.blocked.test:8080", "db.blocked.test.", "10.99.0.2:8080"),
  blocked("DB.blocked.TEST:8081", "db.blocked.test.", "10.99.0.2:8081"),
  blocked("10.99.0.2:8080", "db.blocked.test."),
  blocked("hosts.blocked.test:8080", "hosts.blocked.test", "10.99.0.12:8080"),
  free("hosts.ok.test:8080"),
  blocked("db6.blocked.test:8080", "db6.blocked.test", "[2001:db8:99::2]:8080"),
  free("ok6.test:8080"),
  blocked("a.wild.test:8080", "*.wild.test", "10.99.0.8:8080"),
  blocked("a.b.wild.test:8080", "*.wild.test", "10.99.0.11:8080"),
  free("wild.test:8080"),
  blocked("alias.test:8080", "real.test", "10.99.0.9:8080"),
  blocked("start.test:8080", "end.test", "10.99.0.10:8080"),
  free("port.blocked.test:8080"),
  blocked("port.blocked.test:8081", "port.blocked.test:8081", "10.99.0.4:8081"),
  blocked("10.99.0.5:8080", "ahead.test"),
  blocked("10.99.0.20:8080", "10.99.0.20"),
  blocked("[::ffff:10.99.0.20]:8080", "10.99.0.20", "10.99.0.20:8080"),
  free("10.99.0.21:8080"),
  blocked("10.99.0.21:8081", "10.99.0.21:8081"),
  blocked("10.99.1.7:8080", "10.99.1.0/29"),
  free("10.99.1.8:8080"),
  blocked("[2001:db8:99::20]:8080", "2001:db8:99::20"),
  free("[2001:db8:99::22]:8080"),
  blocked("[2001:db8:99::22]:8081", "[2001:db8:99::22]:8081"),
  blocked("[2001:db8:99:1::3]:8080", "2001:db8:99:1::/64"),
  free("[2001:db8:99::23]:8080"),
  free("127.0.0.1:8080"),
  free("[::1]:8080"),
];

/** Names of several addresses: each of them is blocked, and a program may try all. */
const several: readonly Connection[] = [
  blocked("both.blocked.test:8080", "both.blocked.test", "10.99.0.6:8080", "[2001:db8:99::6]:8080"),
  ...rotating.map(() => blocked("rotate.blocked.test:8080", "rotate.blocked.test", ...rotating)),
];

const all = [...interpretedClients, ...compiledClients].filter(
  ({ architecture }) => architecture === "x86_64",
);
const wanted = [
  ["Node.js", "net", "glibc"],
  ["C", "blocking,getaddrinfo", "glibc"],
  ["C", "blocking,getaddrinfo", "musl"],
] as const;
const clients = wanted.map(([name, how, libc]) => found(all, name, how, libc));

function found(among: readonly Client[], name: string, how: string, libc: string): Client {
  const client = among.find((one) => one.name === name && one.how === how && one.libc === libc);
  if (client === undefined) throw new Error(`There is no client ${name} ${how} of ${libc} any more.`);
  return client;
}

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
});

afterAll(() => stage.close());

function declare(client: Client, name: string, run: () => Promise<void>): void {
  const { test } = needsAll("x86-64", "namespaces", "dnsmasq", ...client.needs);
  test(`${client.name}, ${client.way}, ${client.libc}: ${name}`, run, 300_000);
}

/** What a client reports when each of several addresses has failed. */
function severalOutcome({ name, outcomes }: Client, behavior: Behavior): string {
  const one = outcomes?.[behavior] ?? "";
  return name === "Node.js" && behavior !== "hang" ? `AggregateError ${one}` : one;
}

describe.concurrent("blocks by every form of a target, and nothing else", () => {
  for (const client of clients) {
    for (const behavior of behaviors) {
      const outcome = client.outcomes?.[behavior] ?? "";
      const configuration = configurationOf(behavior, targets, ["known=ahead.test 10.99.0.5"]);
      declare(client, behavior, async () => {
        const program = await client.program();
        const seen = await tryClient(stage, [client, program], connections, [behavior, configuration]);

        expectOutcomes(seen, connections, ({ by }) => (by === null ? "connected" : outcome));
        expectTimes(seen, connections, client, behavior);
      });
      declare(client, `${behavior}, several addresses`, async () => {
        const program = await client.program();
        const seen = await tryClient(stage, [client, program], several, [behavior, configuration]);

        expectOutcomes(seen, several, () => severalOutcome(client, behavior));
        expectTimes(seen, several, client, behavior);
        const turned = seen.blocked.filter(({ to }) => rotating.includes(to));
        expect(turned.length, seen.stderr).toBeGreaterThan(1);
      });
    }
    declare(client, "lets all of them through without the interceptor", async () => {
      const program = await client.program();
      const unblocked = [...connections, ...several].map(({ target }) => free(target));
      const seen = await tryClient(stage, [client, program], unblocked, [null, null]);

      expectOutcomes(seen, unblocked, () => "connected");
    });
    declare(client, "blocks all but loopback when no target is named", async () => {
      const program = await client.program();
      const asked = [
        blocked("ok.test:8080", "*", "10.99.0.1:8080"),
        blocked("[2001:db8:99::3]:8081", "*"),
        free("127.0.0.1:8080"),
        free("[::1]:8081"),
        free("10.99.0.3:8080"),
        blocked("10.99.0.3:8081", "*"),
      ];
      const configuration = configurationOf("refuse", [], ["exempt=10.99.0.3:8080"]);
      const seen = await tryClient(stage, [client, program], asked, ["refuse", configuration]);

      expectOutcomes(seen, asked, ({ by }) => (by === null ? "connected" : "ECONNREFUSED"));
    });
  }
});

describe.concurrent("a program that asks the DNS server itself", () => {
  const client = found(all, "Node.js", "resolve", "glibc");
  for (const behavior of behaviors) {
    declare(client, `is blocked by the names in the answers, ${behavior}`, async () => {
      const asked = [
        free("ok.test:8080"),
        blocked("db.blocked.test:8080", "db.blocked.test.", "10.99.0.2:8080"),
        blocked("db6.blocked.test:8080", "db6.blocked.test", "[2001:db8:99::2]:8080"),
        blocked("a.b.wild.test:8080", "*.wild.test", "10.99.0.11:8080"),
        free("wild.test:8080"),
        blocked("alias.test:8080", "real.test", "10.99.0.9:8080"),
        blocked("start.test:8080", "end.test", "10.99.0.10:8080"),
        blocked("start2.test:8080", "middle2.test", "10.99.0.14:8080"),
        blocked("rotate.blocked.test:8080", "rotate.blocked.test", ...rotating),
      ];
      const program = await client.program();
      const configuration = configurationOf(behavior, [...targets, "middle2.test"]);
      const seen = await tryClient(stage, [client, program], asked, [behavior, configuration]);

      expectOutcomes(seen, asked, ({ by }) =>
        by === null ? "connected" : (client.outcomes?.[behavior] ?? ""),
      );
      expectTimes(seen, asked, client, behavior);
    });
  }
});
