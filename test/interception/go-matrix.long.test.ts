import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { behaviors } from "../../packages/interceptor/src/index.ts";
import { needsAll } from "../support/needs.ts";
import { deepGoClients, type GoClient, goClients, releases } from "./go-builds.ts";
import { type GoRow, goKeyOf, readGoPage, renderGoPage } from "./go-page.ts";
import type { Program } from "./program.ts";
import { openStage, type Stage } from "./stage.ts";
import { type Connection, configurationOf, expectOutcomes, expectTimes, tryClient } from "./trial.ts";

const page = join(import.meta.dirname, "../../docs/go-matrix.md");

const free = (target: string): Connection => ({ target, by: null, to: [] });
const blocked = (target: string, by: string, ...to: readonly string[]): Connection => ({
  target,
  by,
  to: to.length === 0 ? [target] : to,
});

const targets = [
  "db.blocked.test",
  "*.wild.test",
  "real.test",
  "db6.blocked.test",
  "long.blocked.test",
  "port.blocked.test:8081",
  "10.99.1.0/29",
  "10.99.0.21:8081",
  "2001:db8:99::20",
];

/** What every program connects to, in this order: by name, suffix, alias, AAAA, an answer cut short, port, range and address. */
const connections: readonly Connection[] = [
  free("ok.test:8080"),
  free("ok6.test:8080"),
  blocked("db.blocked.test:8080", "db.blocked.test", "10.99.0.2:8080"),
  blocked("a.wild.test:8080", "*.wild.test", "10.99.0.8:8080"),
  free("wild.test:8080"),
  blocked("alias.test:8080", "real.test", "10.99.0.9:8080"),
  blocked("db6.blocked.test:8080", "db6.blocked.test", "[2001:db8:99::2]:8080"),
  blocked("long.blocked.test:8080", "long.blocked.test", "10.99.0.15:8080"),
  free("port.blocked.test:8080"),
  blocked("port.blocked.test:8081", "port.blocked.test:8081", "10.99.0.4:8081"),
  blocked("10.99.1.7:8080", "10.99.1.0/29"),
  free("10.99.1.8:8080"),
  free("10.99.0.21:8080"),
  blocked("10.99.0.21:8081", "10.99.0.21:8081"),
  blocked("[2001:db8:99::20]:8080", "2001:db8:99::20"),
  free("[2001:db8:99::21]:8080"),
];

const all: readonly Connection[] = [
  blocked("ok.test:8080", "*", "10.99.0.1:8080"),
  blocked("[2001:db8:99::21]:8081", "*"),
  free("10.99.0.3:8080"),
  blocked("10.99.0.3:8081", "*"),
  free("127.0.0.1:8080"),
];

const every = [...goClients, ...deepGoClients];
const tried = process.env["UNPLUG_DEEP"] === "1" ? every : goClients;
const rows = new Map<string, GoRow>();
let stage: Stage;
/** One after the other: each takes all of the processors. */
let built: Promise<unknown> = Promise.resolve();

beforeAll(async () => {
  stage = await openStage();
});

afterAll(() => stage.close());

describe.concurrent("a Go program with the hook in it is blocked, and let through:", () => {
  for (const { client, go } of tried) {
    const { test } = needsAll("x86-64", "namespaces", "dnsmasq", ...client.needs);
    test(`Go ${releases[go]}, ${client.architecture}, ${client.way}, ${client.name}`, async () => {
      const program = await builtInTurn(client);
      const told = behaviors.map(async (behavior) => {
        const configuration = configurationOf(behavior, targets);
        const seen = await tryClient(stage, [client, program], connections, [behavior, configuration]);
        const outcome = client.outcomes?.[behavior] ?? "";
        expectOutcomes(seen, connections, ({ by }) => (by === null ? "connected" : outcome));
        expectTimes(seen, connections, client, behavior);
      });
      await Promise.all([...told, isInert(client, program), blocksAll(client, program)]);
      note({ client, go }, program.version);
    }, 1_800_000); // Go's library is built once for each way to build.
  }
});

type Parts = Parameters<typeof tryClient>[1];

function builtInTurn(client: GoClient["client"]): Promise<Program> {
  const program = built.then(() => client.program());
  built = program.catch(() => undefined);
  return program;
}

async function isInert(...parts: Parts): Promise<void> {
  const unblocked = connections.map(({ target }) => free(target));
  const seen = await tryClient(stage, parts, unblocked, [null, null]);
  expectOutcomes(seen, unblocked, () => "connected");
  expect(seen.stderr).not.toContain("unplug:");
}

async function blocksAll(...parts: Parts): Promise<void> {
  const configuration = configurationOf("refuse", [], ["exempt=10.99.0.3:8080"]);
  const seen = await tryClient(stage, parts, all, ["refuse", configuration]);
  expectOutcomes(seen, all, ({ by }) => (by === null ? "connected" : "connection refused"));
}

function note({ client }: Pick<GoClient, "client" | "go">, version: string): void {
  const { name, way, architecture, outcomes } = client;
  if (outcomes === null) return;
  const row = { version, architecture, name, way, ...outcomes };
  rows.set(goKeyOf(row), row);
}

const { test: onStage } = needsAll(
  "x86-64",
  "namespaces",
  "dnsmasq",
  "go",
  "newest-go",
  "gcc",
  "arm64-gcc",
  "qemu-arm64",
);

onStage("is what docs/go-matrix.md says", () => {
  const text = existsSync(page) ? readFileSync(page, "utf8") : "";
  const committed = readGoPage(text);
  const now = every.flatMap(({ client, go }) => {
    const found = [...rows.values()].find((row) => isOf(row, { client, go }));
    return found ?? committed.filter((row) => isOf(row, { client, go }));
  });
  if (process.env["UNPLUG_WRITE_MATRIX"] === "1") writeFileSync(page, renderGoPage(now));
  else expect(text, "to write the page anew: UNPLUG_WRITE_MATRIX=1").toBe(renderGoPage(now));
});

function isOf(row: GoRow, { client, go }: Pick<GoClient, "client" | "go">): boolean {
  return (
    row.name === client.name &&
    row.way === client.way &&
    row.architecture === client.architecture &&
    row.version === releases[go]
  );
}
